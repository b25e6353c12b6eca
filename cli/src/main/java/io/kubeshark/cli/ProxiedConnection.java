package io.kubeshark.cli;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * One connection of a browser, with one connection of its own to the front. Requests go on with another path and credentials; answers come
 * back as they are, except where the API server wrote its own path into them. After "101 Switching Protocols" bytes pass untouched.
 */
final class ProxiedConnection implements Runnable {
  static final String HUB_AUTHORIZATION = "X-Kubeshark-Authorization";
  private static final int HTML_BYTES_MAX = 4 << 20;
  private static final int STATUS_BYTES_MAX = 64 << 10;
  private static final int ANSWER_TIMEOUT_MS = 60_000;

  private final Socket browser;
  private final FrontRoute route;
  private final ProxyDoor door;
  private Upstream upstream;
  private volatile Socket server;
  private InputStream fromServer;
  private OutputStream toServer;
  private InputStream in;
  private OutputStream out;

  ProxiedConnection(Socket browser, FrontRoute route, ProxyDoor door) {
    this.browser = browser;
    this.route = route;
    this.door = door;
  }

  @Override
  public void run() {
    try (browser) {
      browser.setTcpNoDelay(true);
      in = new BufferedInputStream(browser.getInputStream());
      out = new BufferedOutputStream(browser.getOutputStream());
      for (HttpHead request = HttpHead.read(in); request != null; request = HttpHead.read(in)) {
        String refusal = door.refusal(request);
        if (refusal != null) {
          ProxyAnswers.error(out, 403, "forbidden", refusal);
          return;
        }
        if (!exchange(request)) return;
      }
    } catch (IOException e) {
      // The browser went away, or its connection is beyond use: nobody is left to be told.
    } finally {
      hangUp();
    }
  }

  /** @return whether the browser's connection can be used again */
  private boolean exchange(HttpHead request) throws IOException {
    boolean navigation = request.method().equals("GET") && request.has("Accept", "text/html");
    boolean last = request.has("Connection", "close");
    HttpBody body = HttpBody.ofRequest(request);
    HttpHead response;
    try {
      response = send(request, body, navigation);
    } catch (IOException e) {
      hangUp();
      route.failed(0, reason(e));
      ProxyAnswers.away(out, navigation, route.away());
      return false; // part of the body may still be on its way
    }
    if (response.status() == 101) {
      route.worked();
      response.write(out);
      out.flush();
      pipe();
      return false;
    }
    return answer(request, response, navigation) && !last;
  }

  private static String reason(IOException e) {
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }

  private HttpHead send(HttpHead request, HttpBody body, boolean navigation) throws IOException {
    boolean reused = connect();
    boolean upgrade = request.has("Connection", "upgrade") && request.has("Upgrade", "websocket");
    if (request.has("Expect", "100-continue")) {
      out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
    }
    // Ours; Origin was checked here, and the front has another name.
    request.remove("Authorization", "Origin", "Referer", "Keep-Alive", "Proxy-Connection", "Expect", HUB_AUTHORIZATION);
    if (!upgrade) request.remove("Upgrade", "HTTP2-Settings").set("Connection", "keep-alive"); // some clients offer h2c: the API server would try
    if (navigation) request.remove("Accept-Encoding"); // pages are changed on the way back
    String target = request.target();
    request.target(upstream.pathPrefix() + target);
    if (route.token() != null) request.set(HUB_AUTHORIZATION, "Bearer " + route.token());
    upstream.authorize(request);
    try {
      request.write(toServer);
      body.copy(in, toServer);
      return response();
    } catch (IOException e) {
      if (!reused || !body.isEmpty()) throw e;
      hangUp(); // it was idle and closed: once more over a new one
      connect();
      request.write(toServer);
      toServer.flush();
      return response();
    }
  }

  private HttpHead response() throws IOException {
    HttpHead response = HttpHead.read(fromServer);
    while (response != null && response.status() / 100 == 1 && response.status() != 101) response = HttpHead.read(fromServer);
    if (response == null) throw new IOException("the connection to the front was closed");
    return response;
  }

  private boolean connect() throws IOException {
    Upstream now = route.upstream();
    if (server != null && now == upstream && !server.isClosed()) return true;
    hangUp();
    upstream = now;
    server = now.open();
    server.setSoTimeout(ANSWER_TIMEOUT_MS);
    fromServer = new BufferedInputStream(server.getInputStream());
    toServer = new BufferedOutputStream(server.getOutputStream());
    return false;
  }

  private boolean answer(HttpHead request, HttpHead response, boolean navigation) throws IOException {
    HttpBody body = HttpBody.ofResponse(request, response);
    String prefix = upstream.pathPrefix();
    String location = response.get("Location");
    if (location != null && !prefix.isEmpty()) response.set("Location", location.replace(prefix, ""));
    boolean whole = response.has("Content-Type", "text/html") && response.get("Content-Encoding") == null && !prefix.isEmpty();
    if (response.status() >= 400 && response.has("Content-Type", "json") && !body.isEmpty() && !response.has("Content-Encoding", "gzip")) {
      byte[] json = body.read(fromServer, STATUS_BYTES_MAX);
      KubernetesStatus status = KubernetesStatus.of(json, response.status());
      if (status != null) {
        route.failed(status.code(), status.message());
        ProxyAnswers.away(out, navigation, route.away());
        return false;
      }
      route.worked();
      if (response.status() == 401) route.tokenRefused();
      ProxyAnswers.whole(out, response, json);
    } else if (whole) {
      route.worked();
      byte[] page = body.read(fromServer, HTML_BYTES_MAX);
      ProxyAnswers.whole(out, response, new String(page, StandardCharsets.ISO_8859_1).replace(prefix, "").getBytes(StandardCharsets.ISO_8859_1));
    } else {
      route.worked();
      response.write(out);
      body.copy(fromServer, out);
    }
    out.flush();
    return reusable(response, body);
  }

  private boolean reusable(HttpHead response, HttpBody body) {
    boolean serverStays = body.hasEnd() && !response.has("Connection", "close");
    if (!serverStays) hangUp();
    return body.hasEnd() && !response.has("Connection", "close");
  }

  private void pipe() throws IOException {
    server.setSoTimeout(0); // a quiet feed is no broken one
    Thread up = Thread.ofVirtual().start(() -> {
      try {
        forward(in, toServer);
      } catch (IOException e) {
        // said by the closing below
      } finally {
        hangUp();
      }
    });
    try {
      forward(fromServer, out);
    } finally {
      browser.close();
      hangUp();
      up.interrupt();
    }
  }

  private static void forward(InputStream from, OutputStream to) throws IOException {
    byte[] piece = new byte[32 << 10];
    for (int count = from.read(piece); count >= 0; count = from.read(piece)) {
      to.write(piece, 0, count);
      to.flush();
    }
  }

  private void hangUp() {
    Socket old = server;
    server = null;
    if (old == null) return;
    try {
      old.close();
    } catch (IOException e) {
      // It is gone either way.
    }
  }

  /** Kubernetes' own error, in place of the front's answer. */
  private record KubernetesStatus(int code, String message) {
    static KubernetesStatus of(byte[] json, int code) {
      String text = new String(json, StandardCharsets.UTF_8);
      if (!text.replace(" ", "").contains("\"kind\":\"Status\"")) return null;
      String message = Json.parse(text).path("message").asString("");
      return new KubernetesStatus(code, message.isBlank() ? "the API server answers " + code : message.toLowerCase(Locale.ROOT).equals(message) ? message
          : Character.toLowerCase(message.charAt(0)) + message.substring(1));
    }
  }
}
