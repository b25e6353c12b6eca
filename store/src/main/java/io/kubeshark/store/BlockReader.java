package io.kubeshark.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardOpenOption;

/**
 * One reader's way through blocks. It opens each segment for itself: a segment that is evicted meanwhile is read to its end if it is
 * open already, else it is gone. At most one file is held open.
 */
final class BlockReader implements AutoCloseable {
  private final SegmentLog log;
  private final ReadBuffers.Buffer buffer;
  private Segment segment;
  private FileChannel channel;
  private int length;

  BlockReader(SegmentLog log, ReadBuffers.Buffer buffer) {
    this.log = log;
    this.buffer = buffer;
  }

  byte[] array() {
    return buffer.array;
  }

  /** Reads a block to the array's beginning. @return false if it is gone, or the thread was interrupted */
  boolean load(Block block) {
    length = 0;
    buffer.ensure(block.length());
    try {
      if (segment != block.segment()) open(block.segment());
      ByteBuffer direct = buffer.direct;
      while (length < block.length()) {
        direct.clear().limit(Math.min(direct.capacity(), block.length() - length));
        if (channel.read(direct, block.position() + length) < 0) break;
        direct.flip();
        int count = direct.remaining();
        direct.get(buffer.array, length, count);
        length += count;
      }
    } catch (NoSuchFileException | ClosedByInterruptException e) {
      closeChannel();
      return false;
    } catch (IOException e) {
      closeChannel();
      length = 0;
    }
    if (length == block.length()) return true;
    log.corruptFrames.incrementAndGet();
    return false;
  }

  private void open(Segment next) throws IOException {
    closeChannel();
    channel = FileChannel.open(next.path, StandardOpenOption.READ);
    segment = next;
  }

  /**
   * Collects where the block's records begin, in their order, but not those of damaged frames (counted) and of expired ones.
   *
   * @return how many; they are in {@link ReadBuffers.Buffer#offsets}
   */
  int records() {
    byte[] array = buffer.array;
    int count = 0;
    for (int frame = 0; frame < length; ) {
      int frameLength = Frame.length(array, frame, length - frame);
      if (frameLength < 0 || !Frame.intact(array, frame, frame + frameLength)) {
        log.corruptFrames.incrementAndGet();
        return count;
      }
      int end = frame + frameLength;
      boolean hidden = log.hidden(LittleEndian.i64(array, frame + Frame.WRITTEN_NS));
      for (int at = frame + Frame.HEADER_LENGTH; !hidden && at < end; at += LittleEndian.i32(array, at)) {
        if (count == buffer.offsets.length) buffer.offsets = java.util.Arrays.copyOf(buffer.offsets, count * 2);
        buffer.offsets[count++] = at;
      }
      frame = end;
    }
    return count;
  }

  int offset(int record) {
    return buffer.offsets[record];
  }

  private void closeChannel() {
    try {
      if (channel != null) channel.close();
    } catch (IOException e) {
      // Only read from.
    }
    channel = null;
    segment = null;
  }

  @Override
  public void close() {
    closeChannel();
  }
}
