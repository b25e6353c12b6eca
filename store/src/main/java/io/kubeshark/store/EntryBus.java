package io.kubeshark.store;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Between pipeline threads on one side, disk and live readers on the other. Its thread stores each batch, then offers it to the
 * subscribers. A slow or failing disk never stops the pipeline in {@link StoreMode#LIVE}; live readers see also what it refused.
 *
 * <p>Memory: a fixed number of batches ({@link #memoryBytes}).
 */
public final class EntryBus implements AutoCloseable {
  public static final int BATCH_BYTES = 256 << 10;
  /** 16 MiB: what a node that makes 100 MB of records a second can hold through a stall of 160 ms. */
  public static final int BATCHES_MIN = 64;
  /** Entries larger than a batch: 8 MiB more while there are such. */
  private static final int OVERSIZE_MAX = 2;
  private static final long IDLE_MS = 50;

  private final EntryStore store;
  private final BatchQueue queue;
  private final Thread thread;
  private final List<EntryBatcher> batchers = new CopyOnWriteArrayList<>();
  private final AtomicLong failures = new AtomicLong();

  /** Guards the joint between history and live. */
  private final Object joint = new Object();
  private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();
  private long offeredTo;

  /** @param threads pipeline threads, each with one {@link #batcher} */
  public EntryBus(EntryStore store, StoreMode mode, int threads) {
    this(store, mode, Math.max(BATCHES_MIN, 2 * threads + 2), BATCH_BYTES);
  }

  EntryBus(EntryStore store, StoreMode mode, int batches, int batchBytes) {
    this.store = store;
    queue = new BatchQueue(mode, batches, batchBytes, OVERSIZE_MAX);
    offeredTo = store.nextSequence() - 1;
    thread = Thread.ofPlatform().name("entry-store").daemon().start(() -> queue.consume(this::store, store::evict, IDLE_MS));
  }

  public EntryBatcher batcher() {
    EntryBatcher batcher = new EntryBatcher(queue);
    batchers.add(batcher);
    return batcher;
  }

  /**
   * Joins history and live without a hole or a double: read {@link Subscription#history}, while or before the subscriber gets the rest.
   * Calls to the subscriber begin at once, on the store's thread.
   *
   * @param fromSequence the first that the subscriber has not seen; 1: everything kept. One that lies ahead (of another run) means now.
   */
  public Subscription subscribe(Subscriber subscriber, long fromSequence) {
    synchronized (joint) {
      Subscription subscription = new Subscription(this, subscriber, fromSequence, offeredTo);
      subscriptions.add(subscription);
      return subscription;
    }
  }

  void remove(Subscription subscription) {
    subscriptions.remove(subscription);
  }

  private void store(Batch batch) {
    try {
      store.append(batch);
    } catch (RuntimeException e) {
      failures.incrementAndGet();
      SegmentLog.LOG.log(System.Logger.Level.ERROR, "storing a batch failed (a bug, please report it)", e);
      return;
    }
    long first = LittleEndian.i64(batch.array, Frame.FIRST_SEQUENCE);
    List<Subscription> now;
    synchronized (joint) {
      // From here on a new subscription counts these as history: they are stored. So exactly those there now get them.
      offeredTo = first + batch.count - 1;
      now = subscriptions.isEmpty() ? List.of() : List.copyOf(subscriptions);
    }
    for (Subscription subscription : now) offer(subscription, batch, first);
  }

  private void offer(Subscription subscription, Batch batch, long first) {
    try {
      subscription.subscriber.onBatch(batch.array, Frame.HEADER_LENGTH, batch.end - Frame.HEADER_LENGTH, first, batch.count);
    } catch (RuntimeException e) {
      failures.incrementAndGet();
      remove(subscription);
      SegmentLog.LOG.log(System.Logger.Level.ERROR, "a subscriber failed and is no longer served", e);
    }
  }

  /** Waits until all that batchers have handed over is stored and offered. */
  public void drain() {
    queue.drain(thread);
  }

  /** Entries that batchers refused ({@link io.kubeshark.core.LedgerCode#QUEUE_REFUSED}); their callers book them. */
  public long refusedEntries() {
    return batchers.stream().mapToLong(EntryBatcher::refusedEntries).sum();
  }

  public long refusedWireBytes() {
    return batchers.stream().mapToLong(EntryBatcher::refusedWireBytes).sum();
  }

  /** Bugs caught: 0. */
  public long failures() {
    return failures.get();
  }

  public long memoryBytes() {
    return queue.memoryBytes();
  }

  /** After the batchers. Stores what was handed over, then ends the thread. */
  @Override
  public void close() {
    queue.close(thread);
  }
}
