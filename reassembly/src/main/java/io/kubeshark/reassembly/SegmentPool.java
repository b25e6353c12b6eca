package io.kubeshark.reassembly;

/**
 * Arrays for bytes that wait, in powers of two from 256 bytes to 1 MiB, within a budget that is fixed at construction. What was given
 * back is kept for the next taker; when another size is needed and the budget is used up, idle arrays are let go first.
 */
final class SegmentPool {
  static final int SIZE_LOG_MIN = 8;
  static final int SIZE_LOG_MAX = 20;
  /** The largest piece; longer payload is kept in several. */
  static final int PIECE_BYTES_MAX = 1 << SIZE_LOG_MAX;
  /** What an array costs beside its bytes: object headers, fields, list. */
  private static final int OVERHEAD_BYTES = 96;

  private final long budgetBytes;
  private final Segment[] idle = new Segment[SIZE_LOG_MAX + 1];
  private long allocatedBytes;
  private long usedBytes;

  SegmentPool(long budgetBytes) {
    this.budgetBytes = budgetBytes;
  }

  /** An empty segment for {@code length} bytes, or null when the budget is used up. */
  Segment take(int length) {
    int sizeLog = Math.max(SIZE_LOG_MIN, 32 - Integer.numberOfLeadingZeros(length - 1));
    Segment segment = idle[sizeLog];
    long cost = cost(1 << sizeLog);
    if (segment != null) {
      idle[sizeLog] = segment.next;
    } else {
      if (allocatedBytes + cost > budgetBytes) dropIdle();
      if (allocatedBytes + cost > budgetBytes) return null;
      allocatedBytes += cost;
      segment = new Segment(1 << sizeLog);
    }
    usedBytes += cost;
    segment.next = null;
    segment.offset = 0;
    segment.length = 0;
    segment.wireLength = 0;
    return segment;
  }

  void give(Segment segment) {
    int sizeLog = Integer.numberOfTrailingZeros(segment.bytes.length);
    usedBytes -= cost(segment.bytes.length);
    segment.next = idle[sizeLog];
    idle[sizeLog] = segment;
  }

  long usedBytes() {
    return usedBytes;
  }

  long allocatedBytes() {
    return allocatedBytes;
  }

  private static long cost(int size) {
    return size + OVERHEAD_BYTES;
  }

  private void dropIdle() {
    java.util.Arrays.fill(idle, null);
    allocatedBytes = usedBytes;
  }
}
