package io.kubeshark.dissect;

import io.kubeshark.core.ByteCursor;
import io.kubeshark.core.Direction;

/**
 * Where a dissector puts messages; implemented by the runner, which pairs them to exchanges and writes entries.
 *
 * <p>A message is begun, filled through {@link Message#fields()}, and ended exactly once, by one of the end methods or {@link #discard}.
 */
public interface MessageSink {
  /** A message whose first byte is at the cursor. */
  Message begin(Direction sender, ByteCursor at);

  /**
   * The request that this response answers, by order and acknowledgement numbers; null if it was not seen or cannot be told (after a
   * loss). It may still be open (early response). Does not consume it.
   */
  Message request(Message response);

  /** The message ends before the cursor. Requests wait in order for their response; a response completes the exchange. */
  void end(Message message, ByteCursor at);

  /** As {@link #end}, paired by a key of the protocol's (DNS id) instead of by order. */
  void end(Message message, ByteCursor at, long key);

  /** The message is an entry on its own (push). */
  void endOneWay(Message message, ByteCursor at);

  /** The message ends with the last byte parsed ({@link Dissector#onEnd}), or with the last of the hole ({@link Dissector#onGap}). */
  void endHere(Message message);

  /** The message ends here without its end (hole, connection over, malformed); it is paired by order, and flagged. */
  void endIncomplete(Message message);

  /** The message makes no entry (interim response); its bytes count as dissected. */
  void discard(Message message);

  /** With NEED_MORE: bytes from the cursor's position that must be there before the next call makes sense. */
  void need(int bytes);

  /** With HANDED_OVER: the protocol that follows; one that is not known here makes the rest opaque. */
  void handOver(String protocolId);

  /** Bytes of a body that may be kept now: the options' maximum, less when memory runs short. */
  int bodyBytesMax();
}
