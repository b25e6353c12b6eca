package io.kubeshark.store;

import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntrySink;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One pipeline thread's end of the {@link EntryBus}: copies records into the current batch. Not thread-safe; only the counters are read
 * by others.
 */
public final class EntryBatcher implements EntrySink, AutoCloseable {
  private final BatchQueue queue;
  private final AtomicLong refusedEntries = new AtomicLong();
  private final AtomicLong refusedWireBytes = new AtomicLong();
  private Batch current;

  EntryBatcher(BatchQueue queue) {
    this.queue = queue;
  }

  /**
   * @return false if it was refused: no free batch ({@link StoreMode#LIVE}), or longer than {@link EntryLayout#RECORD_BYTES_MAX}
   * @throws IllegalArgumentException if the record's own length is another: the records of a batch are told apart by it
   */
  @Override
  public boolean onEntry(byte[] record, int offset, int length) {
    if (length < EntryLayout.HEADER_LENGTH || LittleEndian.i32(record, offset) != length) throw new IllegalArgumentException("not a record");
    Batch batch = current;
    if (batch == null || !batch.fits(length)) {
      batch = next(length);
      if (batch == null) {
        refusedEntries.lazySet(refusedEntries.getPlain() + 1);
        refusedWireBytes.lazySet(refusedWireBytes.getPlain() + EntryStore.wireBytes(record, offset));
        return false;
      }
    }
    batch.append(record, offset, length);
    return true;
  }

  private Batch next(int length) {
    handOver();
    current = queue.take(length);
    return current;
  }

  /** Hands over what there is. To be called by the owner every 50 ms or sooner: what is seen live is as old as that. */
  public void flush(long nowNs) {
    if (current != null && current.count > 0) handOver();
  }

  private void handOver() {
    Batch batch = current;
    current = null;
    if (batch == null) return;
    if (batch.count > 0) queue.handOver(batch);
    else queue.giveBack(batch);
  }

  public long refusedEntries() {
    return refusedEntries.get();
  }

  /** Request and response sizes of the entries refused. */
  public long refusedWireBytes() {
    return refusedWireBytes.get();
  }

  /** By the owner, or once its thread has ended; before the bus is closed. */
  @Override
  public void close() {
    handOver();
  }
}
