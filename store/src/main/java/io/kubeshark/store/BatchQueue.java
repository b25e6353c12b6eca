package io.kubeshark.store;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Buffers that go round between the pipeline threads and one writer thread: a fixed number, made when they are first needed.
 *
 * <pre>
 *        take            hand over          next
 *   free ────► filling ────────────► full ────────► being written ────► free
 * </pre>
 *
 * Locks are taken once a batch, not once a record. No free buffer: refused ({@link StoreMode#LIVE}) or waited for.
 */
final class BatchQueue {
  private static final long CLOSED_CHECK_MS = 100;
  private static final long DRAIN_CHECK_NS = 200_000;

  private final StoreMode mode;
  private final int batchBytes;
  private final int batches;
  private final int oversizeMax;
  private final ArrayBlockingQueue<Batch> free;
  private final ArrayBlockingQueue<Batch> full;
  private final Semaphore oversize;
  private final AtomicInteger made = new AtomicInteger();
  private final AtomicLong handed = new AtomicLong();
  private volatile long written;
  private volatile boolean closed;

  /** @param oversizeMax records larger than a batch go in one of their own, so many at a time */
  BatchQueue(StoreMode mode, int batches, int batchBytes, int oversizeMax) {
    this.mode = mode;
    this.batches = batches;
    this.batchBytes = batchBytes;
    this.oversizeMax = oversizeMax;
    oversize = new Semaphore(oversizeMax);
    free = new ArrayBlockingQueue<>(batches);
    full = new ArrayBlockingQueue<>(batches + oversizeMax);
  }

  /** The most it ever holds. */
  long memoryBytes() {
    return (long) batches * (Frame.HEADER_LENGTH + batchBytes) + (long) oversizeMax * Batch.RECORDS_BYTES_MAX;
  }

  /** An empty batch with room for a record of this length, or null: refused. */
  Batch take(int recordLength) {
    if (recordLength > Batch.RECORDS_BYTES_MAX || closed) return null;
    if (recordLength <= batchBytes) {
      Batch batch = free.poll();
      if (batch == null) batch = another();
      return batch != null || mode == StoreMode.LIVE ? batch : waitFor(() -> free.poll(CLOSED_CHECK_MS, TimeUnit.MILLISECONDS));
    }
    if (mode == StoreMode.LIVE) return oversize.tryAcquire() ? new Batch(recordLength, false) : null;
    return waitFor(() -> oversize.tryAcquire(CLOSED_CHECK_MS, TimeUnit.MILLISECONDS) ? new Batch(recordLength, false) : null);
  }

  /** Null when all are made. */
  private Batch another() {
    for (int count = made.get(); count < batches; count = made.get()) if (made.compareAndSet(count, count + 1)) return new Batch(batchBytes, true);
    return null;
  }

  private interface Attempt {
    Batch take() throws InterruptedException;
  }

  /** Null only once closed. An interrupt does not lose data; the pipeline sees it afterwards. */
  private Batch waitFor(Attempt attempt) {
    boolean interrupted = false;
    Batch batch = null;
    while (batch == null && !closed) {
      try {
        batch = attempt.take();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) Thread.currentThread().interrupt();
    return batch;
  }

  void handOver(Batch batch) {
    handed.incrementAndGet();
    full.add(batch); // never full: there are no more batches than places
  }

  /** Gives back a batch that was taken and not used. */
  void giveBack(Batch batch) {
    batch.clear();
    if (batch.pooled) free.add(batch);
    else oversize.release();
  }

  /** The writer thread's life: until {@link #close} and the last batch. */
  void consume(Consumer<Batch> onBatch, Runnable onIdle, long idleMs) {
    while (true) {
      Batch batch;
      try {
        batch = full.poll(idleMs, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        continue; // nobody else's thread; it ends by close()
      }
      if (batch == null) {
        if (closed && full.isEmpty()) return;
        onIdle.run();
        continue;
      }
      try {
        onBatch.accept(batch);
      } finally {
        giveBack(batch);
        written++; // one writer
      }
    }
  }

  /** Batches handed over so far. */
  long handed() {
    return handed.get();
  }

  boolean written(long count) {
    return written >= count;
  }

  /** Waits until everything handed over before this call is written. */
  void drain(Thread writer) {
    long target = handed.get();
    while (!written(target) && writer.isAlive()) LockSupport.parkNanos(DRAIN_CHECK_NS);
  }

  /** No more batches are given out; the writer ends when it has written what it has. */
  void close(Thread writer) {
    closed = true;
    boolean interrupted = false;
    while (writer.isAlive()) {
      try {
        writer.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) Thread.currentThread().interrupt();
  }
}
