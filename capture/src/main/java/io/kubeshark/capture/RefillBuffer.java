package io.kubeshark.capture;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.zip.ZipException;

/**
 * A file's bytes through one reused array.
 *
 * <pre>
 *   array:  | read | unread            | free          |
 *           0      position            limit           CAPACITY_BYTES
 * </pre>
 */
final class RefillBuffer implements Closeable {
  static final int CAPACITY_BYTES = 1 << 20;
  /** Read at once: what is read stays in the second-level cache until it is worked on (a third faster than a whole array). */
  private static final int READ_BYTES_MAX = 256 * 1024;
  private static final VarHandle LE16 = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LE32 = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LE64 = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  final String file;
  final byte[] array = new byte[CAPACITY_BYTES];
  int position;
  int limit;
  /** The file's numbers are big endian. */
  boolean bigEndian;

  private final ByteBuffer target = ByteBuffer.wrap(array);
  private final FileChannel channel;
  /** Null: the channel itself. */
  private InputStream decompressed;
  private long limitOffset;

  RefillBuffer(String file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /** From now on the bytes come from here. Nothing may have been read before. */
  void decompress(InputStream decompressed) {
    this.decompressed = decompressed;
    position = 0;
    limit = 0;
    limitOffset = 0;
  }

  boolean decompressing() {
    return decompressed != null;
  }

  int unread() {
    return limit - position;
  }

  /** Position in the (decompressed) file of the byte at an index of the array. */
  long offset(int index) {
    return limitOffset - (limit - index);
  }

  /** Makes {@code count} unread bytes contiguous, at most {@link #CAPACITY_BYTES}. @return false if the file ends before */
  boolean require(int count) throws IOException {
    if (limit - position >= count) return true;
    System.arraycopy(array, position, array, 0, limit - position);
    limit -= position;
    position = 0;
    while (limit < count) {
      int read = read();
      if (read < 0) return false;
      limit += read;
      limitOffset += read;
    }
    return true;
  }

  /** @return false if the file ends before {@code count} bytes are skipped */
  boolean skip(long count) throws IOException {
    long left = count;
    while (left > unread()) {
      left -= unread();
      position = limit;
      if (!require(1)) return false;
    }
    position += (int) left;
    return true;
  }

  private int read() throws IOException {
    int room = Math.min(array.length - limit, READ_BYTES_MAX);
    if (decompressed == null) return channel.read(target.limit(limit + room).position(limit));
    try {
      return decompressed.read(array, limit, room);
    } catch (ZipException | EOFException e) {
      throw new PcapFormatException(file, limitOffset, "the gzip compression is damaged or cut here (" + e.getMessage() + "), expected more packets",
          "Everything before it was read; make the file again to get the rest.");
    }
  }

  int u16(int index) {
    short value = (short) LE16.get(array, index);
    return (bigEndian ? Short.reverseBytes(value) : value) & 0xffff;
  }

  int i32(int index) {
    int value = (int) LE32.get(array, index);
    return bigEndian ? Integer.reverseBytes(value) : value;
  }

  long u32(int index) {
    return i32(index) & 0xffffffffL;
  }

  long i64(int index) {
    long value = (long) LE64.get(array, index);
    return bigEndian ? Long.reverseBytes(value) : value;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
