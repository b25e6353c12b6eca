package io.kubeshark.worker;

import java.io.IOException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.VirtualThreadPool;

/** {@code GET /healthz} for kubelet, {@code GET /metrics} for Prometheus: plain HTTP, figures only, nothing of the traffic. */
public final class MetricsServer implements AutoCloseable {
  public static final int PORT = 49100;
  private static final long IDLE_TIMEOUT_MS = 30_000;

  private final Server server;
  private final ServerConnector connector;

  /** @throws IOException if the address cannot be had; the message says what to do */
  public MetricsServer(WorkerMetrics metrics, String host, int port) throws IOException {
    server = new Server(new VirtualThreadPool());
    connector = new ServerConnector(server, 1, 1);
    connector.setHost(host);
    connector.setPort(port);
    connector.setIdleTimeout(IDLE_TIMEOUT_MS);
    server.addConnector(connector);
    server.setHandler(new Pages(metrics));
    try {
      server.start();
    } catch (Exception e) {
      close();
      throw new IOException("metrics cannot be served on " + host + ":" + port + ": " + e.getMessage() + "; choose another port (--metrics-port)", e);
    }
  }

  private static final class Pages extends Handler.Abstract {
    private final WorkerMetrics metrics;

    Pages(WorkerMetrics metrics) {
      this.metrics = metrics;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      boolean reading = HttpMethod.GET.is(request.getMethod()) || HttpMethod.HEAD.is(request.getMethod());
      switch (reading ? Request.getPathInContext(request) : "") {
        case "/metrics" -> answer(response, callback, 200, PrometheusText.CONTENT_TYPE, metrics.text());
        case "/healthz" -> {
          String illness = metrics.illness();
          answer(response, callback, illness == null ? 200 : 503, "text/plain; charset=utf-8", (illness == null ? "ok" : illness) + "\n");
        }
        default -> answer(response, callback, reading ? 404 : 405, "text/plain; charset=utf-8", "GET /healthz, GET /metrics\n");
      }
      return true;
    }

    private static void answer(Response response, Callback callback, int status, String type, String text) {
      response.setStatus(status);
      response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
      Content.Sink.write(response, true, text, callback);
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
      System.getLogger(MetricsServer.class.getName()).log(System.Logger.Level.WARNING, "stopping the metrics server", e);
    }
  }
}
