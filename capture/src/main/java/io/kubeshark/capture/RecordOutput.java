package io.kubeshark.capture;

import java.io.Closeable;
import java.io.Flushable;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Little-endian numbers and frames into a stream, gathered into large writes. One thread. */
final class RecordOutput implements Closeable, Flushable {
  private static final int CAPACITY_BYTES = 64 * 1024;
  private static final VarHandle LE16 = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LE32 = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private final OutputStream out;
  private final byte[] buffer = new byte[CAPACITY_BYTES];
  private int count;

  RecordOutput(OutputStream out) {
    this.out = out;
  }

  void u16(int value) throws IOException {
    room(2);
    LE16.set(buffer, count, (short) value);
    count += 2;
  }

  void i32(int value) throws IOException {
    room(4);
    LE32.set(buffer, count, value);
    count += 4;
  }

  void zeros(int number) throws IOException {
    room(number);
    for (int i = 0; i < number; i++) buffer[count++] = 0;
  }

  void bytes(byte[] array, int offset, int length) throws IOException {
    if (length >= CAPACITY_BYTES) {
      drain();
      out.write(array, offset, length);
      return;
    }
    room(length);
    System.arraycopy(array, offset, buffer, count, length);
    count += length;
  }

  private void room(int number) throws IOException {
    if (CAPACITY_BYTES - count < number) drain();
  }

  private void drain() throws IOException {
    out.write(buffer, 0, count);
    count = 0;
  }

  @Override
  public void flush() throws IOException {
    drain();
    out.flush();
  }

  @Override
  public void close() throws IOException {
    try (out) {
      drain();
    }
  }
}
