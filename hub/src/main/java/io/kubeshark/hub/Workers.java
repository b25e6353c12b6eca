package io.kubeshark.hub;

import io.kubeshark.core.ProtocolInfo;
import io.kubeshark.core.Schema;
import io.kubeshark.kfl.Kfl;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.jetty.websocket.client.WebSocketClient;

/**
 * All workers, and the language that fits their entries. Workers come and go; connections to them are open only while somebody looks
 * ({@link #look}), and {@link #LINGER_MS} longer, so that a page that is loaded again does not connect anew.
 */
final class Workers implements AutoCloseable {
  static final long LINGER_MS = 3000;
  /** A call waits so long for connections that are being opened; then it goes without the missing ones. */
  static final long READY_WAIT_MS = 3000;
  /** Over it, a cluster has more nodes than this hub can read from: the rest is left out, and {@link #refused} says how many. */
  static final int WORKERS_MAX = 2000;

  /** Told when the set changes. Must not wait. */
  interface Watcher {
    void added(Source source);

    void removed(Source source);
  }

  private final WebSocketClient client;
  /** The protocols that this hub knows without any worker. */
  private final Schema known;
  /** The hub's own entries, or null. */
  private final Source own;
  private final List<Watcher> watchers = new CopyOnWriteArrayList<>();
  private volatile List<WorkerConnection> connections = List.of();
  private volatile int refused;
  // Guarded by this.
  private int lookers;
  private long looks;
  /** Nobody looks any more, but the connections are still open. */
  private boolean lingers;
  private boolean closed;
  /** Made again when a worker says something new. */
  private volatile Language language;

  private record Language(List<Schema> of, Schema schema, Kfl kfl) {}

  Workers(WebSocketClient client, Schema known, Source own) {
    this.client = client;
    this.known = known;
    this.own = own;
    language = new Language(List.of(), known, new Kfl(known));
  }

  /** From now on, these are the workers. Those that stay keep their connections. */
  void set(List<WorkerAddress> addresses) {
    List<WorkerConnection> gone = new ArrayList<>();
    List<WorkerConnection> come = new ArrayList<>();
    synchronized (this) {
      if (closed) return;
      List<WorkerAddress> wanted = addresses.stream().distinct().limit(WORKERS_MAX).toList();
      refused = (int) addresses.stream().distinct().count() - wanted.size();
      List<WorkerConnection> now = new ArrayList<>();
      for (WorkerConnection connection : connections) (wanted.contains(connection.address()) ? now : gone).add(connection);
      List<WorkerAddress> had = now.stream().map(WorkerConnection::address).toList();
      for (WorkerAddress address : wanted) if (!had.contains(address)) come.add(new WorkerConnection(address, client));
      now.addAll(come);
      connections = List.copyOf(now);
      if (lookers > 0 || lingers) come.forEach(connection -> connection.want(true));
      for (Watcher watcher : watchers) {
        gone.forEach(watcher::removed);
        come.forEach(watcher::added);
      }
    }
    gone.forEach(WorkerConnection::close);
  }

  /** Somebody looks, until it is closed. */
  final class Look implements AutoCloseable {
    private boolean over;

    private Look() {}

    @Override
    public void close() {
      synchronized (Workers.this) {
        if (over) return;
        over = true;
        if (--lookers > 0) return;
        lingers = true;
        long last = looks;
        Thread.ofVirtual().name("linger").start(() -> linger(last));
      }
    }
  }

  Look look() {
    synchronized (this) {
      lookers++;
      looks++;
      lingers = false;
      for (WorkerConnection connection : connections) connection.want(true);
      return new Look();
    }
  }

  private void linger(long last) {
    try {
      Thread.sleep(LINGER_MS);
    } catch (InterruptedException e) {
      return;
    }
    synchronized (this) {
      if (looks != last || lookers > 0) return;
      lingers = false;
      for (WorkerConnection connection : connections) connection.want(false);
    }
    // What the last looker left is given back to the machine now: without work there would be no collection until the next one.
    System.gc();
  }

  /** Waits until each worker is connected or failed to be, {@link #READY_WAIT_MS} at most. */
  void awaitReady() throws InterruptedException {
    long until = System.currentTimeMillis() + READY_WAIT_MS;
    for (WorkerConnection connection : connections) connection.awaitSettled(until);
  }

  List<WorkerConnection> all() {
    return connections;
  }

  /** Workers, and the hub's own entries. */
  List<Source> sources() {
    List<Source> sources = new ArrayList<>(connections);
    if (own != null) sources.add(own);
    return sources;
  }

  /** The sources as they are now; the watcher is told of every change after that. */
  synchronized List<Source> watch(Watcher watcher) {
    watchers.add(watcher);
    return sources();
  }

  void unwatch(Watcher watcher) {
    watchers.remove(watcher);
  }

  /** Whether entries may come from several places, and so must be put in order. */
  boolean several() {
    return own != null || connections.size() > 1;
  }

  int connected() {
    return (int) connections.stream().filter(WorkerConnection::connected).count();
  }

  /** WebSockets to workers. */
  int open() {
    return (int) connections.stream().filter(WorkerConnection::open).count();
  }

  int refused() {
    return refused;
  }

  List<WorkerView> views() {
    return connections.stream().map(WorkerConnection::view).filter(Objects::nonNull).toList();
  }

  void awaitFirst(long timeoutMs) throws InterruptedException {
    for (WorkerConnection connection : connections) connection.awaitFirst(timeoutMs);
  }

  /** @throws ApiError if no such worker is known */
  Source named(String worker) throws ApiError {
    for (Source source : sources()) if (source.name().equals(worker)) return source;
    throw new ApiError(404, "unknown", "there is no worker '" + worker + "'");
  }

  /** @throws ApiError if no such worker is known */
  WorkerConnection worker(String worker) throws ApiError {
    if (named(worker) instanceof WorkerConnection connection) return connection;
    throw new ApiError(404, "unknown", "'" + worker + "' captures no packets");
  }

  Schema schema() {
    return language().schema;
  }

  Kfl kfl() {
    return language().kfl;
  }

  private Language language() {
    List<Schema> schemas = views().stream().map(WorkerView::schema).distinct().toList();
    Language now = language;
    if (now.of.equals(schemas)) return now;
    Map<String, ProtocolInfo> merged = new LinkedHashMap<>();
    if (own != null) for (ProtocolInfo protocol : own.view().schema().protocols()) merged.put(protocol.id(), protocol);
    for (Schema schema : schemas) for (ProtocolInfo protocol : schema.protocols()) merged.putIfAbsent(protocol.id(), protocol);
    for (ProtocolInfo protocol : known.protocols()) merged.putIfAbsent(protocol.id(), protocol);
    Schema schema = new Schema(merged.values());
    language = now = new Language(schemas, schema, new Kfl(schema));
    return now;
  }

  @Override
  public void close() {
    List<WorkerConnection> last;
    synchronized (this) {
      closed = true;
      last = connections;
      connections = List.of();
    }
    last.forEach(WorkerConnection::close);
  }
}
