package io.kubeshark.dissect;

import io.kubeshark.core.ByteCursor;
import io.kubeshark.core.Connection;
import io.kubeshark.core.Direction;
import io.kubeshark.core.LedgerCode;
import java.util.ArrayList;
import java.util.List;

/**
 * What a connection speaks, and the one place where its dissector is called.
 *
 * <pre>
 *   RECOGNIZING --match--> DISSECTING --handed over--> RECOGNIZING
 *        | nothing matched        | gave up, failed
 *        v                        v
 *      OPAQUE <-------------------+
 * </pre>
 *
 * {@link Messages} is told whose bytes the dissector reads, and what it consumes is booked. An exception out of it, which is our bug, is
 * caught and reported, and the connection is opaque from there on.
 */
final class SpokenProtocol {
  /** Calls in a row in which a dissector may change its state without moving; more is a bug. */
  private static final int IDLE_CALLS_MAX = 4;
  private static final int PROTOCOLS_MAX = 4;
  private static final byte[] NOTHING = {};

  enum State {
    RECOGNIZING, DISSECTING, OPAQUE
  }

  private final Runner runner;
  private final Connection connection;
  private final ByteCursor cursor;
  private final Messages messages;
  private final Exchanges exchanges;
  private final List<String> detected = new ArrayList<>(1);
  private State state = State.RECOGNIZING;
  private LedgerCode opaqueCode = LedgerCode.UNKNOWN_PROTOCOL;
  /** While RECOGNIZING, else null. */
  private Recognition recognition;
  /** While DISSECTING. */
  private Dissector dissector;

  SpokenProtocol(Runner runner, Connection connection, Messages messages, Exchanges exchanges) {
    this.runner = runner;
    this.connection = connection;
    this.cursor = runner.cursor;
    this.messages = messages;
    this.exchanges = exchanges;
    // Now: a hole later on does not change who opened it. Of a datagram nothing says who did.
    this.recognition = new Recognition(runner, connection, null, connection.midStream || connection.transport == Connection.UDP);
  }

  boolean recognizing() {
    return state == State.RECOGNIZING;
  }

  boolean dissecting() {
    return state == State.DISSECTING;
  }

  boolean opaque() {
    return state == State.OPAQUE;
  }

  /** Why nothing is dissected, if it is OPAQUE or stays what it is. */
  LedgerCode opaqueCode() {
    return opaqueCode;
  }

  /** Names of what was recognised, one after the other. */
  List<String> detected() {
    return detected;
  }

  /** While RECOGNIZING. */
  Recognition recognition() {
    return recognition;
  }

  /** @return false if the dissector could not be made */
  boolean open(Protocol protocol) {
    exchanges.protocol(protocol.info().id());
    if (detected.size() < PROTOCOLS_MAX) detected.add(protocol.info().id());
    try {
      dissector = protocol.open(connection, runner.options());
    } catch (RuntimeException failure) {
      fail(failure, runner.reproducer());
      return false;
    }
    state = State.DISSECTING;
    recognition = null;
    return true;
  }

  /** Nothing of the old protocol waits any more; the next one is found by its first bytes. */
  void handOver() {
    messages.settle();
    dissector = null;
    state = State.RECOGNIZING;
    recognition = new Recognition(runner, connection, messages.takeHandOver(), false);
  }

  /** From here on nothing of the connection is dissected. */
  void giveUp(LedgerCode code) {
    if (recognition != null && code != LedgerCode.DISSECTOR_FAILED) recognition.rebookSkipped(code);
    recognition = null;
    state = State.OPAQUE;
    opaqueCode = code;
    messages.settle();
    if (code == LedgerCode.ENCRYPTED && detected.size() < PROTOCOLS_MAX) detected.add("tls");
    runner.opaque(connection);
  }

  /** It handed over to a protocol that is not known here. */
  void unknown(String protocol) {
    detected.add(protocol);
    giveUp(LedgerCode.UNKNOWN_PROTOCOL);
  }

  /** One step, with its bytes booked; NEED_MORE if it failed. */
  Dissector.Outcome parse(Side side, Direction sender) {
    for (int idle = 0; idle < IDLE_CALLS_MAX; idle++) {
      int before = cursor.position();
      messages.reads(side, before);
      Dissector.Outcome outcome;
      try {
        outcome = dissector.parse(sender, cursor, messages);
      } catch (RuntimeException failure) {
        cursor.position(before);
        byte[] reproducer = runner.reproducer();
        // Messages that were ended before it failed are entries: their bytes are dissected.
        cursor.position(messages.endedAt());
        consumed(side, before);
        fail(failure, reproducer);
        return Dissector.Outcome.NEED_MORE;
      }
      consumed(side, before);
      if (outcome != Dissector.Outcome.CONSUMED || cursor.position() > before) return outcome;
    }
    fail(new IllegalStateException("the dissector consumes nothing"), runner.reproducer());
    return Dissector.Outcome.NEED_MORE;
  }

  /** Its bytes are on their account, and it is known up to where. */
  private void consumed(Side side, int before) {
    int consumed = cursor.position() - before;
    if (consumed > 0) {
      runner.book(connection, LedgerCode.MESSAGES, consumed);
      side.dissected += consumed;
      side.parsedUpTo(side.position + consumed);
    }
    messages.consumed(side);
  }

  /** The cursor stays where it is. -1 if it failed, too. */
  int findBoundary(Direction sender) {
    int start = cursor.position();
    int boundary = -1;
    try {
      boundary = dissector.findBoundary(sender, cursor);
    } catch (RuntimeException failure) {
      cursor.position(start);
      fail(failure, runner.reproducer());
    }
    cursor.position(start);
    return boundary;
  }

  /** @param whole false: what it reads has begun, and its rest is in the hole, so it cannot absorb that. ABSORBED if it failed. */
  Dissector.GapOutcome onGap(Side side, Direction sender, long length, boolean whole) {
    messages.readsNothing(side, length);
    try {
      Dissector.GapOutcome outcome = dissector.onGap(sender, length, messages);
      return whole || outcome == Dissector.GapOutcome.GIVE_UP ? outcome : Dissector.GapOutcome.RESYNC;
    } catch (RuntimeException failure) {
      fail(failure, NOTHING);
      return Dissector.GapOutcome.ABSORBED;
    } finally {
      messages.readsNothing(side, 0);
    }
  }

  void onEnd(Side side, Direction sender) {
    messages.readsNothing(side, 0);
    try {
      dissector.onEnd(sender, messages);
    } catch (RuntimeException failure) {
      fail(failure, NOTHING);
    }
  }

  private void fail(RuntimeException failure, byte[] reproducer) {
    runner.failed(detected.getLast(), connection, failure, reproducer);
    giveUp(LedgerCode.DISSECTOR_FAILED);
  }
}
