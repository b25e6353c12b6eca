package io.kubeshark.hub;

import io.kubeshark.core.Connection;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.Ledger;
import io.kubeshark.core.LedgerCode;
import io.kubeshark.core.LinkType;
import io.kubeshark.core.Schema;
import io.kubeshark.render.EntryBuilder;
import io.kubeshark.store.EntryBatcher;
import io.kubeshark.store.EntryBus;
import io.kubeshark.store.EntryStore;
import io.kubeshark.store.PacketRecorder;
import io.kubeshark.store.PacketStore;
import io.kubeshark.store.Retention;
import io.kubeshark.store.StoreMode;
import io.kubeshark.wire.BearerToken;
import io.kubeshark.wire.ReleaseTls;
import io.kubeshark.wire.Wire;
import io.kubeshark.worker.WorkerIdentity;
import io.kubeshark.worker.WorkerServer;
import io.kubeshark.worker.WorkerSources;
import io.kubeshark.worker.WorkerStatistics;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** A worker without capture: real stores, real server, entries by hand. */
final class TestWorker implements WorkerSources, AutoCloseable {
  final BearerToken token = BearerToken.random();
  final Map<Long, byte[]> liveConnections = new ConcurrentHashMap<>();
  volatile String endReason;
  volatile List<WorkerStatistics.Drop> drops = List.of();

  final long instance = new java.security.SecureRandom().nextLong();

  private final String name;
  private final ReleaseTls tls;
  private final String host;
  private final EntryStore store;
  private final EntryBus bus;
  private final EntryBatcher batcher;
  private final PacketStore packets;
  private final PacketRecorder recorder;
  private WorkerServer server;
  private int port;

  TestWorker(Path directory, String name) throws IOException {
    this(directory, name, null, WorkerServer.LOOPBACK, 0);
  }

  /** @param tls null: by token */
  TestWorker(Path directory, String name, ReleaseTls tls, String host, int port) throws IOException {
    this.name = name;
    this.tls = tls;
    this.host = host;
    this.port = port;
    store = new EntryStore(directory.resolve(name + "-entries"), 1, Retention.ENTRIES, TestWorker::now);
    // FILE: a full queue waits, so that a test knows what was stored.
    bus = new EntryBus(store, StoreMode.FILE, 1);
    batcher = bus.batcher();
    // Kept for ever: a slow machine must not lose a test's packets.
    packets = new PacketStore(directory.resolve(name + "-packets"), Retention.PACKETS.withTtl(Duration.ZERO), PacketStore.CAPTURE_LENGTH_MAX, StoreMode.FILE, 1, TestWorker::now);
    recorder = packets.recorder();
    listen();
  }

  static long now() {
    return System.currentTimeMillis() * 1_000_000;
  }

  void listen() throws IOException {
    server = tls == null ? new WorkerServer(this, token, host, port) : new WorkerServer(this, tls, host, port);
    port = server.port();
  }

  void stopListening() {
    server.close();
  }

  int port() {
    return port;
  }

  int openStreams() {
    return server.openStreams();
  }

  WorkerAddress address() {
    return new WorkerAddress(uri(), token);
  }

  URI uri() {
    return URI.create("ws://" + WorkerServer.LOOPBACK + ":" + port + Wire.PATH);
  }

  /** Stores; entries get the sequence numbers 1, 2, … */
  synchronized void add(EntryBuilder... entries) {
    for (EntryBuilder entry : entries) {
      byte[] record = entry.record();
      if (!batcher.onEntry(record, 0, record.length)) throw new AssertionError("refused");
    }
    batcher.flush(0);
  }

  /** An HTTP entry that can be told from others by its URL. */
  static EntryBuilder http(int number) {
    return new EntryBuilder(EntryBuilder.HTTP).id(1, number).time(now(), 1000).string(EntryBuilder.METHOD, number % 2 == 0 ? "GET" : "POST")
        .string(EntryBuilder.URL, "/" + number).integer(EntryBuilder.STATUS, 200).sizes(100, 200, 0);
  }

  void drain() {
    bus.drain();
  }

  void packet(Connection connection, int end, byte[] frame, long timeNs) {
    recorder.onPacket(connection, end, frame, 0, frame.length, frame.length, timeNs, LinkType.ETHERNET);
  }

  /** After the last packet: nothing waits for a tick any more. */
  void packetsDone() {
    recorder.close();
    packets.drain();
  }

  @Override
  public long instance() {
    return instance;
  }

  @Override
  public WorkerIdentity identity() {
    return new WorkerIdentity(name, tls == null ? name + "-node" : name, "10.0.0.1", "test", "file", "a test");
  }

  @Override
  public Schema schema() {
    return EntryBuilder.SCHEMA;
  }

  @Override
  public EntryBus bus() {
    return bus;
  }

  @Override
  public EntryStore entries() {
    return store;
  }

  @Override
  public PacketStore packets() {
    return packets;
  }

  @Override
  public CompletableFuture<byte[]> connection(long stream) {
    byte[] live = liveConnections.get(stream);
    return CompletableFuture.completedFuture(live != null ? live : store.newest(stream, EntryLayout.Kind.CONNECTION));
  }

  @Override
  public WorkerStatistics statistics() {
    Ledger ledger = new Ledger();
    ledger.wire(1000);
    ledger.add(LedgerCode.MESSAGES, 600);
    ledger.add(LedgerCode.GAP, 300);
    return new WorkerStatistics(10, 1000, store.nextSequence() - 1, drops, liveConnections.size(), ledger, endReason);
  }

  @Override
  public void close() {
    server.close();
    batcher.close();
    bus.close();
    packets.close();
    store.close();
  }
}
