package io.kubeshark.worker;

import io.kubeshark.kfl.Kfl;
import io.kubeshark.wire.BearerToken;
import io.kubeshark.wire.ReleaseTls;
import io.kubeshark.wire.Wire;
import java.io.IOException;
import java.net.BindException;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.VirtualThreadPool;
import org.eclipse.jetty.websocket.server.ServerUpgradeRequest;
import org.eclipse.jetty.websocket.server.ServerUpgradeResponse;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;

/**
 * A worker's door: one WebSocket path for hubs ({@link Wire}). On one machine they are on the loopback interface and know a token: whoever
 * does not gets 401. In a cluster it is TLS, and hubs have the release's certificate.
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
  private final AtomicInteger open = new AtomicInteger();

  /**
   * @param port 0: any free one ({@link #port})
   * @throws IOException if the address cannot be had; the message says what to do
   */
  public WorkerServer(WorkerSources sources, BearerToken token, String host, int port) throws IOException {
    this(sources, host, port, null, (request, response, callback) -> authorized(token, request, response, callback));
  }

  /**
   * By TLS, for the hub of the same release only: its certificate is what lets it in ({@link ReleaseTls#HUB}). Others get no connection.
   *
   * @param port 0: any free one ({@link #port})
   * @throws IOException if the address cannot be had; the message says what to do
   */
  public WorkerServer(WorkerSources sources, ReleaseTls tls, String host, int port) throws IOException {
    this(sources, host, port, tls, (_, _, _) -> true);
  }

  private interface Admission {
    boolean admits(ServerUpgradeRequest request, ServerUpgradeResponse response, Callback callback);
  }

  private WorkerServer(WorkerSources sources, String host, int port, ReleaseTls tls, Admission admission) throws IOException {
    WorkerIdentity identity = sources.identity();
    SpoolBudget spools = new SpoolBudget(sources.packetRetention().bytesMax()); // as much as the store itself
    Kfl kfl = new Kfl(sources.schema(), new Kfl.Origin(identity.worker(), identity.node(), identity.nodeIp()));
    queries = new ThreadPoolExecutor(
        QUERY_THREADS, QUERY_THREADS, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(QUERIES_WAITING_MAX), Thread.ofPlatform().daemon().name("query-", 0).factory());
    queries.allowCoreThreadTimeOut(true);
    server = new Server(new VirtualThreadPool());
    connector = tls == null ? new ServerConnector(server, 1, 1) : new ServerConnector(server, 1, 1, secured(tls), new HttpConnectionFactory(reachedByAddress()));
    connector.setHost(host);
    connector.setPort(port);
    server.addConnector(connector);
    server.setHandler(WebSocketUpgradeHandler.from(server, container -> {
      container.setIdleTimeout(IDLE_TIMEOUT);
      container.setMaxBinaryMessageSize(REQUEST_BYTES_MAX);
      container.addMapping(Wire.PATH, (request, response, callback) -> admission.admits(request, response, callback) ? new HubSession(sources, kfl, queries, open, spools) : null);
    }));
    start(host, port);
  }

  /** Hubs know pods' addresses, which are not in certificates. */
  private static HttpConfiguration reachedByAddress() {
    HttpConfiguration configuration = new HttpConfiguration();
    configuration.addCustomizer(new SecureRequestCustomizer(false));
    return configuration;
  }

  private static SslConnectionFactory secured(ReleaseTls tls) {
    SslContextFactory.Server factory = new SslContextFactory.Server();
    factory.setSslContext(tls.mutual(ReleaseTls.HUB));
    factory.setNeedClientAuth(true);
    return new SslConnectionFactory(factory, HttpVersion.HTTP_1_1.asString());
  }

  private static boolean authorized(BearerToken token, ServerUpgradeRequest request, ServerUpgradeResponse response, Callback callback) {
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

  /** Hubs that have a WebSocket open. */
  public int openStreams() {
    return open.get();
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
