package io.kubeshark.hub;

import io.kubeshark.wire.proto.GetPcap;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Workers' packets as one file, by time. Reads all of them at once, each as far ahead as its credit, {@link #AHEAD_BYTES} in all about. A
 * worker that cannot be read, or breaks off, is named in {@link #missing}; the others go on.
 */
final class PcapMerge implements AutoCloseable {
  private static final int AHEAD_BYTES = 16 << 20;
  private static final int AHEAD_BYTES_MIN = 16 << 10;
  private static final int AHEAD_BYTES_MAX = 1 << 20;
  /** A worker whose turn does not come is not given up by its connection. */
  private static final long PING_NS = 10_000_000_000L;

  private final List<PcapDownload> downloads;
  private final PriorityQueue<PcapDownload> byTime =
      new PriorityQueue<>(Comparator.comparingLong(PcapDownload::timeNs).thenComparing(download -> download.worker().name()));
  private final List<String> missing = new ArrayList<>();
  private final List<String> missingNodes = new ArrayList<>();
  private ApiError firstProblem;
  private int answering;
  private boolean limited;

  PcapMerge(List<WorkerConnection> workers) {
    downloads = workers.stream().map(PcapDownload::new).toList();
  }

  /** Asks all workers, and waits until each has answered or failed. @throws ApiError none answers */
  void open(GetPcap wanted) throws ApiError {
    GetPcap question = wanted.toBuilder().setCreditBytes(Math.clamp(AHEAD_BYTES / Math.max(1, downloads.size()), AHEAD_BYTES_MIN, AHEAD_BYTES_MAX)).build();
    Map<PcapDownload, ApiError> problems = new ConcurrentHashMap<>();
    Map<PcapDownload, Boolean> first = new ConcurrentHashMap<>();
    List<Thread> threads = downloads.stream().map(download -> Thread.ofVirtual().name("pcap").start(() -> {
      try {
        first.put(download, download.open(question));
      } catch (ApiError e) {
        problems.put(download, e);
      }
    })).toList();
    try {
      for (Thread thread : threads) thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ApiError(503, "stopping", "the hub is being stopped");
    }
    for (PcapDownload download : downloads) {
      if (problems.containsKey(download)) lost(download, problems.get(download));
      else if (first.get(download)) byTime.add(download);
      else ended(download);
    }
    answering = downloads.size() - problems.size();
    if (answering == 0 && firstProblem != null) throw firstProblem;
  }

  private static String node(PcapDownload download) {
    WorkerConnection worker = download.worker();
    String node = worker.view() == null ? worker.name() : worker.view().names().node();
    return node.isEmpty() ? worker.address().uri().getHost() : node;
  }

  private void lost(PcapDownload download, ApiError why) {
    if (firstProblem == null) firstProblem = why;
    missingNodes.add(node(download));
    missing.add(node(download) + ": " + why.getMessage());
  }

  private void ended(PcapDownload download) {
    for (String what : download.missing()) missing.add(node(download) + ": " + what);
    download.close();
  }

  /** @param limit packets at most */
  void writeTo(PcapFileWriter out, long limit) throws IOException, ApiError {
    long pinged = System.nanoTime();
    for (PcapDownload download = byTime.poll(); download != null; download = byTime.poll()) {
      if (out.packets() == limit) {
        limited = true;
        return;
      }
      try {
        out.packet(download, node(download));
        if (download.next()) byTime.add(download);
        else ended(download);
      } catch (ApiError e) {
        if (!out.tellsWhatIsMissing()) throw e; // only a whole file is ended
        lost(download, e);
      }
      if (System.nanoTime() - pinged < PING_NS) continue;
      pinged = System.nanoTime();
      byTime.forEach(PcapDownload::ping);
    }
    if (!missing.isEmpty() && !out.tellsWhatIsMissing() && missing.size() > missingNodes.size()) throw new ApiError(502, "incomplete", String.join("; ", missing));
  }

  /** Whether {@code limit} ended it. */
  boolean limited() {
    return limited;
  }

  int answering() {
    return answering;
  }

  int asked() {
    return downloads.size();
  }

  /** Workers that are not in the file, or not to its end. */
  List<String> missingNodes() {
    return missingNodes;
  }

  /** What is not in the file and why, as far as it is known now. */
  List<String> missing() {
    return missing;
  }

  @Override
  public void close() {
    downloads.forEach(PcapDownload::close);
  }
}
