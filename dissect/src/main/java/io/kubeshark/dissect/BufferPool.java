package io.kubeshark.dissect;

import java.util.ArrayDeque;

/** Byte arrays in powers of two, reused by one thread, with a budget on what is out. */
final class BufferPool {
  private static final int SMALLEST_LOG2 = 11;
  private static final int CLASSES = 14;
  /** Kept for reuse per size class, bytes. */
  private static final int KEPT_BYTES_MAX = 1 << 20;

  private final ArrayDeque<byte[]>[] free;
  private final long budgetBytes;
  private long outBytes;

  BufferPool(long budgetBytes) {
    this.budgetBytes = budgetBytes;
    @SuppressWarnings({"unchecked", "rawtypes"})
    ArrayDeque<byte[]>[] classes = new ArrayDeque[CLASSES];
    for (int i = 0; i < CLASSES; i++) classes[i] = new ArrayDeque<>(4);
    free = classes;
  }

  /** An array of at least this many bytes, or null if the budget is used up. */
  byte[] take(int bytes) {
    int log2 = Math.max(SMALLEST_LOG2, 32 - Integer.numberOfLeadingZeros(Math.max(1, bytes - 1)));
    if (log2 - SMALLEST_LOG2 >= CLASSES || outBytes + (1L << log2) > budgetBytes) return null;
    outBytes += 1L << log2;
    byte[] reused = free[log2 - SMALLEST_LOG2].poll();
    return reused != null ? reused : new byte[1 << log2];
  }

  void give(byte[] array) {
    outBytes -= array.length;
    ArrayDeque<byte[]> list = free[31 - Integer.numberOfLeadingZeros(array.length) - SMALLEST_LOG2];
    if ((long) (list.size() + 1) * array.length <= KEPT_BYTES_MAX) list.push(array);
  }

  long outBytes() {
    return outBytes;
  }
}
