package io.kubeshark.dissect;

import io.kubeshark.core.ByteCursor;
import io.kubeshark.core.Direction;

/**
 * Reads one connection's messages. Never throws for what the bytes say: short is NEED_MORE, wrong is MALFORMED. Memory kept between
 * calls is bounded and told by {@link #retainedBytes()}.
 */
public interface Dissector {
  /** What became of the bytes at the cursor. */
  enum Outcome {
    /** The cursor moved over bytes that are dissected; call again if there are more. */
    CONSUMED,
    /** Nothing can be said before more bytes are there ({@link MessageSink#need}); the cursor did not move. */
    NEED_MORE,
    /** What these bytes mean depends on the other direction (after CONNECT or Upgrade); call again when that has moved on. */
    WAIT_PEER,
    /** The bytes at the cursor break the protocol; the runner searches the next boundary behind it. An open message was ended. */
    MALFORMED,
    /** From the cursor on, in both directions, it is another protocol ({@link MessageSink#handOver}). */
    HANDED_OVER,
    /** This connection cannot be followed any more. */
    GIVE_UP
  }

  /** What a hole means. */
  enum GapOutcome {
    /** It lies in a body of known length; parsing goes on behind it. */
    ABSORBED,
    /** The runner searches the next boundary. An open message was ended as incomplete. */
    RESYNC,
    GIVE_UP
  }

  /** Reads one message, or the next part of one. In datagrams the cursor holds exactly one datagram. */
  Outcome parse(Direction sender, ByteCursor in, MessageSink out);

  /** {@code length} bytes after the last parsed one were never captured. */
  GapOutcome onGap(Direction sender, long length, MessageSink out);

  /** Index in the cursor's array of the first plausible beginning of a message at or after its position, or -1. Changes nothing. */
  int findBoundary(Direction sender, ByteCursor in);

  /** No more bytes from this sender. A message that ends with the connection is ended here; an open one is ended as incomplete. */
  default void onEnd(Direction sender, MessageSink out) {}

  /** Bytes kept between calls, without what the sink keeps. */
  default long retainedBytes() {
    return 0;
  }
}
