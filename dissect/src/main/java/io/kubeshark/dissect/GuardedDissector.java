package io.kubeshark.dissect;

import io.kubeshark.core.ByteCursor;
import io.kubeshark.core.Connection;
import io.kubeshark.core.Direction;
import io.kubeshark.core.LedgerCode;

/**
 * A connection's dissector as it is called: {@link Messages} knows whose bytes it reads, what it consumes is booked, and an exception out
 * of it, which is our bug, is caught, reported, and ends its use: {@link #failed()}.
 */
final class GuardedDissector {
  /** Calls in a row in which a dissector may change its state without moving; more is a bug. */
  private static final int IDLE_CALLS_MAX = 4;
  private static final byte[] NOTHING = {};

  private final Runner runner;
  private final Connection connection;
  private final ByteCursor cursor;
  private final Messages messages;
  private final String protocol;
  private final Dissector dissector;
  private boolean failed;

  /** @param protocol the name under which failures are reported */
  GuardedDissector(Runner runner, Connection connection, Messages messages, String protocol, Dissector dissector) {
    this.runner = runner;
    this.connection = connection;
    this.cursor = runner.cursor;
    this.messages = messages;
    this.protocol = protocol;
    this.dissector = dissector;
  }

  /** It threw, and is not to be called again. */
  boolean failed() {
    return failed;
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
    runner.failed(protocol, connection, failure, reproducer);
    failed = true;
  }
}
