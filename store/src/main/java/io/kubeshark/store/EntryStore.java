package io.kubeshark.store;

import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntryView;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * A node's entries: the last minutes, on disk. Written by the {@link EntryBus}'s thread, read by any thread at the same time.
 *
 * <p>Entries are numbered from 1, without holes except where the disk refused them. An earlier run's entries are kept if they were
 * written for the same schema; numbers then go on after the last that survived. (Whoever keeps a store over restarts must number its
 * connections so that they do not come again.)
 *
 * <p>Memory: {@link #memoryBytesMax()}.
 */
public final class EntryStore implements AutoCloseable {
  /** Blocks hold 128 KiB at least on the average: two neighbours never fit into one. */
  private static final long INDEX_BYTES_PER_BLOCK_MAX = 112 + KeyFilter.BITS_MAX / 8;

  private final SegmentLog log;
  private final Retention retention;
  private final ReadBuffers buffers = new ReadBuffers(Block.BYTES_MAX);
  private final AtomicLong failedWireBytes = new AtomicLong();

  /**
   * @param fingerprint of the schema that makes the records readable; entries of another are discarded
   * @param epochNs the clock by which the TTL and deadlines count
   * @throws IOException if the directory cannot be made or read
   */
  public EntryStore(Path directory, long fingerprint, Retention retention, LongSupplier epochNs) throws IOException {
    this(directory, fingerprint, retention, epochNs, Segment.Disk.REAL);
  }

  EntryStore(Path directory, long fingerprint, Retention retention, LongSupplier epochNs, Segment.Disk disk) throws IOException {
    this.retention = retention;
    log = new SegmentLog(directory, RecordFormat.ENTRIES, fingerprint, retention, epochNs, disk);
  }

  /** Index and readers at their worst; usual are 0.5–3 MB for 500 MB on disk and half a megabyte a running query. */
  public long memoryBytesMax() {
    return retention.bytesMax() / (Block.BYTES_MAX / 2) * INDEX_BYTES_PER_BLOCK_MAX + ReadBuffers.memoryBytes();
  }

  /** Numbers the records and stores them. One thread. @return whether they are stored; numbered they are in any case */
  boolean append(Batch batch) {
    boolean stored = log.append(batch);
    if (!stored) failedWireBytes.addAndGet(wireBytes(batch));
    return stored;
  }

  /** Drops what is too old. The writing thread's. */
  void evict() {
    log.evict();
  }

  static long wireBytes(Batch batch) {
    long sum = 0;
    for (int at = Frame.HEADER_LENGTH; at < batch.end; at += LittleEndian.i32(batch.array, at)) sum += wireBytes(batch.array, at);
    return sum;
  }

  static long wireBytes(byte[] record, int offset) {
    return LittleEndian.i64(record, offset + EntryLayout.REQUEST_SIZE) + LittleEndian.i64(record, offset + EntryLayout.RESPONSE_SIZE);
  }

  /** Runs a query. What the filter or the visitor throw comes out here. */
  public ScanResult scan(Query query, EntryVisitor visitor) {
    EntryScan scan = new EntryScan(log, query, visitor);
    ReadBuffers.Buffer buffer = buffers.acquire(query.deadlineNs(), log.epochNs());
    if (buffer == null) return scan.busy();
    try {
      return scan.run(buffer);
    } finally {
      buffers.release(buffer);
    }
  }

  /** A copy of the record with this number, or null: expired, never stored, or the thread is interrupted. Reads one block. */
  public byte[] get(long sequence) {
    byte[][] found = new byte[1][];
    scan(Query.ALL.sequences(sequence, sequence), entry -> {
      found[0] = copy(entry);
      return false;
    });
    return found[0];
  }

  /**
   * A copy of the record of an exchange, or null: expired, never stored, or the thread is interrupted. Newest first.
   * Reads the blocks that may hold the connection: its own, and one in 200 others (measured: 1 ms for 500 MB).
   */
  public byte[] get(long stream, int index) {
    return newest(stream, (array, at) -> LittleEndian.i32(array, at + EntryLayout.INDEX) == index);
  }

  /** A copy of the newest record of this kind of a connection, or null. Reads as {@link #get(long, int)} does. */
  public byte[] newest(long stream, EntryLayout.Kind kind) {
    return newest(stream, (array, at) -> array[at + EntryLayout.KIND] == kind.ordinal());
  }

  private interface Wanted {
    boolean test(byte[] array, int at);
  }

  private byte[] newest(long stream, Wanted wanted) {
    ReadBuffers.Buffer buffer = buffers.acquire(Long.MAX_VALUE, log.epochNs());
    if (buffer == null) return null;
    try (BlockReader reader = new BlockReader(log, buffer)) {
      for (Block block : log.blocks().reversed()) {
        if (!block.mayContain(stream) || log.hidden(block.writtenNs()) || !reader.load(block)) continue;
        byte[] found = find(reader, stream, wanted);
        if (found != null) return found;
      }
      return null;
    } finally {
      buffers.release(buffer);
    }
  }

  private static byte[] find(BlockReader reader, long stream, Wanted wanted) {
    byte[] array = reader.array();
    for (int i = reader.records() - 1; i >= 0; i--) {
      int at = reader.offset(i);
      if (LittleEndian.i64(array, at + EntryLayout.STREAM) != stream || !wanted.test(array, at)) continue;
      return Arrays.copyOfRange(array, at, at + LittleEndian.i32(array, at));
    }
    return null;
  }

  private static byte[] copy(EntryView entry) {
    return Arrays.copyOfRange(entry.array(), entry.offset(), entry.offset() + entry.length());
  }

  /** The number that the next entry gets. */
  public long nextSequence() {
    return log.nextSequence();
  }

  public LogStats stats() {
    return log.stats();
  }

  /** Bytes on the wire of entries that the disk refused: the ledger moves them to {@link io.kubeshark.core.LedgerCode#STORE_FAILED}. */
  public long failedWireBytes() {
    return failedWireBytes.get();
  }

  List<Block> blocks() {
    return log.blocks();
  }

  /** After the bus. The files stay. */
  @Override
  public void close() {
    log.close();
  }
}
