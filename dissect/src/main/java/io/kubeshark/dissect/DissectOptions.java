package io.kubeshark.dissect;

/**
 * What is kept of messages, per worker thread.
 *
 * @param bodyBytesMax kept of one body; all of it is counted
 * @param messageBytesMax kept of one message, body included
 * @param streamBytesMax bytes of one direction that wait for the rest of their message
 * @param budgetBytes all waiting bytes and open messages together; over it, first bodies, then waiting streams, then new connections are shed
 */
public record DissectOptions(int bodyBytesMax, int messageBytesMax, int streamBytesMax, long budgetBytes) {
  public static final DissectOptions DEFAULT = new DissectOptions(64 << 10, 512 << 10, 1 << 20, 96L << 20);

  /** Keeps this much of a body, at most half of what is kept of a message. */
  public DissectOptions withBodyBytes(long bytes) {
    return new DissectOptions((int) Math.min(bytes, messageBytesMax / 2), messageBytesMax, streamBytesMax, budgetBytes);
  }
}
