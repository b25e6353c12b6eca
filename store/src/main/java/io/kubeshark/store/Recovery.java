package io.kubeshark.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * What an earlier run left: its segments are walked frame by frame, checked and indexed again. A file is cut at its last good frame; if
 * any file was written by another version or for another schema, the whole log is discarded.
 */
final class Recovery {
  private final Path directory;
  private final RecordFormat format;
  private final long fingerprint;
  private final byte[] header = new byte[Math.max(Segment.HEADER_LENGTH, Frame.HEADER_LENGTH)];
  private byte[] frame = new byte[Block.BYTES_MAX];
  private long cutBytes;

  Recovery(Path directory, RecordFormat format, long fingerprint) {
    this.directory = directory;
    this.format = format;
    this.fingerprint = fingerprint;
  }

  /** Bytes that were no good. */
  long cutBytes() {
    return cutBytes;
  }

  /** Oldest first; none is empty. */
  List<Segment> segments(KeyFilter growing) throws IOException {
    List<Path> paths = paths(directory, format);
    List<Segment> segments = new ArrayList<>();
    for (Path path : paths) {
      try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        long length = channel.size();
        boolean whole = read(channel, 0, header, Segment.HEADER_LENGTH);
        boolean torn = !whole || LittleEndian.i64(header, 0) == 0 || ours() && LittleEndian.i32(header, 12) != Segment.headerCrc(header);
        if (torn) {
          cut(path, length); // ended between creating the file and writing its header
          continue;
        }
        if (!ours() || LittleEndian.i64(header, 16) != fingerprint) {
          discard(paths);
          return List.of();
        }
        Segment segment = Segment.reopened(path, LittleEndian.i64(header, 24));
        walk(channel, length, segment, growing);
        if (segment.blocks().isEmpty()) {
          cut(path, length);
          continue;
        }
        if (segment.position() < length) channel.truncate(segment.position());
        cutBytes += length - segment.position();
        segments.add(segment);
      }
    }
    return segments;
  }

  static List<Path> paths(Path directory, RecordFormat format) throws IOException {
    List<Path> paths = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, format.name() + "-*" + SegmentLog.SUFFIX)) {
      found.forEach(paths::add);
    }
    paths.sort(null); // names carry the sequence, zero-padded
    return paths;
  }

  private boolean ours() {
    return LittleEndian.i64(header, 0) == Segment.MAGIC && LittleEndian.i32(header, 8) == Segment.VERSION;
  }

  private void walk(FileChannel channel, long fileLength, Segment segment, KeyFilter growing) throws IOException {
    while (read(channel, segment.position(), header, Frame.HEADER_LENGTH)) {
      int length = Frame.length(header, 0, fileLength - segment.position());
      if (length < 0) break;
      if (length > frame.length) frame = new byte[length];
      if (!read(channel, segment.position(), frame, length)) break;
      if (!Frame.intact(frame, 0, length) || !Frame.wellFormed(frame, 0, length, format)) break;
      segment.index(frame, 0, length, format, growing);
    }
    segment.finishBlock(growing);
  }

  private static boolean read(FileChannel channel, long position, byte[] array, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(array, 0, length);
    while (buffer.hasRemaining()) if (channel.read(buffer, position + buffer.position()) < 0) return false;
    return true;
  }

  private void cut(Path path, long length) throws IOException {
    cutBytes += length;
    Files.delete(path);
  }

  private void discard(List<Path> paths) throws IOException {
    SegmentLog.LOG.log(
        System.Logger.Level.WARNING, "{0}: stored {1} are of another version or schema; {2} files discarded.", directory, format.name(),
        paths.size());
    for (Path path : paths) Files.deleteIfExists(path);
  }
}
