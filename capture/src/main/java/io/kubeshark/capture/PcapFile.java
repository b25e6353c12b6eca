package io.kubeshark.capture;

import io.kubeshark.core.LinkType;
import io.kubeshark.core.PacketHandler;
import io.kubeshark.linux.BpfFilter;
import io.kubeshark.linux.PollSet;
import java.io.ByteArrayInputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.SequenceInputStream;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * Packets of a pcap or pcapng file, gzip-compressed or not, or of such a stream on standard input.
 *
 * <p>Packets are handed over out of one reused array, in the order of the file, with the file's times and interface numbers (those of
 * its section). Whatever can be read of a damaged file is; then {@link #poll} throws, once. Memory: {@value RefillBuffer#CAPACITY_BYTES}
 * bytes and an inflater, whatever the file declares.
 */
public final class PcapFile implements PacketSource {
  /** The name of standard input. */
  public static final String STANDARD_INPUT = "-";
  private static final int GZIP_BUFFER_BYTES = 64 * 1024;
  private static final int GZIP_MAGIC = 0x8b1f;
  private static final int ZSTD_MAGIC = 0xfd2fb528;
  private static final int MAGIC_BYTES = 4;

  private final RefillBuffer input;
  private final FileChannel channel;
  private final long bytesTotal;
  private final Delivery delivery;
  /** Null for files: they are always ready. */
  private final PollSet standardInput;
  private RecordReader reader;
  private boolean ended;
  private volatile boolean closed;
  private volatile long bytesRead;

  private PcapFile(String name, FileChannel channel, long bytesTotal, String filter) {
    this.delivery = new Delivery(filter);
    this.channel = channel;
    this.bytesTotal = bytesTotal;
    this.input = new RefillBuffer(name, channel);
    this.standardInput = name.equals(STANDARD_INPUT) ? new PollSet(0) : null;
  }

  /** All packets of a file: {@link #open(String, String)}. */
  public static PcapFile open(String file) throws IOException {
    return open(file, null);
  }

  /**
   * @param file a path, or {@value #STANDARD_INPUT}
   * @param filter a capture filter (pcap-filter(7)), null: all packets
   * @throws PcapFormatException if a file is empty or of another kind (standard input: the first {@link #poll} throws it)
   * @throws io.kubeshark.linux.BpfFilterException if the filter is not valid
   */
  public static PcapFile open(String file, String filter) throws IOException {
    if (filter != null) BpfFilter.compile(filter, LinkType.ETHERNET, Delivery.PACKET_BYTES_MAX);
    if (file.equals(STANDARD_INPUT)) return new PcapFile(STANDARD_INPUT, new FileInputStream(FileDescriptor.in).getChannel(), -1, filter);
    Path path = Path.of(file);
    if (!Files.exists(path)) throw new NoSuchFileException(file, null, "there is no such capture file");
    boolean regular = Files.isRegularFile(path);
    PcapFile source = new PcapFile(file, FileChannel.open(path, StandardOpenOption.READ), regular ? Files.size(path) : -1, filter);
    try {
      if (regular) source.recognise();
      return source;
    } catch (IOException e) {
      source.close();
      throw e;
    }
  }

  @Override
  public int poll(PacketHandler handler, int timeoutMs) throws IOException {
    if (ended || closed) return END;
    delivery.handler = handler;
    try {
      if (!ready(timeoutMs)) return 0;
      if (reader == null) recognise();
      int handed = reader.read(delivery);
      if (handed == END) end(handler);
      return handed;
    } catch (ClosedChannelException e) {
      ended = true;
      return END;
    } catch (IOException e) {
      end(handler);
      throw e;
    } finally {
      delivery.publish();
      publishProgress();
    }
  }

  /** Standard input may be a pipe whose writer takes its time; what an inflater holds back cannot be seen, so that waits. */
  private boolean ready(int timeoutMs) throws IOException {
    if (standardInput == null || input.decompressing()) return true;
    return standardInput.await(timeoutMs) > 0;
  }

  private void end(PacketHandler handler) {
    ended = true;
    handler.onTime(delivery.lastTimeNs);
  }

  private void recognise() throws IOException {
    reader = readerOf(magic());
  }

  private int magic() throws IOException {
    if (!input.require(MAGIC_BYTES)) {
      throw new PcapFormatException(input.file, 0, "there are " + input.unread() + " bytes, expected a capture file", "Capture again.");
    }
    return input.i32(input.position);
  }

  private RecordReader readerOf(int magic) throws IOException {
    if ((magic & 0xffff) == GZIP_MAGIC) {
      var begin = new ByteArrayInputStream(input.array.clone(), input.position, input.unread());
      var whole = new SequenceInputStream(begin, Channels.newInputStream(channel));
      input.decompress(new GZIPInputStream(whole, GZIP_BUFFER_BYTES));
      magic = magic();
    }
    return switch (magic) {
      case PcapNgReader.SECTION -> new PcapNgReader(input);
      case PcapReader.MAGIC_MICROSECONDS, PcapReader.MAGIC_NANOSECONDS -> new PcapReader(input, magic == PcapReader.MAGIC_NANOSECONDS);
      default -> swapped(Integer.reverseBytes(magic));
    };
  }

  private RecordReader swapped(int magic) throws IOException {
    input.bigEndian = true;
    return switch (magic) {
      case PcapReader.MAGIC_MICROSECONDS, PcapReader.MAGIC_NANOSECONDS -> new PcapReader(input, magic == PcapReader.MAGIC_NANOSECONDS);
      default -> throw foreign(Integer.reverseBytes(magic));
    };
  }

  private PcapFormatException foreign(int magic) {
    String begins = HexFormat.of().formatHex(input.array, input.position, input.position + MAGIC_BYTES);
    String remedy = magic == ZSTD_MAGIC ? "It is compressed with zstd: decompress it first (zstd -d)."
        : "If it is a capture of another kind, convert it: editcap -F pcapng IN OUT.";
    return new PcapFormatException(input.file, 0, "not a capture file: it begins with " + begins + ", expected pcap, pcapng or gzip of these",
        remedy);
  }

  private void publishProgress() {
    try {
      if (bytesTotal >= 0) bytesRead = channel.position();
    } catch (IOException e) {
      bytesRead = bytesTotal; // closed meanwhile
    }
  }

  /** Bytes of the file (compressed, if it is) that were read so far; 0 for standard input. Any thread. */
  public long bytesRead() {
    return bytesRead;
  }

  /** Size of the file in bytes when it was opened, -1 for standard input. */
  public long bytesTotal() {
    return bytesTotal;
  }

  @Override
  public CaptureStatistics statistics() {
    return delivery.published();
  }

  @Override
  public List<String> notes() {
    return delivery.notes.list();
  }

  @Override
  public void close() {
    closed = true;
    try {
      input.close();
    } catch (IOException e) {
      // Nothing was written through it: nothing can be lost.
    }
  }
}
