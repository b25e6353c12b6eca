package io.kubeshark.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * One file of a log: a header, then frames. Written by one thread through one channel; readers open their own, so neither an
 * interrupted reader nor an unlinked file disturbs anybody.
 *
 * <pre>
 *   0 8   magic "KSHKSEG1"         24 i64 createdNs
 *   8 u32 format version           32 u64 firstSequence
 *  12 u32 CRC-32C of bytes 16–39   40 frames ({@link Frame})
 *  16 u64 schema fingerprint
 * </pre>
 *
 * The index ({@link #blocks}) is guarded by the log's lock; the file is not.
 */
final class Segment {
  static final long MAGIC = 0x31474553_4b48534bL;
  static final int VERSION = 1;
  static final int HEADER_LENGTH = 40;
  /** The JDK keeps a direct buffer as large as the largest write of a thread: so write in pieces. */
  private static final int WRITE_BYTES_MAX = 256 << 10;

  /** Opens a new file for appending; a test's disks fail on demand. */
  interface Disk {
    FileChannel create(Path path) throws IOException;

    Disk REAL = path -> FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
  }

  final Path path;
  final long createdNs;
  /** Null: takes no more frames. */
  private FileChannel channel;
  /** End of the last good frame. */
  private long position = HEADER_LENGTH;
  private final List<Block> blocks = new ArrayList<>();

  private Segment(Path path, long createdNs) {
    this.path = path;
    this.createdNs = createdNs;
  }

  static Segment create(Disk disk, Path path, long fingerprint, long createdNs, long firstSequence) throws IOException {
    byte[] header = new byte[HEADER_LENGTH];
    LittleEndian.i64(header, 0, MAGIC);
    LittleEndian.i32(header, 8, VERSION);
    LittleEndian.i64(header, 16, fingerprint);
    LittleEndian.i64(header, 24, createdNs);
    LittleEndian.i64(header, 32, firstSequence);
    LittleEndian.i32(header, 12, headerCrc(header));
    Segment segment = new Segment(path, createdNs);
    try {
      segment.channel = disk.create(path);
      segment.writeAt(0, header, 0, HEADER_LENGTH);
      return segment;
    } catch (IOException e) {
      segment.unlink();
      throw e;
    }
  }

  /** A file of an earlier run, not indexed yet; it takes no more frames. */
  static Segment reopened(Path path, long createdNs) {
    return new Segment(path, createdNs);
  }

  static int headerCrc(byte[] header) {
    CRC32C crc = new CRC32C();
    crc.update(header, 16, HEADER_LENGTH - 16);
    return (int) crc.getValue();
  }

  /** Appends one frame. On failure the file ends where it did before, or is closed for appending if even that fails. */
  void write(byte[] array, int length) throws IOException {
    try {
      writeAt(position, array, 0, length);
    } catch (IOException e) {
      try {
        channel.truncate(position);
      } catch (IOException truncating) {
        e.addSuppressed(truncating);
        seal();
      }
      throw e;
    }
  }

  private void writeAt(long at, byte[] array, int offset, int length) throws IOException {
    int done = 0;
    while (done < length) {
      ByteBuffer piece = ByteBuffer.wrap(array, offset + done, Math.min(WRITE_BYTES_MAX, length - done));
      done += channel.write(piece, at + done);
    }
  }

  /** Indexes a frame that lies at {@link #position()}. {@code growing} is the filter of the last block, which others never see. */
  void index(byte[] array, int frame, int length, RecordFormat format, KeyFilter growing) {
    Block added = Block.ofFrame(this, position, array, frame, length);
    Block last = blocks.isEmpty() ? null : blocks.getLast();
    if (last != null && last.keys() == null && last.takes(added)) {
      blocks.set(blocks.size() - 1, last.with(added));
    } else {
      finishBlock(growing);
      blocks.add(added);
    }
    for (int at = frame + Frame.HEADER_LENGTH; at < frame + length; at += LittleEndian.i32(array, at)) growing.add(format.key(array, at));
    position += length;
  }

  /** The last block will not grow any more. */
  void finishBlock(KeyFilter growing) {
    if (!blocks.isEmpty() && blocks.getLast().keys() == null) blocks.set(blocks.size() - 1, blocks.getLast().with(growing.folded()));
    growing.clear();
  }

  boolean writable() {
    return channel != null;
  }

  /** Closes the writing side. */
  void seal() {
    try {
      if (channel != null) channel.close();
    } catch (IOException e) {
      // Nothing is buffered here: what was written is written.
    }
    channel = null;
  }

  /** Readers that have it open go on reading it. */
  void unlink() {
    seal();
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      SegmentLog.LOG.log(System.Logger.Level.WARNING, "cannot delete " + path + ": " + e.getMessage());
    }
  }

  long position() {
    return position;
  }

  List<Block> blocks() {
    return blocks;
  }

  long records() {
    long sum = 0;
    for (Block block : blocks) sum += block.count();
    return sum;
  }
}
