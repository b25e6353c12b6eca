package io.kubeshark.worker;

import io.kubeshark.kfl.Kfl;
import io.kubeshark.wire.BearerToken;
import io.kubeshark.wire.Wire;
import java.io.IOException;
import java.net.BindException;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.VirtualThreadPool;
import org.eclipse.jetty.websocket.server.ServerUpgradeRequest;
import org.eclipse.jetty.websocket.server.ServerUpgradeResponse;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;

/**
 * A worker's door: one WebSocket path for hubs that know the token ({@link Wire}). Whoever does not gets 401 and learns nothing.
 *
 * <p>Listens on one address, plain: on one machine that is the loopback interface. In a cluster it must be TLS (docs/security.md).
 */
public final class WorkerServer implements AutoCloseable {
  public static final String LOOPBACK = "127.0.0.1";
  /** In a cluster. */
  public static final int PORT = 48999;

  private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(60);
  /** Hubs send small questions only. */
  private static final int REQUEST_BYTES_MAX = 1 << 20;
  private static final int QUERY_THREADS = 2;
  private static final int QUERIES_WAITING_MAX = 256;

  private final Server server;
  private final ServerConnector connector;
  private final ThreadPoolExecutor queries;

  /**
   * @param port 0: any free one ({@link #port})
   * @throws IOException if the address cannot be had; the message says what to do
   */
  public WorkerServer(WorkerSources sources, BearerToken token, String host, int port) throws IOException {
    WorkerIdentity identity = sources.identity();
    Kfl kfl = new Kfl(sources.schema(), new Kfl.Origin(identity.worker(), identity.node(), identity.nodeIp()));
    queries = new ThreadPoolExecutor(
        QUERY_THREADS, QUERY_THREADS, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(QUERIES_WAITING_MAX), Thread.ofPlatform().daemon().name("query-", 0).factory());
    queries.allowCoreThreadTimeOut(true);
    server = new Server(new VirtualThreadPool());
    connector = new ServerConnector(server, 1, 1);
    connector.setHost(host);
    connector.setPort(port);
    server.addConnector(connector);
    server.setHandler(WebSocketUpgradeHandler.from(server, container -> {
      container.setIdleTimeout(IDLE_TIMEOUT);
      container.setMaxBinaryMessageSize(REQUEST_BYTES_MAX);
      container.addMapping(Wire.PATH, (request, response, callback) -> authorized(token, request, response, callback) ? new HubSession(sources, kfl, queries) : null);
    }));
    start(host, port);
  }

  private static boolean authorized(BearerToken token, ServerUpgradeRequest request, ServerUpgradeResponse response, org.eclipse.jetty.util.Callback callback) {
    if (token.matches(request.getHeaders().get(HttpHeader.AUTHORIZATION))) return true;
    response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer");
    Response.writeError(request, response, callback, HttpStatus.UNAUTHORIZED_401);
    return false;
  }

  private void start(String host, int port) throws IOException {
    try {
      server.start();
    } catch (Exception e) {
      close();
      if (e instanceof BindException || e.getCause() instanceof BindException) {
        throw new IOException("the worker cannot listen on " + host + ":" + port + ": " + e.getMessage() + "; choose another port", e);
      }
      throw new IOException("the worker's server did not start: " + e.getMessage(), e);
    }
  }

  public int port() {
    return connector.getLocalPort();
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception e) {
      System.getLogger(WorkerServer.class.getName()).log(System.Logger.Level.WARNING, "stopping the worker's server", e);
    }
    queries.shutdownNow();
  }
}
