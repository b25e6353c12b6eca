package io.kubeshark.codec;

import java.util.Arrays;

/** Bytes that grow up to a limit; what would pass it is dropped and {@link #full} says so. That is what makes a bomb harmless. */
final class Output {
  private static final int INITIAL_BYTES = 8 << 10;

  byte[] array;
  int length;
  final int bytesMax;
  boolean full;

  Output(int bytesMax) {
    this.bytesMax = bytesMax;
    this.array = new byte[Math.min(INITIAL_BYTES, bytesMax)];
  }

  /** Makes room. @return how many of the wanted bytes there is room for */
  int reserve(int wanted) {
    int allowed = Math.min(wanted, bytesMax - length);
    if (allowed < wanted) full = true;
    if (length + allowed > array.length) {
      array = Arrays.copyOf(array, (int) Math.min(bytesMax, Math.max(length + (long) allowed, array.length * 2L)));
    }
    return allowed;
  }

  void write(byte[] source, int offset, int count) {
    int allowed = reserve(count);
    System.arraycopy(source, offset, array, length, allowed);
    length += allowed;
  }

  void fill(byte value, int count) {
    int allowed = reserve(count);
    Arrays.fill(array, length, length + allowed, value);
    length += allowed;
  }

  /** Repeats what was written {@code distance} bytes ago; source and target may overlap. */
  void repeat(int distance, int count) {
    int allowed = reserve(count);
    int from = length - distance;
    if (distance >= allowed) System.arraycopy(array, from, array, length, allowed);
    else for (int i = 0; i < allowed; i++) array[length + i] = array[from + i];
    length += allowed;
  }

  byte[] bytes() {
    return length == array.length ? array : Arrays.copyOf(array, length);
  }
}
