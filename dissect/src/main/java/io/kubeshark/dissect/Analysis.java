package io.kubeshark.dissect;

import io.kubeshark.core.ByteCursor;
import io.kubeshark.core.Connection;
import io.kubeshark.core.Direction;
import io.kubeshark.core.LedgerCode;
import java.util.List;

/**
 * One connection on its way from bytes to entries: gives its protocol's dissector what it can read, keeps what must wait for the rest of a
 * message or for the other direction, and finds the way again behind holes.
 *
 * <p>Each byte handed over is booked exactly once: as MESSAGES when a dissector consumed it, else under the reason why not.
 */
final class Analysis {
  /** Kept while searching a boundary, as one may straddle two segments. */
  private static final int BOUNDARY_BYTES_MAX = 15;

  private final Runner runner;
  private final Connection connection;
  private final Side[] sides = {new Side(), new Side()};
  /** The thread's: between calls it holds nothing of this connection. */
  private final ByteCursor cursor;
  private final Exchanges exchanges;
  private final Messages messages;
  private final SpokenProtocol protocol;

  Analysis(Runner runner, Connection connection) {
    this.runner = runner;
    this.connection = connection;
    this.cursor = runner.cursor;
    this.exchanges = new Exchanges(runner, connection, sides);
    this.messages = new Messages(runner, exchanges, sides);
    this.protocol = new SpokenProtocol(runner, connection, messages, exchanges);
  }

  List<String> detected() {
    return protocol.detected();
  }

  Exchanges exchanges() {
    return exchanges;
  }

  // --- from reassembly ---

  void data(int end, byte[] array, int offset, int length, long position, long peerPosition, long timeNs) {
    if (protocol.opaque()) {
      book(protocol.opaqueCode(), length);
      return;
    }
    Side side = sides[end];
    side.segment(position, peerPosition, timeNs);
    if (side.waitingLength == 0) {
      side.parsedUpTo(position);
      cursor.wrap(array, offset, length);
    } else {
      if (!side.append(runner, array, offset, length)) {
        shed(side, end, length);
        wakePeer(end);
        return;
      }
      cursor.wrap(side.waiting, 0, side.waitingLength);
    }
    if (cursor.remaining() >= side.need) advance(side, end);
    keep(side);
    wakePeer(end);
  }

  void gap(int end, long position, long length, long timeNs) {
    Side side = sides[end];
    if (protocol.opaque()) return;
    if (protocol.recognizing()) {
      protocol.recognition().skipBeforeHole(side.waitingLength);
      drop(side, LedgerCode.RESYNC);
      connection.midStream = true;
    } else if (!side.searching) {
      boolean whole = side.waitingLength == 0;
      drop(side, LedgerCode.INCOMPLETE);
      Direction sender = connection.direction(end);
      side.segment(position, -1, timeNs);
      // Unparsed bytes before the hole are the beginning of something that will never be whole: nothing can absorb that.
      Dissector.GapOutcome outcome = protocol.onGap(side, sender, length, whole);
      if (outcome == Dissector.GapOutcome.RESYNC) lostTrack(side, sender);
      else if (outcome == Dissector.GapOutcome.GIVE_UP) protocol.giveUp(LedgerCode.UNKNOWN_PROTOCOL);
    } else {
      drop(side, LedgerCode.RESYNC);
      lostTrack(side, connection.direction(end));
    }
    side.need = 0;
    side.splitPosition = side.position = position + length;
    wakePeer(end);
  }

  void datagram(int end, byte[] array, int offset, int length, int wireLength, long timeNs) {
    if (length == 0) return; // says nothing, and is nothing to book
    if (protocol.opaque()) {
      book(protocol.opaqueCode(), length);
      return;
    }
    Side side = sides[end];
    side.segment(side.position, -1, timeNs);
    side.parsedUpTo(side.position);
    cursor.wrap(array, offset, length);
    if (protocol.recognizing() && !recognizeDatagram(end)) {
      book(protocol.opaqueCode(), length);
      return;
    }
    Dissector.Outcome outcome = protocol.parse(side, connection.direction(end));
    int left = cursor.remaining();
    if (left > 0) book(protocol.opaque() ? protocol.opaqueCode() : wireLength == length ? LedgerCode.MALFORMED : LedgerCode.INCOMPLETE, left);
    side.position += left;
    if (outcome == Dissector.Outcome.GIVE_UP) protocol.giveUp(LedgerCode.MALFORMED);
  }

  void end(int end, long timeNs) {
    Side side = sides[end];
    if (side.ended) return;
    side.ended = true;
    if (protocol.dissecting()) {
      side.need = 0;
      if (side.waitingLength > 0) {
        cursor.wrap(side.waiting, 0, side.waitingLength);
        advance(side, end);
        keep(side);
      }
      if (protocol.dissecting() && !side.searching && !side.waitsForPeer) protocol.onEnd(side, connection.direction(end));
      wakePeer(end);
    }
  }

  void close(long timeNs) {
    for (int end = 0; end < 2; end++) end(end, timeNs);
    for (int end = 0; end < 2; end++) {
      Side side = sides[end];
      if (protocol.dissecting() && side.waitsForPeer) protocol.onEnd(side, connection.direction(end));
      drop(side, protocol.dissecting() ? side.searching ? LedgerCode.RESYNC : LedgerCode.INCOMPLETE : protocol.opaqueCode());
    }
    if (protocol.recognizing()) protocol.recognition().rebookSkipped(protocol.opaqueCode());
    messages.settle();
  }

  // --- recognition ---

  private boolean recognize(Side side, int end) {
    Recognition recognition = protocol.recognition();
    switch (recognition.ask(end)) {
      case MATCH -> {
        if (!protocol.open(recognition.found())) return false;
        if (connection.midStream && recognition.handedOver() == null) for (Side each : sides) each.afterGap = true;
        return true;
      }
      case NEED_MORE -> {}
      case REJECT -> {
        if (recognition.handedOver() != null) {
          protocol.unknown(recognition.handedOver());
        } else if (recognition.mayStillBegin()) {
          recognition.skip(end, cursor.remaining());
          skip(side, cursor.remaining(), LedgerCode.RESYNC);
        } else {
          protocol.giveUp(recognition.code());
        }
      }
    }
    return false;
  }

  /** No other one will tell more. */
  private boolean recognizeDatagram(int end) {
    Recognition recognition = protocol.recognition();
    if (recognition.ask(end) == Protocol.Verdict.MATCH) return protocol.open(recognition.found());
    protocol.giveUp(LedgerCode.UNKNOWN_PROTOCOL);
    return false;
  }

  /** The other protocol's first bytes may have come already, from either end. */
  private void handOver(Side side) {
    protocol.handOver();
    for (Side each : sides) {
      each.need = 0;
      each.searching = false;
      each.waitsForPeer = each != side && each.waitingLength > 0;
    }
  }

  // --- the loop ---

  /** Parses what the cursor holds as far as it goes. */
  private void advance(Side side, int end) {
    side.waitsForPeer = false;
    side.need = 0;
    while (cursor.remaining() > 0) {
      if (protocol.opaque()) {
        skip(side, cursor.remaining(), protocol.opaqueCode());
        return;
      }
      if (protocol.recognizing()) {
        if (!recognize(side, end)) {
          if (protocol.opaque()) continue;
          return;
        }
        startPeer(end);
      }
      Direction sender = connection.direction(end);
      if (side.searching && !search(side, sender)) {
        if (protocol.opaque()) continue; // the dissector failed
        return;
      }
      switch (protocol.parse(side, sender)) {
        case CONSUMED -> {}
        case NEED_MORE -> {
          if (protocol.opaque()) continue; // the dissector failed
          side.need = Math.max(messages.needed(), cursor.remaining() + 1);
          if (side.need <= runner.options().streamBytesMax()) return;
          tooLong(side, sender);
          if (protocol.dissecting()) return;
        }
        case WAIT_PEER -> {
          side.waitsForPeer = true;
          return;
        }
        case MALFORMED -> {
          skip(side, 1, LedgerCode.MALFORMED);
          lostTrack(side, sender);
        }
        case HANDED_OVER -> handOver(side);
        case GIVE_UP -> protocol.giveUp(LedgerCode.MALFORMED);
      }
    }
  }

  private boolean search(Side side, Direction sender) {
    int boundary = protocol.findBoundary(sender);
    if (protocol.opaque()) return false;
    if (boundary < 0) {
      int keep = side.ended ? 0 : Math.min(BOUNDARY_BYTES_MAX, cursor.remaining());
      if (cursor.remaining() > keep) lostTrack(side, sender);
      skip(side, cursor.remaining() - keep, LedgerCode.RESYNC);
      side.need = keep + 1;
      return false;
    }
    // Counting may have begun again meanwhile (a new run of requests); what is skipped now was not counted.
    if (boundary > cursor.position()) lostTrack(side, sender);
    skip(side, boundary - cursor.position(), LedgerCode.RESYNC);
    side.searching = false;
    side.afterGap = true;
    return true;
  }

  /** Where messages of this direction begin is not known any more. */
  private void lostTrack(Side side, Direction sender) {
    side.searching = true;
    side.need = 0;
    if (sender == Direction.SERVER) exchanges.serverGap();
  }

  /** One message does not fit what may wait of a stream. For the dissector that is a hole. */
  private void tooLong(Side side, Direction sender) {
    protocol.onGap(side, sender, cursor.remaining(), false);
    if (protocol.opaque()) return;
    skip(side, cursor.remaining(), LedgerCode.OVER_BUDGET);
    lostTrack(side, sender);
  }

  /** Once one direction is recognised, what waits in the other one can go on; first, if it came first. */
  private void startPeer(int end) {
    sides[1 - end].waitsForPeer = sides[1 - end].waitingLength > 0;
    sides[1 - end].need = 0;
  }

  /** What waits for the other direction goes on, as far as it can; as that may be what this one waits for, in turns. */
  private void wakePeer(int end) {
    int idle = 0;
    for (int at = 1 - end; idle < 2 && !protocol.opaque(); at = 1 - at) {
      idle = wake(sides[at], at) ? 0 : idle + 1;
    }
    if (protocol.opaque()) for (Side each : sides) drop(each, protocol.opaqueCode());
  }

  /** @return whether it moved */
  private boolean wake(Side side, int end) {
    if (!side.waitsForPeer || side.waitingLength == 0) return false;
    long before = side.position;
    cursor.wrap(side.waiting, 0, side.waitingLength);
    advance(side, end);
    keep(side);
    if (side.ended && protocol.dissecting() && !side.searching && !side.waitsForPeer) protocol.onEnd(side, connection.direction(end));
    return side.position > before;
  }

  // --- waiting bytes ---

  /** Keeps what the cursor has left. */
  private void keep(Side side) {
    int left = cursor.remaining();
    if (cursor.array() == side.waiting && side.waiting != null) side.keepLast(runner, cursor.position(), left);
    else if (left > 0 && !side.append(runner, cursor.array(), cursor.position(), left)) shed(side, side == sides[0] ? 0 : 1, left);
  }

  /** No memory for bytes that would have to wait. */
  private void shed(Side side, int end, int length) {
    drop(side, LedgerCode.OVER_BUDGET);
    book(LedgerCode.OVER_BUDGET, length);
    if (protocol.dissecting()) {
      if (!side.searching) protocol.onGap(side, connection.direction(end), length, false);
      if (protocol.dissecting()) lostTrack(side, connection.direction(end));
    } else if (protocol.recognizing()) {
      connection.midStream = true;
    }
    side.position += length;
    side.need = 0;
    side.waitsForPeer = false;
  }

  private void drop(Side side, LedgerCode code) {
    if (side.waitingLength == 0) return;
    book(code, side.waitingLength);
    side.drop(runner);
  }

  private void skip(Side side, int bytes, LedgerCode code) {
    if (bytes == 0) return;
    cursor.skip(bytes);
    book(code, bytes);
    side.parsedUpTo(side.position + bytes);
  }

  private void book(LedgerCode code, long bytes) {
    runner.book(connection, code, bytes);
  }
}
