package io.kubeshark.worker;

import io.kubeshark.core.EntryEncoder;
import java.util.Arrays;

/** Copies of records that wait for a name, one after the other as they came. */
final class NamingQueue {
  static final int ENTRIES_MAX = 4096;
  static final int BYTES_MAX = 4 << 20;
  /** What is kept of the array when nothing waits. */
  private static final int IDLE_BYTES_MAX = 64 << 10;

  /** Decides about one that waits. */
  interface Taker {
    /** @return whether it waits no longer; the bytes are valid only during the call */
    boolean take(byte[] record, int offset, int length, long sinceNs);
  }

  private byte[] records = {};
  private long[] sinceNs = {};
  private int count;
  private int used;

  boolean isEmpty() {
    return count == 0;
  }

  /** @return false if it does not fit any more */
  boolean add(byte[] record, int offset, int length, long nowNs) {
    if (count == ENTRIES_MAX || length > BYTES_MAX - used) return false;
    if (used + length > records.length) {
      records = Arrays.copyOf(records, Math.clamp(2L * (used + length), IDLE_BYTES_MAX, BYTES_MAX));
    }
    if (count == sinceNs.length) sinceNs = Arrays.copyOf(sinceNs, Math.clamp(2L * count, 64, ENTRIES_MAX));
    System.arraycopy(record, offset, records, used, length);
    used += length;
    sinceNs[count++] = nowNs;
    return true;
  }

  /** Shows each that waits, oldest first; those that stay move together. */
  void offer(Taker taker) {
    int all = count;
    int kept = 0;
    int keptBytes = 0;
    for (int i = 0, at = 0; i < all; i++) {
      int length = EntryEncoder.length(records, at);
      if (!taker.take(records, at, length, sinceNs[i])) {
        if (keptBytes != at) System.arraycopy(records, at, records, keptBytes, length);
        sinceNs[kept++] = sinceNs[i];
        keptBytes += length;
      }
      at += length;
    }
    count = kept;
    used = keptBytes;
    if (count == 0 && records.length > IDLE_BYTES_MAX) records = new byte[IDLE_BYTES_MAX];
  }
}
