package io.kubeshark.worker;

import io.kubeshark.capture.PacketSource;
import io.kubeshark.core.Ledger;
import io.kubeshark.core.LedgerCode;
import io.kubeshark.core.ProtocolInfo;
import io.kubeshark.core.Schema;
import io.kubeshark.dissect.ConnectionPolicy;
import io.kubeshark.dissect.Protocols;
import io.kubeshark.dissect.Runner;
import io.kubeshark.kube.EventProtocol;
import io.kubeshark.store.EntryBatcher;
import io.kubeshark.store.EntryBus;
import io.kubeshark.store.EntryStore;
import io.kubeshark.store.PacketRecorder;
import io.kubeshark.store.PacketStore;
import io.kubeshark.store.Retention;
import io.kubeshark.store.StoreDirectory;
import io.kubeshark.store.StoreMode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;

/** A node: pipelines, one thread each, into one store. Runs on its own; whoever wants to look comes by {@link WorkerSources}. */
public final class Worker implements WorkerSources, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Worker.class.getName());
  private static final long JOIN_MS = 10_000;

  private final WorkerOptions options;
  private final Schema schema;
  private final long beganMs;
  private final StoreDirectory directory;
  private final EntryStore entries;
  private final EntryBus bus;
  private final PacketStore packets;
  private final List<Pipeline> pipelines = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final List<AutoCloseable> outlets = new ArrayList<>();
  private final List<PacketRecorder> recorders = new ArrayList<>();
  /** Null where there is no cluster. */
  private final WorkerCluster cluster;
  private final List<EntryBatcher> batchers = new ArrayList<>();
  /** One for each pipeline; nulls where there is no cluster. */
  private final List<NamingSink> namings = new ArrayList<>();
  private final AtomicInteger running = new AtomicInteger();
  private final CompletableFuture<String> ended = new CompletableFuture<>();
  /** What the first thread that failed said. */
  private final AtomicReference<String> failure = new AtomicReference<>();
  private volatile String endReason;

  /**
   * Opens the stores and prepares one pipeline for each source; nothing is read before {@link #start}.
   *
   * @param sources owned by the worker from now on
   */
  public Worker(WorkerOptions options, Protocols protocols, List<? extends PacketSource> sources, ConnectionPolicy policy,
      Runner.FailureListener failures, LongSupplier epochNs) throws IOException {
    this(options, protocols, sources, policy, failures, epochNs, null);
  }

  /** @param cluster that the node belongs to, or null */
  public Worker(WorkerOptions options, Protocols protocols, List<? extends PacketSource> sources, ConnectionPolicy policy,
      Runner.FailureListener failures, LongSupplier epochNs, WorkerCluster cluster) throws IOException {
    this.options = options;
    this.cluster = cluster;
    beganMs = epochNs.getAsLong() / 1_000_000;
    this.schema = cluster == null ? protocols.schema() : withEvents(protocols.schema());
    directory = options.storeDirectory() != null ? StoreDirectory.lasting(options.storeDirectory()) : StoreDirectory.ephemeral(options.storeParent());
    StoreMode mode = options.live() ? StoreMode.LIVE : StoreMode.FILE;
    long fingerprint = schema.protocols().hashCode();
    entries = new EntryStore(directory.path(), fingerprint, options.entries(), epochNs);
    bus = new EntryBus(entries, mode, sources.size());
    packets = new PacketStore(directory.path(), options.packets(), PacketStore.CAPTURE_LENGTH_MAX, mode, sources.size(), epochNs);
    for (int i = 0; i < sources.size(); i++) {
      EntryBatcher batcher = bus.batcher();
      PacketRecorder recorder = packets.recorder();
      batchers.add(batcher);
      outlets.add(batcher);
      outlets.add(recorder);
      recorders.add(recorder);
      NamingSink naming = cluster == null ? null : new NamingSink(schema, cluster.identities(), cluster.names(), batcher, System.nanoTime());
      namings.add(naming);
      pipelines.add(new Pipeline(i, options.live(), sources.get(i), protocols, options.dissect(), options.limits(), policy,
          naming == null ? batcher : naming, recorder, nowNs -> {
            if (naming != null) naming.tick(nowNs);
            batcher.flush(nowNs);
            recorder.tick(nowNs);
          }, failures, cluster));
    }
  }

  /** So that a filter that asks for Kubernetes events compiles here too, and finds none. */
  private static Schema withEvents(Schema schema) {
    List<ProtocolInfo> protocols = new ArrayList<>(schema.protocols());
    protocols.add(EventProtocol.INFO);
    return new Schema(protocols);
  }

  public void start() {
    running.set(pipelines.size());
    for (int i = 0; i < pipelines.size(); i++) {
      Pipeline pipeline = pipelines.get(i);
      int thread = i;
      threads.add(Thread.ofPlatform().name("pipeline-" + i).start(() -> run(pipeline, thread)));
    }
  }

  private void run(Pipeline pipeline, int thread) {
    try {
      pipeline.run();
    } catch (IOException broken) {
      LOG.log(System.Logger.Level.ERROR, broken.getMessage());
      failed(broken.getMessage());
    } catch (RuntimeException | Error bug) {
      LOG.log(System.Logger.Level.ERROR, "the pipeline failed (a bug, please report it)", bug);
      failed("the pipeline failed: " + bug);
    }
    // No tick comes any more that would hand over the last ones.
    if (namings.get(thread) != null) namings.get(thread).close();
    batchers.get(thread).flush(System.nanoTime());
    recorders.get(thread).close();
    if (running.decrementAndGet() == 0) {
      bus.drain();
      String reason = failure.get();
      if (reason == null) reason = options.live() ? "capture was stopped" : "the file is read to its end";
      endReason = reason;
      ended.complete(reason);
    }
  }

  /** One thread less would be a share of the connections that nobody reads and nobody misses: so all end, and say why. */
  private void failed(String reason) {
    if (failure.compareAndSet(null, reason)) pipelines.forEach(Pipeline::stop);
  }

  /** Completes with the reason when no more packets will come. */
  public CompletableFuture<String> ended() {
    return ended;
  }

  @Override
  public WorkerIdentity identity() {
    return options.identity();
  }

  @Override
  public long storeBeganMs() {
    return beganMs;
  }

  @Override
  public Schema schema() {
    return schema;
  }

  @Override
  public EntryBus bus() {
    return bus;
  }

  @Override
  public EntryStore entries() {
    return entries;
  }

  @Override
  public PacketStore packets() {
    return packets;
  }

  @Override
  public Retention entryRetention() {
    return options.entries();
  }

  @Override
  public Retention packetRetention() {
    return options.packets();
  }

  @Override
  public CompletableFuture<byte[]> connection(long stream) {
    int thread = (int) (stream >>> 48);
    if (thread >= pipelines.size()) return CompletableFuture.completedFuture(null);
    return pipelines.get(thread).connection(stream).thenApply(live -> live == null ? stored(stream) : cluster == null ? live : NamingSink.named(live, cluster.identities()));
  }

  /** The connection's last entry: the one that was written when it ended. */
  private byte[] stored(long stream) {
    return entries.newest(stream, io.kubeshark.core.EntryLayout.Kind.CONNECTION);
  }

  @Override
  public WorkerStatistics statistics() {
    Ledger ledger = new Ledger();
    long packetCount = 0;
    long bytes = 0;
    int live = 0;
    for (Pipeline pipeline : pipelines) {
      Pipeline.Snapshot snapshot = pipeline.snapshot();
      ledger.addAll(snapshot.ledger());
      packetCount += snapshot.capture().packets();
      bytes += snapshot.capture().wireBytes();
      live += snapshot.liveConnections();
    }
    // What the disk refused was dissected, but is lost to whoever looks.
    long failed = entries.failedWireBytes();
    ledger.move(LedgerCode.MESSAGES, LedgerCode.STORE_FAILED, failed);
    for (NamingSink naming : namings) if (naming != null) ledger.move(LedgerCode.MESSAGES, LedgerCode.QUEUE_REFUSED, naming.refusedWireBytes());
    List<WorkerStatistics.Drop> drops = new ArrayList<>();
    drop(drops, LedgerCode.KERNEL_DROP, ledger.packets(LedgerCode.KERNEL_DROP), 0);
    drop(drops, LedgerCode.QUEUE_REFUSED, bus.refusedEntries(), bus.refusedWireBytes());
    drop(drops, LedgerCode.STORE_FAILED, packets.unrecordedPackets(), packets.unrecordedBytes());
    return new WorkerStatistics(packetCount, bytes, entries.nextSequence() - 1, drops, live, ledger, endReason);
  }

  private static void drop(List<WorkerStatistics.Drop> drops, LedgerCode code, long count, long bytes) {
    if (count > 0) drops.add(new WorkerStatistics.Drop(code, count, bytes));
  }

  @Override
  public long unnamedEntries() {
    return namings.stream().filter(java.util.Objects::nonNull).mapToLong(NamingSink::unnamedEntries).sum();
  }

  @Override
  public WorkerCondition condition() {
    return cluster == null ? WorkerCondition.NONE : cluster.condition(statistics());
  }

  /** Sum over the threads of what waits in buffers: the ledger's pending, counted where it waits. */
  public long pendingBytes() {
    return pipelines.stream().mapToLong(pipeline -> pipeline.snapshot().pendingBytes()).sum();
  }

  @Override
  public void close() {
    pipelines.forEach(Pipeline::stop);
    try {
      for (Thread thread : threads) thread.join(JOIN_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    try {
      for (AutoCloseable outlet : outlets) outlet.close();
      bus.close();
      packets.close();
      entries.close();
      directory.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
