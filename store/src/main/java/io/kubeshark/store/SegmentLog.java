package io.kubeshark.store;

import io.kubeshark.store.LogStats.Count;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * A queue of records on disk: appended at one end by one thread, dropped at the other by whole segments, read anywhere by any thread.
 *
 * <p>No failure of the disk ends it: what could not be written is counted, and the next append tries again. Nothing is synced: data
 * survives the death of the process, not of the machine.
 *
 * <p>Memory: the index, one {@link Block} (about {@value #BLOCK_INDEX_BYTES} bytes and a filter of 16–32 bits a connection) for
 * each 128–256 KiB on disk: 0.5 MB for 500 MB of 700-byte records if a connection has eight in a block, 3 MB if it has one.
 */
final class SegmentLog {
  static final System.Logger LOG = System.getLogger("io.kubeshark.store");
  static final String SUFFIX = ".seg";
  private static final int BLOCK_INDEX_BYTES = 112;
  private static final long LOG_EVERY_NS = 10_000_000_000L;

  private enum Reason { TTL, SIZE, FULL_DISK }

  private final Path directory;
  private final RecordFormat format;
  private final long fingerprint;
  private final Retention retention;
  private final LongSupplier epochNs;
  private final Segment.Disk disk;
  private final KeyFilter growing = new KeyFilter();
  private int segmentBytes;
  private long failureLoggedNs = Long.MIN_VALUE;

  /** Guards what follows and the segments' indexes; never held during I/O. */
  private final Object lock = new Object();
  private final ArrayDeque<Segment> segments = new ArrayDeque<>();
  private long bytes;
  private long nextSequence = 1;
  private long cutBytes;
  private Count ttl = Count.NONE;
  private Count size = Count.NONE;
  private Count fullDisk = Count.NONE;
  private Count failed = Count.NONE;
  final AtomicLong corruptFrames = new AtomicLong();

  /** Finds what an earlier run left. @throws IOException if the directory cannot be read */
  SegmentLog(Path directory, RecordFormat format, long fingerprint, Retention retention, LongSupplier epochNs, Segment.Disk disk) throws IOException {
    this.directory = directory;
    this.format = format;
    this.fingerprint = fingerprint;
    this.retention = retention;
    this.epochNs = epochNs;
    this.disk = disk;
    Files.createDirectories(directory);
    Recovery recovery = new Recovery(directory, format, fingerprint);
    for (Segment segment : recovery.segments(growing)) {
      segments.add(segment);
      bytes += segment.position();
      nextSequence = segment.blocks().getLast().lastSequence() + 1;
    }
    cutBytes = recovery.cutBytes();
    evict(epochNs.getAsLong());
  }

  /**
   * Numbers the batch's records and writes them. The numbers are used up even if it fails.
   *
   * @return whether they are stored
   */
  boolean append(Batch batch) {
    long nowNs = epochNs.getAsLong();
    Frame.seal(batch, format, nextSequence, nowNs);
    evict(nowNs);
    if (batch.end + Segment.HEADER_LENGTH > retention.bytesMax()) {
      fail(batch, "larger than the limit of " + retention.bytesMax() + " bytes", nowNs);
      return false;
    }
    makeRoom(batch.end);
    IOException failure;
    do {
      try {
        Segment segment = writable(batch.end, nowNs);
        segment.write(batch.array, batch.end);
        synchronized (lock) {
          segment.index(batch.array, 0, batch.end, format, growing);
          bytes += batch.end;
          nextSequence += batch.count;
        }
        return true;
      } catch (IOException e) {
        failure = e;
      }
    } while (diskFull(failure, batch.end) && dropOldest(Reason.FULL_DISK));
    fail(batch, failure.getMessage(), nowNs);
    return false;
  }

  /** Drops what is too old. Called with every append, and while nothing comes. */
  void evict(long nowNs) {
    while (!segments.isEmpty()) {
      Segment oldest = segments.peekFirst();
      List<Block> blocks = oldest.blocks();
      if (!blocks.isEmpty() && !retention.expired(blocks.getLast().writtenNs(), nowNs)) return;
      if (blocks.isEmpty() && !retention.expired(oldest.createdNs, nowNs)) return;
      dropOldest(Reason.TTL);
    }
  }

  void evict() {
    evict(epochNs.getAsLong());
  }

  private void makeRoom(int frameLength) {
    while (bytes + frameLength + Segment.HEADER_LENGTH > retention.bytesMax() && dropOldest(Reason.SIZE)) {
      // until it fits
    }
  }

  private boolean dropOldest(Reason reason) {
    Segment segment = segments.peekFirst();
    if (segment == null) return false;
    synchronized (lock) {
      segments.removeFirst();
      bytes -= segment.position();
      long records = segment.records();
      switch (reason) {
        case TTL -> ttl = ttl.plus(records, segment.position());
        case SIZE -> size = size.plus(records, segment.position());
        case FULL_DISK -> fullDisk = fullDisk.plus(records, segment.position());
      }
    }
    segment.unlink();
    return true;
  }

  /** The segment that takes the next frame. */
  private Segment writable(int frameLength, long nowNs) throws IOException {
    Segment last = segments.peekLast();
    if (last != null && last.writable()) {
      boolean fits = last.position() + frameLength <= segmentBytes || last.blocks().isEmpty();
      if (fits && nowNs - last.createdNs < retention.segmentAgeNsMax()) return last;
    }
    sealLast();
    // Asked anew each time: a small disk needs small segments, or making room would drop everything at once.
    segmentBytes = retention.segmentBytes(Files.getFileStore(directory).getUsableSpace() + bytes);
    Path path = directory.resolve(String.format("%s-%019d%s", format.name(), nextSequence, SUFFIX));
    Segment created = Segment.create(disk, path, fingerprint, nowNs, nextSequence);
    synchronized (lock) {
      segments.addLast(created);
      bytes += Segment.HEADER_LENGTH;
    }
    return created;
  }

  /** The last segment takes no more frames; if it never took one, it goes. */
  private void sealLast() {
    Segment last = segments.peekLast();
    if (last != null) {
      last.seal();
      synchronized (lock) {
        last.finishBlock(growing);
        if (last.blocks().isEmpty()) {
          segments.removeLast();
          bytes -= last.position();
        }
      }
      if (last.blocks().isEmpty()) last.unlink();
    }
    growing.clear();
  }

  /** The text of an IOException is in the language of the machine, so ask the file system as well. */
  private boolean diskFull(IOException failure, int frameLength) {
    String text = String.valueOf(failure.getMessage());
    if (text.contains("No space left") || text.contains("quota")) return true;
    try {
      return Files.getFileStore(directory).getUsableSpace() < frameLength;
    } catch (IOException e) {
      return false;
    }
  }

  private void fail(Batch batch, String failure, long nowNs) {
    sealLast(); // whatever is wrong with that file: the next append tries another
    synchronized (lock) {
      failed = failed.plus(batch.count, batch.end - Frame.HEADER_LENGTH);
      nextSequence += batch.count;
    }
    if (failureLoggedNs != Long.MIN_VALUE && nowNs - failureLoggedNs < LOG_EVERY_NS) return;
    failureLoggedNs = nowNs;
    LOG.log(
        System.Logger.Level.WARNING,
        "{0} cannot be stored in {1}: {2}. So far {3} are lost, counted as store-failed; free disk space or lower the limit.",
        format.name(), directory, failure, failed.records());
  }

  /** The index as it is now, oldest first. */
  List<Block> blocks() {
    synchronized (lock) {
      List<Block> all = new ArrayList<>();
      for (Segment segment : segments) all.addAll(segment.blocks());
      return all;
    }
  }

  /** The number that the next record gets. */
  long nextSequence() {
    synchronized (lock) {
      return nextSequence;
    }
  }

  boolean hidden(long writtenNs) {
    return retention.expired(writtenNs, epochNs.getAsLong());
  }

  RecordFormat format() {
    return format;
  }

  LongSupplier epochNs() {
    return epochNs;
  }

  LogStats stats() {
    List<Block> all;
    synchronized (lock) {
      all = blocks();
      long records = 0;
      long oldestNs = Long.MAX_VALUE;
      long newestNs = Long.MIN_VALUE;
      long indexBytes = growing.bytes();
      for (Block block : all) {
        records += block.count();
        oldestNs = Math.min(oldestNs, block.minNs());
        newestNs = Math.max(newestNs, block.maxNs());
        indexBytes += BLOCK_INDEX_BYTES + (block.keys() == null ? 0 : block.keys().bytes());
      }
      boolean empty = all.isEmpty();
      return new LogStats(
          records, bytes, empty ? 0 : oldestNs, empty ? 0 : newestNs, segments.size(), empty ? nextSequence : all.getFirst().firstSequence(),
          nextSequence - 1, ttl, size, fullDisk, failed, cutBytes, corruptFrames.get(), indexBytes);
    }
  }

  /** Leaves the files for the next run. */
  void close() {
    synchronized (lock) {
      if (!segments.isEmpty()) segments.peekLast().seal();
    }
  }
}
