package io.kubeshark.cli;

import java.util.Locale;
import java.util.function.Consumer;

/** Which way to the front is taken: the API server's proxy, unless it refuses or cannot reach a front that is ready. Any thread. */
final class FrontRoute implements AutoCloseable {
  private static final int FAILURES_UNTIL_SWITCH = 3;
  private static final int FORBIDDEN = 403;
  private static final int UNAUTHORIZED = 401;

  private final Cluster cluster;
  private final Release release;
  /** Told in a sentence when the way changes, is lost, or is found again. */
  private final Consumer<String> news;
  private Upstream upstream;
  private boolean switched;
  private int failures;
  private String away;
  private String token;

  FrontRoute(Cluster cluster, Release release, Consumer<String> news) {
    this.cluster = cluster;
    this.release = release;
    this.news = news;
    upstream = new ApiServerUpstream(cluster.client().getConfiguration(), release.namespace(), Release.FRONT_SERVICE + ":" + Release.FRONT_SERVICE_PORT);
    token = release.hubToken();
  }

  synchronized Upstream upstream() {
    return upstream;
  }

  /** For the hub; null if the Secret may not be read: then the dashboard asks for it. */
  synchronized String token() {
    return token;
  }

  /** The hub did not take the token: another release stands there now. */
  synchronized void tokenRefused() {
    token = release.hubToken();
  }

  synchronized void worked() {
    failures = 0;
    if (away == null) return;
    away = null;
    news.accept("The dashboard is back (" + upstream + ").");
  }

  /** @param status that Kubernetes answered with instead of the front, 0 if there was no answer at all */
  synchronized void failed(int status, String reason) {
    failures++;
    if (away == null) news.accept("The dashboard is away: " + reason + ". Waiting for it; the address stays.");
    away = reason;
    if (status == UNAUTHORIZED) cluster.refreshLogin();
    boolean noEndpoint = reason.toLowerCase(Locale.ROOT).contains("no endpoints available");
    boolean unreachable = status >= 500 && !noEndpoint && failures >= FAILURES_UNTIL_SWITCH && readyFront();
    if (!switched && (status == FORBIDDEN || unreachable)) {
      switched = true;
      upstream = new PortForwardUpstream(cluster, release);
      news.accept("The API server does not forward to the front (" + reason + "): using port-forward, which is slower.");
    }
  }

  private boolean readyFront() {
    try {
      return release.readyPod(Release.FRONT) != null;
    } catch (RuntimeException e) {
      return false; // then port-forward would not work either
    }
  }

  /** Why the front cannot be reached now, or null. */
  synchronized String away() {
    return away;
  }

  @Override
  public synchronized void close() {
    upstream.close();
  }
}
