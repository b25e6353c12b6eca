package io.kubeshark.core;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A reading position over bytes that somebody else owns; valid only during the call that hands it over. Whoever keeps bytes copies them.
 *
 * <p>Reads past the limit are programming errors of the caller, who checks {@link #has(int)} first: bytes from the wire never throw.
 * Positions are indexes into {@link #array()}.
 */
public final class ByteCursor {
  private static final VarHandle BE16 = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle BE32 = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle BE64 = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LE64 = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private byte[] array;
  private int position;
  private int limit;

  public ByteCursor() {}

  public ByteCursor(byte[] array, int offset, int length) {
    wrap(array, offset, length);
  }

  public ByteCursor wrap(byte[] array, int offset, int length) {
    this.array = array;
    this.position = offset;
    this.limit = offset + length;
    return this;
  }

  public byte[] array() {
    return array;
  }

  public int position() {
    return position;
  }

  public void position(int index) {
    position = index;
  }

  public int limit() {
    return limit;
  }

  public int remaining() {
    return limit - position;
  }

  public boolean has(int count) {
    return limit - position >= count;
  }

  public void skip(int count) {
    position += count;
  }

  public int u8() {
    return array[position++] & 0xff;
  }

  public int u16() {
    int value = (short) BE16.get(array, position) & 0xffff;
    position += 2;
    return value;
  }

  public int i32() {
    int value = (int) BE32.get(array, position);
    position += 4;
    return value;
  }

  public long u32() {
    return i32() & 0xffffffffL;
  }

  public long i64() {
    long value = (long) BE64.get(array, position);
    position += 8;
    return value;
  }

  /** The byte at an index of the array, without moving. */
  public int at(int index) {
    return array[index] & 0xff;
  }

  /** Index of the first {@code wanted} in [from, limit), or -1. Eight bytes at a time. */
  public int indexOf(byte wanted, int from) {
    return indexOf(array, wanted, from, limit);
  }

  /** Index of the first {@code wanted} in [from, to) of the array, or -1. */
  public static int indexOf(byte[] array, byte wanted, int from, int to) {
    long pattern = (wanted & 0xffL) * 0x0101010101010101L;
    int i = from;
    for (; i + 8 <= to; i += 8) {
      long x = (long) LE64.get(array, i) ^ pattern;
      // Classic has-zero-byte test: the lowest set high bit is exact, higher ones may be false, hence trailing zeros.
      long zero = (x - 0x0101010101010101L) & ~x & 0x8080808080808080L;
      if (zero != 0) return i + (Long.numberOfTrailingZeros(zero) >>> 3);
    }
    for (; i < to; i++) if (array[i] == wanted) return i;
    return -1;
  }

  /** Whether the bytes at {@code index} are these ASCII characters; false if they reach past the limit. */
  public boolean matches(int index, String ascii) {
    if (index + ascii.length() > limit) return false;
    for (int i = 0; i < ascii.length(); i++) if (array[index + i] != ascii.charAt(i)) return false;
    return true;
  }
}
