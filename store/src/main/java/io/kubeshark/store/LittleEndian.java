package io.kubeshark.store;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Words in a byte array, in the byte order of everything the store writes. */
final class LittleEndian {
  private LittleEndian() {}

  private static final VarHandle LE16 = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LE32 = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LE64 = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  static int u16(byte[] array, int index) {
    return (short) LE16.get(array, index) & 0xffff;
  }

  static int i32(byte[] array, int index) {
    return (int) LE32.get(array, index);
  }

  static long i64(byte[] array, int index) {
    return (long) LE64.get(array, index);
  }

  static void u16(byte[] array, int index, int value) {
    LE16.set(array, index, (short) value);
  }

  static void i32(byte[] array, int index, int value) {
    LE32.set(array, index, value);
  }

  static void i64(byte[] array, int index, long value) {
    LE64.set(array, index, value);
  }
}
