package io.kubeshark.reassembly;

/** A copy of payload bytes that wait for others, in a pooled array. Owned by the stream (or datagram) that took it. */
final class Segment {
  final byte[] bytes;
  int offset;
  /** Bytes that are there. */
  int length;
  /** Bytes on the wire: the rest was cut by the capture. */
  int wireLength;
  int sequence;
  int acknowledgment;
  boolean acknowledges;
  long timeNs;
  Segment next;

  Segment(int size) {
    bytes = new byte[size];
  }

  int endSequence() {
    return sequence + wireLength;
  }

  /** Forgets the first {@code count} bytes. */
  void trimFront(int count) {
    int there = Math.min(count, length);
    offset += there;
    length -= there;
    wireLength -= count;
    sequence += count;
  }
}
