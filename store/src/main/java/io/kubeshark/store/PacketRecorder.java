package io.kubeshark.store;

import io.kubeshark.core.Connection;
import io.kubeshark.core.PacketTap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One pipeline thread's end of the {@link PacketStore}: copies packets into the current buffer. Not thread-safe; only the counters are
 * read by others.
 */
public final class PacketRecorder implements PacketTap, AutoCloseable {
  /** A buffer that fills slowly is handed over at this age. */
  private static final long HAND_OVER_NS = 1_000_000_000L;
  private static final long NOT_SEEN = Long.MIN_VALUE;

  private final BatchQueue queue;
  private final PacketStore store;
  private final int captureLength;
  private final AtomicLong unrecordedPackets = new AtomicLong();
  private final AtomicLong unrecordedBytes = new AtomicLong();
  private final AtomicLong cutPackets = new AtomicLong();
  private Batch current;
  /** When a tick first saw the current buffer. */
  private long seenNs = NOT_SEEN;
  /** The last request to flush that was obeyed. */
  private volatile long flushed;

  PacketRecorder(PacketStore store, BatchQueue queue, int captureLength) {
    this.store = store;
    this.queue = queue;
    this.captureLength = captureLength;
  }

  @Override
  public void onPacket(Connection connection, int end, byte[] array, int offset, int capturedLength, int wireLength, long timeNs, int linkType) {
    int kept = Math.min(capturedLength, captureLength);
    int length = PacketLayout.HEADER_LENGTH + kept;
    Batch batch = current;
    if (batch == null || !batch.fits(length)) {
      handOver();
      current = batch = queue.take(length);
      if (batch == null) {
        add(unrecordedPackets, 1);
        add(unrecordedBytes, wireLength);
        return;
      }
    }
    if (kept < capturedLength) add(cutPackets, 1);
    byte[] to = batch.array;
    int at = batch.end;
    LittleEndian.i32(to, at + PacketLayout.LENGTH, length);
    LittleEndian.i32(to, at + PacketLayout.WIRE_LENGTH, wireLength);
    LittleEndian.i64(to, at + PacketLayout.TIME_NS, timeNs);
    LittleEndian.i64(to, at + PacketLayout.CONNECTION, connection == null ? PacketLayout.NO_CONNECTION : connection.id);
    LittleEndian.u16(to, at + PacketLayout.LINK_TYPE, linkType);
    to[at + PacketLayout.END] = (byte) end;
    to[at + PacketLayout.END + 1] = 0;
    System.arraycopy(array, offset, to, at + PacketLayout.HEADER_LENGTH, kept);
    batch.end = at + length;
    batch.count++;
  }

  /** To be called by the owner every 50 ms or sooner: this is how long a query waits for the last packets. */
  public void tick(long nowNs) {
    long wanted = store.flushWanted();
    boolean old = seenNs != NOT_SEEN && nowNs - seenNs >= HAND_OVER_NS;
    if (wanted != flushed || old) handOver();
    if (wanted != flushed) flushed = wanted; // after the hand-over: who sees this finds the buffer counted
    if (seenNs == NOT_SEEN && current != null) seenNs = nowNs;
  }

  boolean flushed(long wanted) {
    return flushed >= wanted;
  }

  private void handOver() {
    Batch batch = current;
    current = null;
    seenNs = NOT_SEEN;
    if (batch == null) return;
    if (batch.count > 0) queue.handOver(batch);
    else queue.giveBack(batch);
  }

  private static void add(AtomicLong counter, long count) {
    counter.lazySet(counter.getPlain() + count); // one writer
  }

  /** Packets for which there was no buffer. */
  public long unrecordedPackets() {
    return unrecordedPackets.get();
  }

  /** Their bytes on the wire. */
  public long unrecordedBytes() {
    return unrecordedBytes.get();
  }

  /** Packets of which only the first bytes were kept. */
  public long cutPackets() {
    return cutPackets.get();
  }

  /** By the owner, or once its thread has ended; before the store is closed. */
  @Override
  public void close() {
    handOver();
    flushed = Long.MAX_VALUE;
  }
}
