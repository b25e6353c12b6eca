package io.kubeshark.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** A bit stream that is read from its end to its beginning (RFC 8878 section 4.1). Below the beginning there are zeros. */
final class ZstdBits {
  private static final VarHandle LE64 = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] array;
  private final int from;
  /** Bits not yet read; negative: past the beginning. */
  private long left;

  ZstdBits(byte[] array, int from, int to) {
    if (to <= from || array[to - 1] == 0) throw new Zstd.Damaged("the zstd data is damaged: bit stream");
    this.array = array;
    this.from = from;
    this.left = (to - from) * 8L - (Integer.numberOfLeadingZeros(array[to - 1] & 0xff) - 24) - 1; // the highest set bit only marks the end
  }

  boolean overrun() {
    return left < 0;
  }

  long left() {
    return left;
  }

  void skip(int count) {
    left -= count;
  }

  int read(int count) {
    return (int) readLong(count);
  }

  long readLong(int count) {
    long value = bits(left - count, count);
    left -= count;
    return value;
  }

  int peek(int count) {
    return (int) bits(left - count, count);
  }

  /** {@code count} (at most 32) bits from a position upwards. */
  private long bits(long position, int count) {
    if (count == 0 || position + count <= 0) return 0;
    long mask = (1L << count) - 1;
    if (position < 0) return bits(0, (int) (count + position)) << -position & mask;
    int at = from + (int) (position >>> 3);
    int shift = (int) position & 7;
    if (at + 8 <= array.length) return (long) LE64.get(array, at) >>> shift & mask;
    long word = 0;
    for (int i = 0; i < 8 && at + i < array.length; i++) word |= (array[at + i] & 0xffL) << 8 * i;
    return word >>> shift & mask;
  }
}
