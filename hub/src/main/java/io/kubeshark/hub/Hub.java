package io.kubeshark.hub;

import io.kubeshark.render.JsonWriter;
import java.io.IOException;
import java.net.BindException;
import java.time.Duration;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
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

  private final HubOptions options;
  private final WebSocketClient client;
  private final Workers workers;
  private final StatsTicker ticker;
  private final Server server;
  private final ServerConnector connector;

  /** @throws IOException if the port cannot be had; the message says what to do */
  public static Hub start(HubOptions options) throws IOException {
    Hub hub = new Hub(options);
    try {
      hub.listen();
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
    client = new WebSocketClient();
    client.setMaxBinaryMessageSize(io.kubeshark.wire.Wire.FRAME_BYTES_MAX);
    client.setMaxFrameSize(io.kubeshark.wire.Wire.FRAME_BYTES_MAX);
    client.setIdleTimeout(WORKER_IDLE_TIMEOUT);
    client.getHttpClient().setExecutor(new VirtualThreadPool());
    try {
      client.start();
    } catch (Exception e) {
      throw new IOException("the WebSocket client did not start: " + e.getMessage(), e);
    }
    server = new Server(new VirtualThreadPool());
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
    connector.setHost(options.host());
    connector.setPort(options.port());
    connector.setAcceptedSendBufferSize(BROWSER_SEND_BUFFER_BYTES);
    server.addConnector(connector);
    server.setErrorHandler(new JsonErrors());
    workers = new Workers(options.workers(), client);
    ticker = new StatsTicker(workers);
    WebSocketUpgradeHandler sockets = WebSocketUpgradeHandler.from(server, container -> {
      container.setIdleTimeout(BROWSER_IDLE_TIMEOUT);
      container.setMaxTextMessageSize(BROWSER_MESSAGE_BYTES_MAX);
      container.addMapping(SOCKET_PATH, (request, response, callback) -> new BrowserSession(this));
    });
    sockets.setHandler(new Handler.Sequence(new Api(this), Front.files(options.frontDirectory())));
    server.setHandler(new Door(options, sockets));
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
    return "http://" + (options.host().indexOf(':') >= 0 ? "[" + options.host() + "]" : options.host()) + ":" + port();
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
    for (WorkerView view : workers.views()) out.string(view.names().node());
    out.endArray().key("limits").beginObject().key("rows").number(RowFeed.ROWS_MAX).endObject();
    return out.endObject().toString();
  }

  @Override
  public void close() {
    ticker.close();
    workers.close();
    try {
      server.stop();
      client.stop();
    } catch (Exception e) {
      System.getLogger(Hub.class.getName()).log(System.Logger.Level.WARNING, "stopping the hub", e);
    }
  }
}
