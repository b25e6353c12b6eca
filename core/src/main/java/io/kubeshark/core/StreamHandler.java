package io.kubeshark.core;

/**
 * What reassembly hands ordered bytes to. All calls for one connection come from one thread; bytes are valid only during the call.
 *
 * <p>Stream positions count from 0 at the first payload byte of a direction (mid-stream: the first byte expected), holes included.
 * Bytes come in order and once. Between directions the order is causal: bytes that acknowledge others come after these, unless the
 * others are a declared gap.
 */
public interface StreamHandler {
  /** A connection appears. The handler may set {@link Connection#excluded}. */
  void onOpen(Connection connection);

  /**
   * @param end who sent it, 0 or 1
   * @param position stream position of the first byte
   * @param peerPosition how far the sender had received the other direction when it sent this (its acknowledgement number as a stream
   *     position), -1: unknown. One call never mixes two segments with different acknowledgement numbers.
   */
  void onData(Connection connection, int end, byte[] array, int offset, int length, long position, long peerPosition, long timeNs);

  /** Bytes [position, position + length) of this direction were sent, but will not come. Booked on the ledger by reassembly. */
  void onGap(Connection connection, int end, long position, long length, long timeNs);

  /** One UDP datagram. @param wireLength payload length on the wire; more than {@code length} if the capture cut it */
  void onDatagram(Connection connection, int end, byte[] array, int offset, int length, int wireLength, long timeNs);

  /** No more bytes from this end (FIN delivered in order). Both ends may do this; {@link #onClose} comes in any case. */
  void onEnd(Connection connection, int end, long timeNs);

  /** The connection is over: {@link Connection#state} says how. Last call for it; nothing of it is pending in reassembly. */
  void onClose(Connection connection, long timeNs);

  /** A tick, so that what waits for an answer can time out. */
  void onTime(long timeNs);
}
