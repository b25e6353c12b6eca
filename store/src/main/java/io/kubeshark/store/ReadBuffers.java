package io.kubeshark.store;

import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** The memory of all queries: {@value #READERS_MAX} at a time, a further one waits until its deadline. */
final class ReadBuffers {
  static final int READERS_MAX = 16;
  private static final int DIRECT_BYTES = 256 << 10;
  private static final long WAIT_MS = 10;

  /** Bytes come off the disk through the direct one: the JDK would keep one as large as the largest read for each thread. */
  static final class Buffer {
    final ByteBuffer direct = ByteBuffer.allocateDirect(DIRECT_BYTES);
    byte[] array;
    int[] offsets = new int[2048];

    Buffer(int bytes) {
      array = new byte[bytes];
    }

    void ensure(int bytes) {
      if (array.length < bytes) array = new byte[bytes];
    }
  }

  private final int keptBytes;
  private final Semaphore permits = new Semaphore(READERS_MAX);
  private final ConcurrentLinkedQueue<Buffer> idle = new ConcurrentLinkedQueue<>();

  /** @param keptBytes size of a usual block; a buffer that one larger block made grow is not kept */
  ReadBuffers(int keptBytes) {
    this.keptBytes = keptBytes;
  }

  /** The most that readers hold, when all of them stand at the largest frame. */
  static long memoryBytes() {
    return READERS_MAX * (long) (Frame.HEADER_LENGTH + Batch.RECORDS_BYTES_MAX + DIRECT_BYTES);
  }

  /** Null when none came free before the deadline, or the thread was interrupted (and still is). */
  Buffer acquire(long deadlineNs, LongSupplier epochNs) {
    try {
      while (!permits.tryAcquire(WAIT_MS, TimeUnit.MILLISECONDS)) if (epochNs.getAsLong() >= deadlineNs) return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
    Buffer buffer = idle.poll();
    return buffer != null ? buffer : new Buffer(keptBytes);
  }

  void release(Buffer buffer) {
    if (buffer.array.length <= keptBytes) idle.add(buffer);
    permits.release();
  }
}
