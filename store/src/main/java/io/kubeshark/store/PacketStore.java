package io.kubeshark.store;

import io.kubeshark.store.ScanResult.End;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * A node's raw packets: the last seconds, on disk. Pipeline threads fill buffers ({@link PacketRecorder}), one thread writes them.
 *
 * <p>What an earlier run left is discarded: its connection numbers mean nothing now.
 *
 * <p>Memory: {@link #memoryBytes} for buffers; index and readers as in {@link EntryStore}.
 */
public final class PacketStore implements AutoCloseable {
  public static final int BUFFER_BYTES = 1 << 20;
  public static final int BUFFERS_MIN = 16;
  /** Larger than any packet: GRO makes up to 64 KiB, with BIG TCP up to 512 KiB less a page. */
  public static final int CAPTURE_LENGTH_MAX = 512 << 10;
  /** How long a query waits for recorders to hand over what they have. */
  private static final long FLUSH_WAIT_NS = 200_000_000L;
  private static final long FLUSH_CHECK_NS = 500_000L;
  private static final long IDLE_MS = 50;
  /** All numbers of packets: they are no one's business but the log's. */
  private static final long FINGERPRINT = 1;

  private final SegmentLog log;
  private final ReadBuffers buffers = new ReadBuffers(Frame.HEADER_LENGTH + BUFFER_BYTES);
  private final BatchQueue queue;
  private final Thread thread;
  private final int captureLength;
  private final List<PacketRecorder> recorders = new CopyOnWriteArrayList<>();
  private final AtomicLong flushWanted = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();

  /**
   * @param captureLength bytes kept of a packet at most
   * @param threads pipeline threads, each with one {@link #recorder}
   * @throws IOException if the directory cannot be made or read
   */
  public PacketStore(Path directory, Retention retention, int captureLength, StoreMode mode, int threads, LongSupplier epochNs) throws IOException {
    this(directory, retention, captureLength, mode, Math.max(BUFFERS_MIN, 2 * threads + 2), epochNs, Segment.Disk.REAL);
  }

  PacketStore(
      Path directory, Retention retention, int captureLength, StoreMode mode, int bufferCount, LongSupplier epochNs, Segment.Disk disk)
      throws IOException {
    if (captureLength < 1 || captureLength > CAPTURE_LENGTH_MAX) {
      throw new IllegalArgumentException("captureLength " + captureLength + ": 1 to " + CAPTURE_LENGTH_MAX);
    }
    this.captureLength = captureLength;
    Files.createDirectories(directory);
    for (Path left : Recovery.paths(directory, RecordFormat.PACKETS)) Files.delete(left);
    log = new SegmentLog(directory, RecordFormat.PACKETS, FINGERPRINT, retention, epochNs, disk);
    queue = new BatchQueue(mode, bufferCount, BUFFER_BYTES, 0);
    thread = Thread.ofPlatform().name("packet-store").daemon().start(() -> queue.consume(this::write, log::evict, IDLE_MS));
  }

  public PacketRecorder recorder() {
    PacketRecorder recorder = new PacketRecorder(this, queue, captureLength);
    recorders.add(recorder);
    return recorder;
  }

  private void write(Batch batch) {
    try {
      log.append(batch);
    } catch (RuntimeException e) {
      failures.incrementAndGet();
      SegmentLog.LOG.log(System.Logger.Level.ERROR, "storing packets failed (a bug, please report it)", e);
    }
  }

  long flushWanted() {
    return flushWanted.get();
  }

  /**
   * Asks recorders for what they have and waits until it is written, up to {@value #FLUSH_WAIT_NS} ns.
   *
   * @return whether all of it is
   */
  public boolean flush() {
    long wanted = flushWanted.incrementAndGet();
    long giveUp = System.nanoTime() + FLUSH_WAIT_NS;
    for (PacketRecorder recorder : recorders) if (!await(giveUp, () -> recorder.flushed(wanted))) return false;
    long handed = queue.handed();
    return await(giveUp, () -> queue.written(handed));
  }

  private static boolean await(long giveUp, java.util.function.BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - giveUp >= 0 || Thread.currentThread().isInterrupted()) return false;
      LockSupport.parkNanos(FLUSH_CHECK_NS);
    }
    return true;
  }

  /** The packets of a connection that are still there, oldest first, those of the last milliseconds included. */
  public ScanResult packetsOf(long connectionId, long limit, PacketVisitor visitor) {
    flush();
    return scan(PacketQuery.ALL.connection(connectionId).limited(limit), visitor);
  }

  /**
   * Packets on disk ({@link #flush} first for the last second's). Those of one recorder come in the order of their capture, which is
   * that of time; those of different recorders are mixed by buffer, not by time.
   */
  public ScanResult scan(PacketQuery query, PacketVisitor visitor) {
    PacketScan scan = new PacketScan(log, query, visitor);
    ReadBuffers.Buffer buffer = buffers.acquire(query.deadlineNs(), log.epochNs());
    if (buffer == null) return scan.result(Thread.currentThread().isInterrupted() ? End.INTERRUPTED : End.BUSY);
    try {
      return scan.run(buffer);
    } finally {
      buffers.release(buffer);
    }
  }

  /** Waits until all that recorders have handed over is written. */
  public void drain() {
    queue.drain(thread);
  }

  public LogStats stats() {
    return log.stats();
  }

  /** Packets that recorders had no buffer for. */
  public long unrecordedPackets() {
    return recorders.stream().mapToLong(PacketRecorder::unrecordedPackets).sum();
  }

  public long unrecordedBytes() {
    return recorders.stream().mapToLong(PacketRecorder::unrecordedBytes).sum();
  }

  /** Packets cut to the capture length. */
  public long cutPackets() {
    return recorders.stream().mapToLong(PacketRecorder::cutPackets).sum();
  }

  /** Bugs caught: 0. */
  public long failures() {
    return failures.get();
  }

  public long memoryBytes() {
    return queue.memoryBytes();
  }

  /** After the recorders. Writes what was handed over, then ends the thread. The files stay until the directory goes. */
  @Override
  public void close() {
    queue.close(thread);
    log.close();
  }
}
