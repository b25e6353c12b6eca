package io.kubeshark.worker;

import java.util.Arrays;

/** Up to {@link #SIZE_MAX} numbers, 16 bytes each at most. 0 is among them only if it was added. One thread. */
final class LongSet {
  static final int SIZE_MAX = 1_000_000;
  private static final int SLOTS_AT_FIRST = 1024;

  private long[] slots = new long[SLOTS_AT_FIRST];
  private int size;
  private boolean zero;

  /** @return false: it is full, and the number may not be in it */
  boolean add(long number) {
    if (number == 0) {
      zero = true;
      return true;
    }
    int slot = slot(number);
    if (slots[slot] == number) return true;
    if (full()) return false;
    slots[slot] = number;
    if (++size > slots.length / 2) grow();
    return true;
  }

  boolean contains(long number) {
    return number == 0 ? zero : slots[slot(number)] == number;
  }

  boolean full() {
    return size == SIZE_MAX;
  }

  private void grow() {
    long[] before = slots;
    slots = new long[2 * before.length];
    Arrays.stream(before).filter(number -> number != 0).forEach(number -> slots[slot(number)] = number);
  }

  /** Where it is, or would be. */
  private int slot(long number) {
    long mixed = number * 0x9e3779b97f4a7c15L;
    int mask = slots.length - 1;
    int slot = (int) (mixed >>> 32) & mask;
    while (slots[slot] != 0 && slots[slot] != number) slot = slot + 1 & mask;
    return slot;
  }
}
