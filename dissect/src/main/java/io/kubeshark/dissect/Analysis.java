package io.kubeshark.dissect;

import io.kubeshark.core.Anomaly;
import io.kubeshark.core.ByteCursor;
import io.kubeshark.core.Connection;
import io.kubeshark.core.Direction;
import io.kubeshark.core.LedgerCode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One connection on its way from bytes to entries.
 *
 * <pre>
 *   RECOGNIZING --match--> DISSECTING --handed over--> RECOGNIZING
 *        | nothing matched        | gave up, failed
 *        v                        v
 *      OPAQUE <-------------------+
 * </pre>
 *
 * Each byte handed over is booked exactly once: as MESSAGES when a dissector consumed it, else under the reason why not.
 */
final class Analysis implements MessageSink, InOrderPairing.Emitter {
  /** First bytes of a direction that recognisers may ask for. */
  private static final int RECOGNIZE_BYTES_MAX = 4 << 10;
  /** Bytes that each direction of a stream joined in the middle may skip until a message begins. */
  private static final int SEARCH_BYTES_MAX = 256 << 10;
  private static final long SEARCH_BYTES_TOTAL_MAX = 64L << 20;
  /** Kept while searching a boundary, as one may straddle two segments. */
  private static final int BOUNDARY_BYTES_MAX = 15;
  /** Calls in a row in which a dissector may change its state without moving; more is a bug. */
  private static final int IDLE_CALLS_MAX = 4;
  private static final int REPRODUCER_BYTES_MAX = 64 << 10;
  private static final int PROTOCOLS_MAX = 4;
  private static final byte[] NOTHING = {};

  private enum State {
    RECOGNIZING, DISSECTING, OPAQUE
  }

  private final Runner runner;
  private final Connection connection;
  private final Side[] sides = {new Side(), new Side()};
  /** The thread's: between calls it holds nothing of this connection. */
  private final ByteCursor cursor;
  private final List<String> detected = new ArrayList<>(1);
  private final boolean endsInDoubt;
  private State state = State.RECOGNIZING;
  private LedgerCode opaqueCode = LedgerCode.UNKNOWN_PROTOCOL;
  private List<Protocol> candidates;
  private byte[] protocolId;
  private Dissector dissector;
  private InOrderPairing inOrder;
  private KeyedPairing keyed;
  private int index;
  private int exchanges;
  /** Skipped while nothing was recognised yet. */
  private long skipped;
  private String handOver;
  /** While a dissector runs: whose bytes, and the stream position of array index 0. */
  private Side parsing;
  private long originPosition;
  /** While a dissector is told of a hole: its length. */
  private long hole;
  private int needed;
  /** Index in the cursor's array up to which {@link Side#dissected} counts. */
  private int parseStart;
  /** Index up to which messages were ended in this call of the dissector. */
  private int endedAt;

  Analysis(Runner runner, Connection connection) {
    this.runner = runner;
    this.connection = connection;
    this.endsInDoubt = connection.midStream; // a hole later on does not change who opened it
    this.cursor = runner.cursor;
  }

  List<String> detected() {
    return detected;
  }

  int nextIndex() {
    return index;
  }

  int takeIndex() {
    return index++;
  }

  /** Entries of exchanges so far. */
  int exchanges() {
    return exchanges;
  }

  // --- from reassembly ---

  void data(int end, byte[] array, int offset, int length, long position, long peerPosition, long timeNs) {
    if (state == State.OPAQUE) {
      book(opaqueCode, length);
      return;
    }
    Side side = sides[end];
    side.segment(position, peerPosition, timeNs);
    if (side.waitingLength == 0) {
      side.parsedUpTo(position);
      cursor.wrap(array, offset, length);
    } else {
      if (!append(side, array, offset, length)) {
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
    if (state == State.OPAQUE) return;
    if (state == State.RECOGNIZING) {
      skipped += side.waitingLength;
      drop(side, LedgerCode.RESYNC);
      connection.midStream = true;
    } else if (!side.searching) {
      boolean whole = side.waitingLength == 0;
      drop(side, LedgerCode.INCOMPLETE);
      Direction sender = connection.direction(end);
      side.segment(position, -1, timeNs);
      // Unparsed bytes before the hole are the beginning of something that will never be whole: nothing can absorb that.
      Dissector.GapOutcome outcome = guardedGap(side, sender, length, whole);
      if (outcome == Dissector.GapOutcome.RESYNC) lostTrack(side, sender);
      else if (outcome == Dissector.GapOutcome.GIVE_UP) giveUp(LedgerCode.UNKNOWN_PROTOCOL);
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
    if (state == State.OPAQUE) {
      book(opaqueCode, length);
      return;
    }
    Side side = sides[end];
    side.segment(side.position, -1, timeNs);
    side.parsedUpTo(side.position);
    cursor.wrap(array, offset, length);
    if (state == State.RECOGNIZING && !recognizeDatagram(end)) {
      book(opaqueCode, length);
      return;
    }
    Dissector.Outcome outcome = parse(side, connection.direction(end));
    int left = cursor.remaining();
    if (left > 0) book(state == State.OPAQUE ? opaqueCode : wireLength == length ? LedgerCode.MALFORMED : LedgerCode.INCOMPLETE, left);
    side.position += left;
    if (outcome == Dissector.Outcome.GIVE_UP) giveUp(LedgerCode.MALFORMED);
  }

  void end(int end, long timeNs) {
    Side side = sides[end];
    if (side.ended) return;
    side.ended = true;
    if (state == State.DISSECTING) {
      side.need = 0;
      if (side.waitingLength > 0) {
        cursor.wrap(side.waiting, 0, side.waitingLength);
        advance(side, end);
        keep(side);
      }
      if (state == State.DISSECTING && !side.searching && !side.waitsForPeer) finish(side, end);
      wakePeer(end);
    }
  }

  void close(long timeNs) {
    for (int end = 0; end < 2; end++) end(end, timeNs);
    for (int end = 0; end < 2; end++) {
      Side side = sides[end];
      if (state == State.DISSECTING && side.waitsForPeer) finish(side, end);
      drop(side, state == State.DISSECTING ? side.searching ? LedgerCode.RESYNC : LedgerCode.INCOMPLETE : opaqueCode);
    }
    if (state == State.RECOGNIZING && skipped > 0) runner.rebook(connection, LedgerCode.RESYNC, opaqueCode, skipped);
    settle();
  }

  // --- recognition ---

  private boolean recognize(Side side, int end) {
    if (handOver != null) return recognizeHandedOver();
    if (candidates == null) candidates = runner.protocols().candidates(connection.transport, connection.port[connection.end(Direction.SERVER)]);
    int start = cursor.position();
    boolean more = false;
    // A connection whose beginning was not seen may have its ends the wrong way round. Not after a hand-over: then it has entries.
    int guesses = endsInDoubt && detected.isEmpty() ? 2 : 1;
    for (int guess = 0; guess < guesses; guess++) {
      Direction sender = guess == 0 ? connection.direction(end) : connection.direction(end).opposite();
      for (Protocol protocol : candidates) {
        Protocol.Verdict verdict = ask(protocol, sender);
        cursor.position(start);
        if (verdict == Protocol.Verdict.MATCH) {
          if (guess == 1) connection.clientEnd = 1 - connection.clientEnd;
          if (!open(protocol)) return false;
          if (connection.midStream) for (Side each : sides) each.afterGap = true;
          return true;
        }
        more |= verdict == Protocol.Verdict.NEED_MORE;
      }
    }
    if (more && cursor.remaining() < RECOGNIZE_BYTES_MAX) return false;
    if (connection.midStream && !looksEncrypted() && mayStillBegin()) {
      skipped += cursor.remaining();
      side.skipped += cursor.remaining();
      skip(side, cursor.remaining(), LedgerCode.RESYNC);
      return false;
    }
    giveUp(looksEncrypted() ? LedgerCode.ENCRYPTED : LedgerCode.UNKNOWN_PROTOCOL);
    return false;
  }

  /** A capture that began within a long answer sees nothing else for a while; the next request tells. */
  private boolean mayStillBegin() {
    boolean both = sides[0].skipped >= SEARCH_BYTES_MAX && sides[1].skipped >= SEARCH_BYTES_MAX;
    return !both && skipped < SEARCH_BYTES_TOTAL_MAX;
  }

  private boolean recognizeHandedOver() {
    Protocol next = runner.protocols().byId(handOver);
    if (next != null && next.runsOver(connection.transport)) {
      handOver = null;
      return open(next);
    }
    detected.add(handOver);
    giveUp(LedgerCode.UNKNOWN_PROTOCOL);
    return false;
  }

  private boolean recognizeDatagram(int end) {
    if (candidates == null) candidates = runner.protocols().candidates(connection.transport, connection.port[connection.end(Direction.SERVER)]);
    int start = cursor.position();
    for (int guess = 0; guess < 2; guess++) {
      Direction sender = guess == 0 ? connection.direction(end) : connection.direction(end).opposite();
      for (Protocol protocol : candidates) {
        Protocol.Verdict verdict = ask(protocol, sender);
        cursor.position(start);
        if (verdict != Protocol.Verdict.MATCH) continue;
        if (guess == 1) connection.clientEnd = 1 - connection.clientEnd;
        return open(protocol);
      }
    }
    giveUp(LedgerCode.UNKNOWN_PROTOCOL);
    return false;
  }

  private Protocol.Verdict ask(Protocol protocol, Direction sender) {
    int start = cursor.position();
    try {
      return protocol.recognize(sender, cursor);
    } catch (RuntimeException failure) {
      cursor.position(start);
      runner.failed(protocol.info().id(), connection, failure, reproducer());
      return Protocol.Verdict.REJECT;
    }
  }

  /** A TLS record (RFC 8446 section 5.1): handshake or application data, version 3.x. */
  private boolean looksEncrypted() {
    if (!cursor.has(3)) return false;
    int type = cursor.at(cursor.position());
    return (type == 0x16 || type == 0x17) && cursor.at(cursor.position() + 1) == 3 && cursor.at(cursor.position() + 2) <= 4;
  }

  private boolean open(Protocol protocol) {
    protocolId = protocol.info().id().getBytes(StandardCharsets.US_ASCII);
    if (detected.size() < PROTOCOLS_MAX) detected.add(protocol.info().id());
    try {
      dissector = protocol.open(connection, runner.options());
    } catch (RuntimeException failure) {
      fail(failure, reproducer());
      return false;
    }
    state = State.DISSECTING;
    skipped = 0;
    return true;
  }

  /** From here on nothing of the connection is dissected. */
  private void giveUp(LedgerCode code) {
    if (skipped > 0 && code != LedgerCode.DISSECTOR_FAILED) {
      runner.rebook(connection, LedgerCode.RESYNC, code, skipped);
      skipped = 0;
    }
    state = State.OPAQUE;
    opaqueCode = code;
    settle();
    if (code == LedgerCode.ENCRYPTED && detected.size() < PROTOCOLS_MAX) detected.add("tls");
    runner.opaque(connection, this);
  }

  // --- the loop ---

  /** Parses what the cursor holds as far as it goes. */
  private void advance(Side side, int end) {
    side.waitsForPeer = false;
    side.need = 0;
    while (cursor.remaining() > 0) {
      if (state == State.OPAQUE) {
        skip(side, cursor.remaining(), opaqueCode);
        return;
      }
      if (state == State.RECOGNIZING) {
        if (!recognize(side, end)) {
          if (state == State.OPAQUE) continue;
          return;
        }
        startPeer(end);
      }
      Direction sender = connection.direction(end);
      if (side.searching && !search(side, sender)) {
        if (state == State.OPAQUE) continue; // the dissector failed
        return;
      }
      switch (parse(side, sender)) {
        case CONSUMED -> {}
        case NEED_MORE -> {
          if (state == State.OPAQUE) continue; // the dissector failed
          side.need = Math.max(needed, cursor.remaining() + 1);
          if (side.need <= runner.options().streamBytesMax()) return;
          tooLong(side, sender);
          if (state == State.DISSECTING) return;
        }
        case WAIT_PEER -> {
          side.waitsForPeer = true;
          return;
        }
        case MALFORMED -> {
          skip(side, 1, LedgerCode.MALFORMED);
          lostTrack(side, sender);
        }
        case HANDED_OVER -> {
          settle();
          dissector = null;
          candidates = null;
          state = State.RECOGNIZING;
          for (Side each : sides) {
            each.need = 0;
            each.searching = false;
            each.waitsForPeer = each != side && each.waitingLength > 0;
          }
        }
        case GIVE_UP -> giveUp(LedgerCode.MALFORMED);
      }
    }
  }

  /** One call of the dissector, with its bytes booked. */
  private Dissector.Outcome parse(Side side, Direction sender) {
    for (int idle = 0; idle < IDLE_CALLS_MAX; idle++) {
      int before = cursor.position();
      needed = 0;
      parsing = side;
      parseStart = endedAt = before;
      originPosition = side.position - before;
      Dissector.Outcome outcome;
      try {
        outcome = dissector.parse(sender, cursor, this);
      } catch (RuntimeException failure) {
        // Messages that were ended before it failed are entries: their bytes are dissected.
        cursor.position(before);
        byte[] reproducer = reproducer();
        cursor.position(endedAt);
        consumed(side, before);
        fail(failure, reproducer);
        return Dissector.Outcome.NEED_MORE;
      }
      consumed(side, before);
      if (outcome != Dissector.Outcome.CONSUMED || cursor.position() > before) return outcome;
    }
    fail(new IllegalStateException("the dissector consumes nothing"), reproducer());
    return Dissector.Outcome.NEED_MORE;
  }

  private void consumed(Side side, int before) {
    int consumed = cursor.position() - before;
    if (consumed > 0) {
      book(LedgerCode.MESSAGES, consumed);
      side.dissected += consumed;
      side.parsedUpTo(side.position + consumed);
    }
    parseStart = cursor.position();
    if (side.open != null) runner.accountOpen(side.open);
  }

  private void fail(RuntimeException failure, byte[] reproducer) {
    runner.failed(detected.isEmpty() ? "?" : detected.getLast(), connection, failure, reproducer);
    giveUp(LedgerCode.DISSECTOR_FAILED);
  }

  private byte[] reproducer() {
    return Arrays.copyOfRange(cursor.array(), cursor.position(), Math.min(cursor.limit(), cursor.position() + REPRODUCER_BYTES_MAX));
  }

  private boolean search(Side side, Direction sender) {
    int start = cursor.position();
    int boundary;
    try {
      boundary = dissector.findBoundary(sender, cursor);
    } catch (RuntimeException failure) {
      cursor.position(start);
      fail(failure, reproducer());
      return false;
    }
    cursor.position(start);
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
    if (sender == Direction.SERVER && inOrder != null) inOrder.serverGap();
  }

  /** One message does not fit what may wait of a stream. For the dissector that is a hole. */
  private void tooLong(Side side, Direction sender) {
    guardedGap(side, sender, cursor.remaining(), false);
    if (state == State.OPAQUE) return;
    skip(side, cursor.remaining(), LedgerCode.OVER_BUDGET);
    lostTrack(side, sender);
  }

  private Dissector.GapOutcome guardedGap(Side side, Direction sender, long length, boolean whole) {
    outsideParse(side);
    hole = length;
    try {
      Dissector.GapOutcome outcome = dissector.onGap(sender, length, this);
      return whole || outcome == Dissector.GapOutcome.GIVE_UP ? outcome : Dissector.GapOutcome.RESYNC;
    } catch (RuntimeException failure) {
      fail(failure, NOTHING);
      return Dissector.GapOutcome.ABSORBED;
    } finally {
      hole = 0;
    }
  }

  /** What the dissector ends now ends at the last byte that was parsed. */
  private void outsideParse(Side side) {
    parsing = side;
    parseStart = cursor.position();
    originPosition = side.position - parseStart;
  }

  private void finish(Side side, int end) {
    outsideParse(side);
    try {
      dissector.onEnd(connection.direction(end), this);
    } catch (RuntimeException failure) {
      fail(failure, NOTHING);
    }
  }

  /** Once one direction is recognised, what waits in the other one can go on; first, if it came first. */
  private void startPeer(int end) {
    sides[1 - end].waitsForPeer = sides[1 - end].waitingLength > 0;
    sides[1 - end].need = 0;
  }

  /** What waits for the other direction goes on, as far as it can; as that may be what this one waits for, in turns. */
  private void wakePeer(int end) {
    int idle = 0;
    for (int at = 1 - end; idle < 2 && state != State.OPAQUE; at = 1 - at) {
      idle = wake(sides[at], at) ? 0 : idle + 1;
    }
    if (state == State.OPAQUE) for (Side each : sides) drop(each, opaqueCode);
  }

  /** @return whether it moved */
  private boolean wake(Side side, int end) {
    if (!side.waitsForPeer || side.waitingLength == 0) return false;
    long before = side.position;
    cursor.wrap(side.waiting, 0, side.waitingLength);
    advance(side, end);
    keep(side);
    if (side.ended && state == State.DISSECTING && !side.searching && !side.waitsForPeer) finish(side, end);
    return side.position > before;
  }

  // --- waiting bytes ---

  private boolean append(Side side, byte[] array, int offset, int length) {
    int total = side.waitingLength + length;
    if (side.waiting == null || total > side.waiting.length) {
      byte[] larger = runner.buffers.take(total);
      if (larger == null) return false;
      if (side.waiting != null) {
        System.arraycopy(side.waiting, 0, larger, 0, side.waitingLength);
        runner.buffers.give(side.waiting);
      }
      side.waiting = larger;
    }
    System.arraycopy(array, offset, side.waiting, side.waitingLength, length);
    side.waitingLength = total;
    runner.waits(length);
    return true;
  }

  /** Keeps what the cursor has left. */
  private void keep(Side side) {
    int left = cursor.remaining();
    if (cursor.array() == side.waiting && side.waiting != null) {
      runner.waits(left - side.waitingLength);
      if (left == 0) release(side);
      else if (cursor.position() > 0) System.arraycopy(side.waiting, cursor.position(), side.waiting, 0, left);
      side.waitingLength = left;
    } else if (left > 0) {
      int length = left;
      if (!append(side, cursor.array(), cursor.position(), length)) shed(side, side == sides[0] ? 0 : 1, length);
    }
  }

  /** No memory for bytes that would have to wait. */
  private void shed(Side side, int end, int length) {
    drop(side, LedgerCode.OVER_BUDGET);
    book(LedgerCode.OVER_BUDGET, length);
    if (state == State.DISSECTING) {
      if (!side.searching) guardedGap(side, connection.direction(end), length, false);
      if (state == State.DISSECTING) lostTrack(side, connection.direction(end));
    } else if (state == State.RECOGNIZING) {
      connection.midStream = true;
    }
    side.position += length;
    side.need = 0;
    side.waitsForPeer = false;
  }

  private void drop(Side side, LedgerCode code) {
    if (side.waitingLength == 0) return;
    book(code, side.waitingLength);
    runner.waits(-side.waitingLength);
    side.position += side.waitingLength;
    side.waitingLength = 0;
    release(side);
  }

  private void release(Side side) {
    runner.buffers.give(side.waiting);
    side.waiting = null;
    side.waitingLength = 0;
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

  // --- from dissectors ---

  @Override
  public Message begin(Direction sender, ByteCursor at) {
    if (parsing.open != null) throw new IllegalStateException("a message is begun within another");
    if (runner.overBudget()) shedPairs();
    Message message = runner.take();
    message.reset(sender);
    parsing.open = message;
    message.dissectedBytes = -dissected(at.position());
    message.startPosition = originPosition + at.position();
    message.peerPosition = parsing.peerAt(message.startPosition);
    message.startNs = parsing.timeAt(message.startPosition);
    if (parsing.afterGap) {
      parsing.afterGap = false;
      message.gapBefore = true;
      message.afterGap = true;
      message.anomaly(Anomaly.AFTER_GAP);
    }
    if (sender == Direction.CLIENT && keyed == null) pairing().requestBegins(message);
    return message;
  }

  @Override
  public Message request(Message response) {
    return pairing().find(response);
  }

  @Override
  public void end(Message message, ByteCursor at) {
    close(message, at.position(), 0);
    inOrder(message);
  }

  @Override
  public void end(Message message, ByteCursor at, long key) {
    close(message, at.position(), 0);
    message.key = key;
    if (keyed == null) keyed = new KeyedPairing(this);
    if (message.sender == Direction.CLIENT) {
      if (inOrder != null) inOrder.discard(message);
      keyed.request(message);
    } else {
      keyed.response(message);
    }
  }

  @Override
  public void endOneWay(Message message, ByteCursor at) {
    close(message, at.position(), 0);
    if (inOrder != null) inOrder.discard(message);
    boolean request = message.sender == Direction.CLIENT;
    exchange(request ? message : null, request ? null : message);
  }

  @Override
  public void endIncomplete(Message message) {
    message.incomplete = true;
    message.anomaly(Anomaly.INCOMPLETE_MESSAGE);
    hole = 0;
    endHere(message);
  }

  @Override
  public void endHere(Message message) {
    close(message, cursor.position(), hole);
    inOrder(message);
  }

  @Override
  public void discard(Message message) {
    ended(message, cursor.position());
    message.endPosition = originPosition + cursor.position();
    if (inOrder != null) inOrder.discard(message);
    if (message.gapBefore) parsing.afterGap = true;
    runner.give(message);
  }

  @Override
  public void need(int bytes) {
    needed = bytes;
  }

  @Override
  public void handOver(String protocolId) {
    handOver = protocolId;
  }

  @Override
  public int bodyBytesMax() {
    return runner.bodyBytesMax();
  }

  private void close(Message message, int at, long behind) {
    ended(message, at);
    message.ended = true;
    message.endPosition = originPosition + at + behind;
    message.endNs = parsing.currentNs;
    runner.account(message);
  }

  private void ended(Message message, int at) {
    if (parsing.open != message) throw new IllegalStateException("a message is ended that is not open");
    parsing.open = null;
    endedAt = at;
    message.dissectedBytes += dissected(at);
  }

  /** Bytes of the direction that were dissected up to this index of the cursor's array. */
  private long dissected(int at) {
    return parsing.dissected + at - parseStart;
  }

  /** A message that its dissector cannot end any more: what is known of it is an entry. */
  private void abandon(Side side) {
    Message message = side.open;
    if (message == null) return;
    side.open = null;
    message.fields().dropBody(); // or whatever field was being written
    message.dissectedBytes = Math.max(0, message.dissectedBytes + side.dissected);
    message.ended = true;
    message.incomplete = true;
    message.anomaly(Anomaly.INCOMPLETE_MESSAGE);
    message.endPosition = Math.max(message.startPosition, side.position);
    message.endNs = side.currentNs;
    runner.account(message);
    boolean request = message.sender == Direction.CLIENT;
    if (keyed == null) inOrder(message);
    else exchange(request ? message : null, request ? null : message);
  }

  /** Out of memory for messages: what waits here for its other half goes without. */
  private void shedPairs() {
    boolean reading = sides[0].open != null || sides[1].open != null; // a request that is read is among those that wait
    if (inOrder != null && inOrder.waiting() > 0 && !reading) {
      runner.evicted();
      inOrder.close(sides[connection.end(Direction.CLIENT)].position, sides[connection.end(Direction.SERVER)].position);
    }
    if (keyed != null && keyed.waiting() > 0) {
      runner.evicted();
      keyed.close();
    }
  }

  private void inOrder(Message message) {
    if (message.sender == Direction.CLIENT) pairing().requestEnds(message);
    else pairing().responseEnds(message);
  }

  private InOrderPairing pairing() {
    if (inOrder == null) inOrder = new InOrderPairing(this);
    return inOrder;
  }

  /** All that still waits for its other half goes without. */
  private void settle() {
    for (Side side : sides) abandon(side);
    if (inOrder != null) inOrder.close(sides[connection.end(Direction.CLIENT)].position, sides[connection.end(Direction.SERVER)].position);
    if (keyed != null) keyed.close();
    inOrder = null;
    keyed = null;
  }

  @Override
  public void exchange(Message request, Message response) {
    if (request == null) response.anomaly(Anomaly.UNASKED);
    else if (response == null) request.anomaly(Anomaly.UNANSWERED);
    exchanges++;
    runner.exchange(connection, protocolId, takeIndex(), request, response);
    if (request != null) runner.give(request);
    if (response != null) runner.give(response);
  }

  @Override
  public void evicted() {
    runner.evicted();
  }
}
