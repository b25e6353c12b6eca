package io.kubeshark.cli;

import io.kubeshark.capture.CaptureStatistics;
import io.kubeshark.capture.PacketSource;
import io.kubeshark.capture.PcapFile;
import io.kubeshark.core.LinkType;
import io.kubeshark.core.PacketHandler;
import io.kubeshark.linux.BpfFilter;
import io.kubeshark.linux.BpfFilterException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Capture files one after the other, as if they were one (a capture that was rotated). What is wrong with a file is noted; the next one
 * goes on.
 */
final class FileSequence implements PacketSource {
  private static final int SNAP_LENGTH = 262_144;

  private final List<String> files;
  private final String filter;
  private final List<String> problems = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final long bytesTotal;
  private long bytesBefore;
  private int next;
  private PcapFile current;
  private long packets;
  private long wireBytes;
  private long filtered;
  private long unsupported;
  private volatile boolean closed;

  /** @param filter a BPF expression or null */
  FileSequence(List<String> files, String filter) {
    this.files = List.copyOf(files);
    this.filter = filter;
    long sum = 0;
    for (String file : files) {
      if (file.equals(PcapFile.STANDARD_INPUT)) continue;
      Path path = Path.of(file);
      if (!Files.exists(path)) throw new Failure("there is no file '" + file + "'");
      if (!Files.isReadable(path) || Files.isDirectory(path)) throw new Failure("'" + file + "' cannot be read as a capture file");
      sum += path.toFile().length();
    }
    bytesTotal = sum;
    if (filter != null) check(filter);
  }

  /** Before anything is read: a wrong filter is a wrong usage. */
  private static void check(String filter) {
    try {
      BpfFilter.compile(filter, LinkType.ETHERNET, SNAP_LENGTH);
    } catch (BpfFilterException e) {
      throw new Failure(Failure.USAGE, e.getMessage());
    }
  }

  @Override
  public int poll(PacketHandler handler, int timeoutMs) {
    while (!closed) {
      try {
        if (current == null) {
          if (next == files.size()) return END;
          current = PcapFile.open(files.get(next++), filter);
        }
        int count = current.poll(handler, timeoutMs);
        if (count != END) return count;
      } catch (IOException broken) {
        problems.add(broken.getMessage());
      }
      finishFile();
    }
    return END;
  }

  private void finishFile() {
    if (current == null) return;
    CaptureStatistics done = current.statistics();
    packets += done.packets();
    wireBytes += done.wireBytes();
    filtered += done.filteredPackets();
    unsupported += done.unsupportedLinkPackets();
    notes.addAll(current.notes());
    bytesBefore += Math.max(0, current.bytesTotal());
    current.close();
    current = null;
  }

  /** Whether it was closed before all was read. */
  boolean stopped() {
    return closed && (current != null || next < files.size());
  }

  /** What was wrong with files, a sentence each. */
  List<String> problems() {
    return problems;
  }

  long bytesRead() {
    PcapFile file = current;
    return bytesBefore + (file == null ? 0 : file.bytesRead());
  }

  /** 0 where unknown (standard input). */
  long bytesTotal() {
    return bytesTotal;
  }

  @Override
  public CaptureStatistics statistics() {
    PcapFile file = current;
    CaptureStatistics now = file == null ? null : file.statistics();
    return new CaptureStatistics(packets + (now == null ? 0 : now.packets()), wireBytes + (now == null ? 0 : now.wireBytes()),
        filtered + (now == null ? 0 : now.filteredPackets()), unsupported + (now == null ? 0 : now.unsupportedLinkPackets()), List.of());
  }

  @Override
  public List<String> notes() {
    return notes;
  }

  @Override
  public void close() {
    closed = true;
  }
}
