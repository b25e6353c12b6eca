package io.kubeshark.worker;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** What all files of packets that a worker makes at once may take. Any thread. */
final class SpoolBudget {
  static final int FILES_MAX = 4;
  /** One that was given up by its reader may take a moment to end. */
  private static final long WAIT_MS = 10_000;

  private final Semaphore files = new Semaphore(FILES_MAX);
  private final AtomicLong bytes;

  /** @param bytesMax on disk, of all files together */
  SpoolBudget(long bytesMax) {
    bytes = new AtomicLong(bytesMax);
  }

  /** @return false: none became free in time */
  boolean begin() {
    try {
      return files.tryAcquire(WAIT_MS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  void end() {
    files.release();
  }

  boolean reserve(long count) {
    if (bytes.addAndGet(-count) >= 0) return true;
    bytes.addAndGet(count);
    return false;
  }

  void giveBack(long count) {
    bytes.addAndGet(count);
  }
}
