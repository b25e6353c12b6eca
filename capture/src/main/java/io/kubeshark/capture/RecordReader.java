package io.kubeshark.capture;

import java.io.IOException;

/** One of the two file formats. */
interface RecordReader {
  /**
   * Hands over the packets that are in the buffer whole, reading on if there is none.
   *
   * @return packets handed over, or {@link PacketSource#END} after the last
   */
  int read(Delivery delivery) throws IOException;
}
