package io.kubeshark.hub;

import io.kubeshark.core.Schema;
import io.kubeshark.kfl.Kfl;
import io.kubeshark.kube.KubernetesEvent;
import io.kubeshark.kube.Pod;
import io.kubeshark.render.JsonWriter;
import io.kubeshark.wire.ReleaseTls;
import io.kubeshark.wire.Wire;
import java.io.IOException;
import java.net.BindException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.VirtualThreadPool;
import org.eclipse.jetty.websocket.client.WebSocketClient;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;

/** The hub's server: dashboard files, REST, WebSocket, all on one origin. */
public final class Hub implements AutoCloseable {
  public static final String SOCKET_PATH = "/api/ws";
  private static final int BROWSER_MESSAGE_BYTES_MAX = 256 << 10;
  private static final long FIRST_WORKER_WAIT_MS = 5000;
  private static final Duration WORKER_IDLE_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration BROWSER_IDLE_TIMEOUT = Duration.ofMinutes(5);
  /** The kernel's own choice grows to megabytes: compressed rows of minutes, that a slow browser would lag behind by instead of being skipped forward. */
  private static final int BROWSER_SEND_BUFFER_BYTES = 64 << 10;

  /** A cursor of two thousand workers ({@link Cursor}) is part of a URL. */
  private static final int REQUEST_HEADER_BYTES_MAX = 64 << 10;

  private final HubOptions options;
  private final WebSocketClient client;
  private final Workers workers;
  private final EventRing events;
  private final StatsTicker ticker;
  private final Server server;
  private final ServerConnector connector;

  /** @throws IOException if the port cannot be had; the message says what to do */
  public static Hub start(HubOptions options) throws IOException {
    Hub hub = new Hub(options);
    try {
      hub.listen();
      if (options.release() != null) {
        options.release().cluster().start(hub.new Changes());
        return hub;
      }
      hub.workers.look(); // one machine's worker is never far
      hub.workers.awaitFirst(FIRST_WORKER_WAIT_MS);
      return hub;
    } catch (IOException e) {
      hub.close();
      throw e;
    } catch (InterruptedException e) {
      hub.close();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the hub was starting", e);
    }
  }

  private Hub(HubOptions options) throws IOException {
    this.options = options;
    HubOptions.Release release = options.release();
    client = client(release == null ? null : release.tls());
    events = release == null ? null : new EventRing(this::language, options.version(), System.currentTimeMillis());
    workers = new Workers(client, release == null ? new Schema(List.of()) : release.schema(), events);
    workers.set(options.workers());
    ticker = new StatsTicker(workers, this::targets);
    server = new Server(new VirtualThreadPool());
    connector = connector(release == null ? null : release.tls());
    connector.setHost(options.host());
    connector.setPort(options.port());
    connector.setAcceptedSendBufferSize(BROWSER_SEND_BUFFER_BYTES);
    server.addConnector(connector);
    server.setErrorHandler(new JsonErrors());
    WebSocketUpgradeHandler sockets = WebSocketUpgradeHandler.from(server, container -> {
      container.setIdleTimeout(BROWSER_IDLE_TIMEOUT);
      container.setMaxTextMessageSize(BROWSER_MESSAGE_BYTES_MAX);
      container.addMapping(SOCKET_PATH, (request, response, callback) -> new BrowserSession(this));
    });
    sockets.setHandler(new Handler.Sequence(new Api(this), Front.files(options.frontDirectory())));
    server.setHandler(release == null ? new Door(options, sockets) : new ReleaseDoor(release.token(), System::currentTimeMillis, this::healthz, sockets));
  }

  /** @param tls null: plain WebSockets */
  private static WebSocketClient client(ReleaseTls tls) throws IOException {
    ClientConnector connector = new ClientConnector();
    connector.setSelectors(1);
    if (tls != null) {
      SslContextFactory.Client context = new SslContextFactory.Client();
      context.setSslContext(tls.mutual(ReleaseTls.WORKER)); // which looks at the name in the certificate, not at addresses: pods change theirs
      connector.setSslContextFactory(context);
    }
    HttpClient http = new HttpClient(new HttpClientTransportOverHTTP(connector));
    http.setExecutor(new VirtualThreadPool());
    WebSocketClient client = new WebSocketClient(http);
    client.setMaxBinaryMessageSize(Wire.FRAME_BYTES_MAX);
    client.setMaxFrameSize(Wire.FRAME_BYTES_MAX);
    client.setIdleTimeout(WORKER_IDLE_TIMEOUT);
    try {
      client.start();
    } catch (Exception e) {
      throw new IOException("the WebSocket client did not start: " + e.getMessage(), e);
    }
    return client;
  }

  private ServerConnector connector(ReleaseTls tls) {
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    http.setRequestHeaderSize(REQUEST_HEADER_BYTES_MAX);
    // An entry's id has a slash: /api/entries/NODE%2F12-3/kubernetes.
    http.setUriCompliance(UriCompliance.DEFAULT.with("entry ids", UriCompliance.Violation.AMBIGUOUS_PATH_SEPARATOR));
    HttpConnectionFactory plain = new HttpConnectionFactory(http);
    if (tls == null) return new ServerConnector(server, 1, 1, plain);
    SslContextFactory.Server context = new SslContextFactory.Server();
    context.setSslContext(tls.server());
    http.addCustomizer(new SecureRequestCustomizer(false)); // probes and proxies call us by addresses that no certificate has
    return new ServerConnector(server, 1, 1, new SslConnectionFactory(context, plain.getProtocol()), plain);
  }

  private Kfl language() {
    return workers.kfl();
  }

  /** What the cluster tells. */
  private final class Changes implements Cluster.Listener {
    /** While a worker is replaced there are two pods on its node: the one that is ready counts, else the younger. */
    @Override
    public void workers(List<Pod> pods) {
      Map<String, Pod> byNode = new LinkedHashMap<>();
      for (Pod pod : pods) {
        if (pod.ip().isEmpty()) continue;
        byNode.merge(pod.node(), pod, (one, other) -> one.ready() != other.ready() ? one.ready() ? one : other : one.startNs() > other.startNs() ? one : other);
      }
      String scheme = options.release().tls() == null ? "ws" : "wss";
      List<WorkerAddress> addresses = new ArrayList<>();
      byNode.forEach((node, pod) -> {
        String host = pod.ip().indexOf(':') >= 0 ? "[" + pod.ip() + "]" : pod.ip();
        addresses.add(new WorkerAddress(node, URI.create(scheme + "://" + host + ":" + options.release().workerPort() + Wire.PATH), null));
      });
      workers.set(addresses);
    }

    @Override
    public void targetsChanged() {
      ticker.targetsChanged();
    }

    @Override
    public void event(KubernetesEvent event) {
      events.add(event, System.currentTimeMillis() * 1_000_000);
    }
  }

  /** Open to probes: no names, no figures of the traffic. */
  private JsonWriter healthz() {
    JsonWriter out = new JsonWriter(256).beginObject().key("status").string("ok").key("version").string(options.version());
    connections(out);
    return out.endObject();
  }

  /** {@code "workerConnections":{"known","connected","open"}}; open: WebSockets to workers, 0 while nobody looks. */
  void connections(JsonWriter out) {
    out.key("workerConnections").beginObject().key("known").number(workers.all().size()).key("connected").number(workers.connected());
    out.key("open").number(workers.open()).key("refused").number(workers.refused()).endObject();
  }

  private String targets() {
    Cluster cluster = options.release().cluster();
    JsonWriter out = new JsonWriter(256).beginObject().key("type").string("targets");
    Targets.rule(cluster.targeting(), out);
    Targets.counts(cluster.targeting(), cluster.pods(), out);
    return out.endObject().toString();
  }

  private void listen() throws IOException {
    try {
      server.start();
    } catch (Exception e) {
      if (e instanceof BindException || e.getCause() instanceof BindException) {
        throw new IOException("port " + options.port() + " is taken by another process: stop it or choose another with --port", e);
      }
      throw new IOException("the hub did not start: " + e.getMessage(), e);
    }
  }

  public int port() {
    return connector.getLocalPort();
  }

  /** {@code http://127.0.0.1:8899}. */
  public String url() {
    String scheme = options.release() != null && options.release().tls() != null ? "https" : "http";
    return scheme + "://" + (options.host().indexOf(':') >= 0 ? "[" + options.host() + "]" : options.host()) + ":" + port();
  }

  Workers workers() {
    return workers;
  }

  StatsTicker ticker() {
    return ticker;
  }

  HubOptions options() {
    return options;
  }

  String hello() {
    JsonWriter out = new JsonWriter().beginObject().key("type").string("hello").key("version").string(options.version());
    out.key("mode").string(options.mode()).key("source").string(options.source()).key("nodes").beginArray();
    for (WorkerConnection worker : workers.all()) {
      String node = worker.view() == null ? worker.address().name() : worker.view().names().node();
      if (!node.isEmpty()) out.string(node);
    }
    out.endArray().key("limits").beginObject().key("rows").number(RowFeed.ROWS_MAX).endObject();
    if (options.release() != null) {
      Cluster cluster = options.release().cluster();
      out.key("targets");
      Targets.countsObject(cluster.targeting(), cluster.pods(), out);
    }
    return out.endObject().toString();
  }

  @Override
  public void close() {
    ticker.close();
    if (options.release() != null) options.release().cluster().close();
    workers.close();
    try {
      server.stop();
      client.stop();
    } catch (Exception e) {
      System.getLogger(Hub.class.getName()).log(System.Logger.Level.WARNING, "stopping the hub", e);
    }
  }
}
