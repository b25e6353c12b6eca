package io.kubeshark.worker;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Packets in about any order in, by time out; those of the same nanosecond stay in their order. They wait in a temporary file, in sorted
 * runs, which are merged as they are read. Memory: one run, and {@value #READ_BYTES} bytes for each run that overlaps others in time. One thread.
 *
 * <pre>
 *   0 length of all (4)   4 wire (4)   8 time (8)   16 link type (4)   20 frame
 * </pre>
 */
final class PacketSpool implements AutoCloseable {
  static final int RUN_BYTES = 4 << 20;
  private static final int READ_BYTES = 64 << 10;
  private static final int HEADER_BYTES = 20;
  private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.nativeOrder());
  private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

  interface Reader {
    void onPacket(byte[] array, int offset, int capturedLength, int wireLength, long timeNs, int linkType) throws IOException;
  }

  private final FileChannel channel;
  private final SpoolBudget budget;
  private final List<Run> runs = new ArrayList<>();
  private byte[] buffer = new byte[READ_BYTES];
  private int end;
  private int[] starts = new int[1024];
  private int waiting;
  private boolean ordered = true;
  private long written;
  private long reserved;
  private long count;
  private long shed;

  /**
   * @param budget of the disk; what is over is left out and counted
   * @throws UncheckedIOException there is no place for temporary files
   */
  PacketSpool(SpoolBudget budget) {
    this.budget = budget;
    try {
      Path file = Files.createTempFile("kubeshark-", ".packets");
      channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  private static UncheckedIOException unusable(IOException e) {
    return new UncheckedIOException("the folder for temporary files does not take the packets: " + e.getMessage(), e);
  }

  /** @throws UncheckedIOException the disk does not take it */
  void add(byte[] array, int offset, int capturedLength, int wireLength, long timeNs, int linkType) {
    int length = HEADER_BYTES + capturedLength;
    if (end + length > RUN_BYTES) endRun();
    if (end + length > buffer.length) buffer = Arrays.copyOf(buffer, Math.max(end + length, Math.min(RUN_BYTES, 2 * buffer.length)));
    if (waiting == starts.length) starts = Arrays.copyOf(starts, 2 * waiting);
    ordered &= waiting == 0 || time(buffer, starts[waiting - 1]) <= timeNs;
    starts[waiting++] = end;
    INT.set(buffer, end, length);
    INT.set(buffer, end + 4, wireLength);
    LONG.set(buffer, end + 8, timeNs);
    INT.set(buffer, end + 16, linkType);
    System.arraycopy(array, offset, buffer, end + HEADER_BYTES, capturedLength);
    end += length;
  }

  private static int length(byte[] array, int at) {
    return (int) INT.get(array, at);
  }

  private static long time(byte[] array, int at) {
    return (long) LONG.get(array, at + 8);
  }

  private void endRun() {
    if (waiting == 0) return;
    if (budget.reserve(end)) writeRun();
    else shed += waiting;
    end = 0;
    waiting = 0;
    ordered = true;
  }

  private void writeRun() {
    reserved += end;
    try {
      byte[] run = ordered ? buffer : sorted();
      runs.add(new Run(runs.size(), time(run, 0), written, written + end));
      for (ByteBuffer left = ByteBuffer.wrap(run, 0, end); left.hasRemaining(); ) written += channel.write(left, written);
    } catch (IOException e) {
      throw unusable(e);
    }
    count += waiting;
  }

  private byte[] sorted() {
    byte[] run = new byte[end];
    Integer[] order = new Integer[waiting];
    for (int i = 0; i < waiting; i++) order[i] = starts[i];
    Arrays.sort(order, Comparator.comparingLong(at -> time(buffer, at))); // stable
    int at = 0;
    for (int from : order) {
      System.arraycopy(buffer, from, run, at, length(buffer, from));
      at += length(buffer, from);
    }
    return run;
  }

  /** Packets that came out, or will. Known, as {@link #shed}, after {@link #end}. */
  long count() {
    return count;
  }

  /** Packets for which there was no room. */
  long shed() {
    return shed;
  }

  /** After the last packet. */
  void end() {
    endRun();
    buffer = null;
  }

  /** Once, after {@link #end}. */
  void forEach(Reader reader) throws IOException {
    ArrayDeque<Run> later = new ArrayDeque<>(runs.stream().sorted(Comparator.comparingLong(run -> run.timeNs)).toList());
    PriorityQueue<Run> open = new PriorityQueue<>(Comparator.comparingLong((Run run) -> run.timeNs).thenComparingInt(run -> run.number));
    while (!open.isEmpty() || !later.isEmpty()) {
      while (!later.isEmpty() && (open.isEmpty() || later.peek().timeNs <= open.peek().timeNs)) {
        later.peek().next();
        open.add(later.poll());
      }
      Run run = open.poll();
      reader.onPacket(run.array, run.at + HEADER_BYTES, length(run.array, run.at) - HEADER_BYTES, (int) INT.get(run.array, run.at + 4), run.timeNs,
          (int) INT.get(run.array, run.at + 16));
      if (run.next()) open.add(run);
    }
  }

  /** Packets by time, {@code position} to {@code endPosition} of the file. */
  private final class Run {
    private final int number;
    private final long endPosition;
    private long position;
    private long timeNs;
    private byte[] array;
    private int at;
    private int filled;

    Run(int number, long timeNs, long position, long endPosition) {
      this.number = number;
      this.timeNs = timeNs;
      this.position = position;
      this.endPosition = endPosition;
    }

    /** @return whether there is one: it is at {@code at} */
    boolean next() throws IOException {
      if (array == null) array = new byte[READ_BYTES];
      else at += length(array, at);
      if (filled - at < HEADER_BYTES || filled - at < length(array, at)) fill();
      if (filled == at) {
        array = null;
        return false;
      }
      timeNs = time(array, at);
      return true;
    }

    private void fill() throws IOException {
      System.arraycopy(array, at, array, 0, filled - at);
      filled -= at;
      at = 0;
      read();
      if (filled < HEADER_BYTES || filled >= length(array, 0)) return;
      array = Arrays.copyOf(array, length(array, 0));
      read();
    }

    private void read() throws IOException {
      ByteBuffer into = ByteBuffer.wrap(array, filled, (int) Math.min(array.length - filled, endPosition - position));
      while (into.hasRemaining()) {
        int count = channel.read(into, position);
        if (count < 0) throw new EOFException("the temporary file was cut");
        position += count;
      }
      filled = into.position();
    }
  }

  @Override
  public void close() throws IOException {
    budget.giveBack(reserved);
    channel.close();
  }
}
