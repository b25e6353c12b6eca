package io.kubeshark.cli;

import java.util.Locale;
import java.util.function.Consumer;

/** Which way to the front is taken: the API server's proxy, unless it refuses or cannot reach a front that is ready. Any thread. */
final class FrontRoute implements AutoCloseable {
  private static final int FAILURES_UNTIL_SWITCH = 3;
  private static final int FORBIDDEN = 403;
  private static final int UNAUTHORIZED = 401;

  private final FrontAccess access;
  /** Told in a sentence when the way changes, is lost, or is found again. */
  private final Consumer<String> news;
  private Upstream upstream;
  private boolean switched;
  private int failures;
  private String away;
  private String token;

  FrontRoute(FrontAccess access, Consumer<String> news) {
    this.access = access;
    this.news = news;
    upstream = access.apiServer();
    token = access.token();
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
    token = access.token();
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
    if (status == UNAUTHORIZED) access.refreshLogin();
    boolean noEndpoint = reason.toLowerCase(Locale.ROOT).contains("no endpoints available");
    boolean unreachable = status >= 500 && !noEndpoint && failures >= FAILURES_UNTIL_SWITCH && access.ready();
    if (!switched && (status == FORBIDDEN || unreachable)) {
      switched = true;
      upstream = access.portForward();
      news.accept("The API server does not forward to the front (" + reason + "): using port-forward, which is slower.");
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
