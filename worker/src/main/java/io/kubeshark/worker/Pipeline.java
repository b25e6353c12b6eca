package io.kubeshark.worker;

import io.kubeshark.capture.CaptureStatistics;
import io.kubeshark.capture.PacketSource;
import io.kubeshark.core.Connection;
import io.kubeshark.core.EntryEncoder;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntrySink;
import io.kubeshark.core.Ledger;
import io.kubeshark.core.LedgerCode;
import io.kubeshark.core.PacketHandler;
import io.kubeshark.core.PacketTap;
import io.kubeshark.dissect.ConnectionPolicy;
import io.kubeshark.dissect.DissectOptions;
import io.kubeshark.dissect.Protocols;
import io.kubeshark.dissect.Runner;
import io.kubeshark.reassembly.Reassembler;
import io.kubeshark.reassembly.ReassemblyLimits;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;

/**
 * The way of the data on one page. One thread owns its flows from packet to entry, without a lock:
 *
 * <pre>
 *   source ──packets──► filter (in a cluster: of targeted pods, once) ──► reassembler ──ordered bytes──► runner ──entries──► sink
 *                                                                             └──packets──► tap (packet store)
 * </pre>
 *
 * Others reach in by {@link #snapshot} and {@link #connection} only: both are answered by the owner between two polls.
 */
public final class Pipeline {
  private static final int POLL_MS = 20;
  private static final long PUBLISH_NS = 200_000_000L;
  private static final int QUESTIONS_MAX = 256;

  /** Called by the pipeline's thread between polls, at least every 50 ms while live. */
  public interface Tick {
    void tick(long nowNs);
  }

  /**
   * What the thread did until a moment ago. Immutable.
   *
   * @param ledger wire = accounts + pending
   * @param pendingBytes buffered in reassembly and dissection, counted there and not derived from the ledger
   */
  public record Snapshot(CaptureStatistics capture, Ledger ledger, long pendingBytes, int liveConnections, Runner.Counters counters, boolean ended) {}

  private record Question(long stream, CompletableFuture<byte[]> answer) {}

  private final boolean live;
  private final PacketSource source;
  private final Runner runner;
  private final Reassembler reassembler;
  private final PacketHandler handler;
  /** Null: everything is taken. */
  private final TargetFilter filter;
  private final Tick tick;
  private final Ledger captureLedger = new Ledger();
  private final ArrayBlockingQueue<Question> questions = new ArrayBlockingQueue<>(QUESTIONS_MAX);
  private volatile Snapshot snapshot;
  private volatile boolean stopping;
  private long lastPublishNs;

  /** @param live whether time is the wall clock; else it is the file's, and ends with it */
  public Pipeline(int thread, boolean live, PacketSource source, Protocols protocols, DissectOptions dissectOptions, ReassemblyLimits limits,
      ConnectionPolicy policy, EntrySink sink, PacketTap tap, Tick tick, Runner.FailureListener failures) {
    this(thread, live, source, protocols, dissectOptions, limits, policy, sink, tap, tick, failures, null);
  }

  /** @param cluster whose pods are targeted, or null: every packet is taken */
  Pipeline(int thread, boolean live, PacketSource source, Protocols protocols, DissectOptions dissectOptions, ReassemblyLimits limits,
      ConnectionPolicy policy, EntrySink sink, PacketTap tap, Tick tick, Runner.FailureListener failures, WorkerCluster cluster) {
    this.live = live;
    this.source = source;
    this.tick = tick;
    EntryLayout.Capture capture = live ? EntryLayout.Capture.AF_PACKET : EntryLayout.Capture.FILE;
    this.runner = new Runner(protocols, dissectOptions, capture, live, policy, sink, failures);
    this.reassembler = new Reassembler(thread, limits, runner, tap);
    this.filter = cluster == null ? null : new TargetFilter(reassembler, cluster.interfaces(), AddressBook.newest(cluster.targets()));
    this.handler = filter == null ? reassembler : filter;
    publish(false);
  }

  /**
   * Runs until the source ends, breaks or {@link #stop} is called; then everything pending is settled.
   *
   * @throws RuntimeException what the sink threw, or a bug; whoever asked is answered and what was batched handed over all the same
   */
  public void run() throws IOException {
    try (Ending _ = this::ended) {
      try (Ending _ = this::flush) {
        while (!stopping) {
          int packets = source.poll(handler, POLL_MS);
          if (packets == PacketSource.END) break;
          betweenPolls();
        }
      }
    }
  }

  private void flush() {
    if (filter != null) filter.end();
    reassembler.flush(live ? System.currentTimeMillis() * 1_000_000L : Long.MIN_VALUE);
  }

  /** Done in any case; a failure of it does not hide the one before. */
  private interface Ending extends AutoCloseable {
    @Override
    void close();
  }

  private void ended() {
    publish(true);
    answer();
    tick.tick(System.nanoTime());
  }

  private void betweenPolls() {
    long now = System.nanoTime();
    tick.tick(now);
    if (now - lastPublishNs >= PUBLISH_NS) {
      lastPublishNs = now;
      publish(false);
    }
    if (!questions.isEmpty()) answer();
  }

  private void publish(boolean ended) {
    Ledger ledger = reassembler.ledger().copy();
    ledger.addAll(runner.ledger());
    if (filter != null) ledger.addAll(filter.ledger());
    CaptureStatistics capture = source.statistics();
    if (capture.droppedPackets() > 0) ledger.add(LedgerCode.KERNEL_DROP, 0, capture.droppedPackets() - ledger.packets(LedgerCode.KERNEL_DROP));
    snapshot = new Snapshot(capture, ledger, reassembler.pendingBytes() + runner.waitingBytes(), reassembler.connectionsTracked(), runner.counters().copy(), ended);
  }

  private void answer() {
    for (Question question = questions.poll(); question != null; question = questions.poll()) {
      Connection connection = reassembler.connection(question.stream);
      question.answer.complete(connection == null ? null : record(connection));
    }
  }

  private byte[] record(Connection connection) {
    EntryEncoder encoder = runner.snapshot(connection);
    return Arrays.copyOf(encoder.array(), encoder.length());
  }

  public Snapshot snapshot() {
    return snapshot;
  }

  /** The connection as it stands, or null if this thread does not (or no longer) have it. Any thread. */
  public CompletableFuture<byte[]> connection(long stream) {
    CompletableFuture<byte[]> answer = new CompletableFuture<>();
    if (snapshot.ended || !questions.offer(new Question(stream, answer))) answer.complete(null);
    // The thread may have ended between the look and the offer.
    if (snapshot.ended) answer.complete(null);
    return answer;
  }

  /** Any thread; {@link #run} returns soon after. */
  public void stop() {
    stopping = true;
    source.close();
  }
}
