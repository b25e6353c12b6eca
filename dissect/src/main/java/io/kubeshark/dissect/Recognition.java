package io.kubeshark.dissect;

import io.kubeshark.core.ByteCursor;
import io.kubeshark.core.Connection;
import io.kubeshark.core.Direction;
import io.kubeshark.core.LedgerCode;
import java.util.List;

/**
 * Finds out which protocol begins in a connection: asks each one that it may be, or takes the one to which another handed over. Of no use
 * any more once it is known.
 */
final class Recognition {
  /** First bytes of a direction that recognisers may ask for. */
  private static final int RECOGNIZE_BYTES_MAX = 4 << 10;
  /** Bytes that each direction of a stream joined in the middle may skip until a message begins. */
  private static final int SEARCH_BYTES_MAX = 256 << 10;
  private static final long SEARCH_BYTES_TOTAL_MAX = 64L << 20;

  private final Runner runner;
  private final Connection connection;
  /** The thread's: holds the bytes while one is asked. */
  private final ByteCursor cursor;
  /** Id of the protocol to which the last one handed over; null: whichever is recognised. */
  private final String handedOver;
  private final boolean endsInDoubt;
  private List<Protocol> candidates;
  private Protocol found;
  /** Bytes booked as RESYNC because nothing began in them, and those of them that each end was asked about. */
  private long skipped;
  private long skippedA;
  private long skippedB;

  /** @param endsInDoubt a connection whose beginning was not seen may have its ends the wrong way round: then it is turned */
  Recognition(Runner runner, Connection connection, String handedOver, boolean endsInDoubt) {
    this.runner = runner;
    this.connection = connection;
    this.cursor = runner.cursor;
    this.handedOver = handedOver;
    this.endsInDoubt = endsInDoubt;
  }

  String handedOver() {
    return handedOver;
  }

  /** After MATCH. */
  Protocol found() {
    return found;
  }

  /** What the cursor holds was sent by {@code end}. NEED_MORE only while that is less than recognisers may ask for. */
  Protocol.Verdict ask(int end) {
    return handedOver == null ? askAll(connection.direction(end)) : askForNext();
  }

  private Protocol.Verdict askForNext() {
    found = runner.protocols().byId(handedOver);
    return found != null && found.runsOver(connection.transport) ? Protocol.Verdict.MATCH : Protocol.Verdict.REJECT;
  }

  private Protocol.Verdict askAll(Direction sender) {
    if (candidates == null) candidates = runner.protocols().candidates(connection.transport, connection.port[connection.end(Direction.SERVER)]);
    int start = cursor.position();
    boolean more = false;
    int guesses = endsInDoubt ? 2 : 1;
    for (int guess = 0; guess < guesses; guess++) {
      for (Protocol protocol : candidates) {
        Protocol.Verdict verdict = ask(protocol, guess == 0 ? sender : sender.opposite());
        cursor.position(start);
        if (verdict == Protocol.Verdict.MATCH) {
          if (guess == 1) connection.clientEnd = 1 - connection.clientEnd;
          found = protocol;
          return verdict;
        }
        more |= verdict == Protocol.Verdict.NEED_MORE;
      }
    }
    return more && cursor.remaining() < RECOGNIZE_BYTES_MAX ? Protocol.Verdict.NEED_MORE : Protocol.Verdict.REJECT;
  }

  private Protocol.Verdict ask(Protocol protocol, Direction sender) {
    int start = cursor.position();
    try {
      return protocol.recognize(sender, cursor);
    } catch (RuntimeException failure) {
      cursor.position(start);
      runner.failed(protocol.info().id(), connection, failure, runner.reproducer());
      return Protocol.Verdict.REJECT;
    }
  }

  /** After REJECT: a capture that began within a long answer sees nothing else for a while; the next request tells. */
  boolean mayStillBegin() {
    boolean both = skippedA >= SEARCH_BYTES_MAX && skippedB >= SEARCH_BYTES_MAX;
    return connection.midStream && !looksEncrypted() && !both && skipped < SEARCH_BYTES_TOTAL_MAX;
  }

  /** Bytes of {@code end} in which nothing begins, booked as RESYNC. */
  void skip(int end, int bytes) {
    if (end == 0) skippedA += bytes;
    else skippedB += bytes;
    skipped += bytes;
  }

  /** Bytes in which something may have begun, but behind them is a hole. */
  void skipBeforeHole(int bytes) {
    skipped += bytes;
  }

  /** Nothing is recognised any more: all that was skipped was something else. */
  void rebookSkipped(LedgerCode code) {
    if (skipped > 0) runner.rebook(connection, LedgerCode.RESYNC, code, skipped);
  }

  /** After REJECT: what it is, as far as one can see. */
  LedgerCode code() {
    return looksEncrypted() ? LedgerCode.ENCRYPTED : LedgerCode.UNKNOWN_PROTOCOL;
  }

  /** A TLS record (RFC 8446 section 5.1): handshake or application data, version 3.x. */
  private boolean looksEncrypted() {
    if (!cursor.has(3)) return false;
    int type = cursor.at(cursor.position());
    return (type == 0x16 || type == 0x17) && cursor.at(cursor.position() + 1) == 3 && cursor.at(cursor.position() + 2) <= 4;
  }
}
