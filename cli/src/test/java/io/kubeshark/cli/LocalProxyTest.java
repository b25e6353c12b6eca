package io.kubeshark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The proxy between a client that speaks bytes and a server that stands for API server and front. */
class LocalProxyTest {
  private static final String PREFIX = "/api/v1/namespaces/n/services/f:80/proxy";
  private static final String STATUS = "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"message\":\"no endpoints available for service \\\"f\\\"\",\"code\":503}";

  private final List<HttpHead> requests = new CopyOnWriteArrayList<>();
  private final List<String> news = new CopyOnWriteArrayList<>();
  private final AtomicInteger connections = new AtomicInteger();
  private volatile Answer answer = (_, _, out) -> send(out, "200 OK", "text/plain", "hello");
  private volatile boolean ready;
  private volatile String token = "secret";
  private ServerSocket server;
  private LocalProxy proxy;

  private interface Answer {
    void to(HttpHead request, InputStream in, OutputStream out) throws IOException;
  }

  @BeforeEach
  void start() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(() -> {
      while (!server.isClosed()) {
        try {
          Socket socket = server.accept();
          connections.incrementAndGet();
          Thread.ofVirtual().start(() -> serve(socket));
        } catch (IOException e) {
          return;
        }
      }
    });
    proxy = new LocalProxy("127.0.0.1", 0, new FrontRoute(new Access(), news::add));
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
    server.close();
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      for (HttpHead request = HttpHead.read(in); request != null; request = HttpHead.read(in)) {
        requests.add(request);
        answer.to(request, in, socket.getOutputStream());
        socket.getOutputStream().flush();
        if (request.has("Connection", "upgrade")) return;
      }
    } catch (IOException e) {
      // the test closed it
    }
  }

  private record Way(int port, String pathPrefix, String name) implements Upstream {
    @Override
    public Socket open() throws IOException {
      return new Socket(InetAddress.getLoopbackAddress(), port);
    }

    @Override
    public void authorize(HttpHead request) {
      request.set("Host", name).set("Authorization", "Bearer " + name);
    }
  }

  private final class Access implements FrontAccess {
    @Override
    public Upstream apiServer() {
      return new Way(server.getLocalPort(), PREFIX, "api-server");
    }

    @Override
    public Upstream portForward() {
      return new Way(server.getLocalPort(), "", "port-forward");
    }

    @Override
    public boolean ready() {
      return ready;
    }

    @Override
    public String token() {
      return token;
    }

    @Override
    public void refreshLogin() {}
  }

  private static void send(OutputStream out, String status, String type, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    new HttpHead("HTTP/1.1 " + status).set("Content-Type", type).set("Content-Length", "" + bytes.length).write(out);
    out.write(bytes);
  }

  /** A browser's connection. */
  private final class Client implements AutoCloseable {
    final Socket socket;
    final InputStream in;

    Client() throws IOException {
      String[] address = proxy.url().substring("http://".length()).split(":");
      socket = new Socket(address[0], Integer.parseInt(address[1]));
      socket.setSoTimeout(10_000);
      in = new BufferedInputStream(socket.getInputStream());
    }

    Client send(String request) throws IOException {
      socket.getOutputStream().write(request.replace("\n", "\r\n").getBytes(StandardCharsets.ISO_8859_1));
      return this;
    }

    HttpHead head() throws IOException {
      return HttpHead.read(in);
    }

    String body(HttpHead head) throws IOException {
      return new String(HttpBody.ofResponse(new HttpHead("GET / HTTP/1.1"), head).read(in, 1 << 20), StandardCharsets.UTF_8);
    }

    String get(String path, String headers) throws IOException {
      HttpHead head = send("GET " + path + " HTTP/1.1\nHost: localhost\n" + headers + "\n").head();
      return head.status() + " " + body(head);
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  @Test
  void requestsGoToTheServiceWithTheLoginAndWithoutTheBrowsersOwn() throws IOException {
    try (Client client = new Client()) {
      assertThat(client.get("/api/x?q=1", "Authorization: Bearer mine\nOrigin: http://localhost\nX-Kubeshark-Authorization: mine\nCookie: a=b\n")).isEqualTo("200 hello");
      assertThat(client.get("/second", "")).isEqualTo("200 hello");
    }
    HttpHead request = requests.getFirst();
    assertThat(request.target()).isEqualTo(PREFIX + "/api/x?q=1");
    assertThat(request.get("X-Kubeshark-Authorization")).isEqualTo("Bearer secret");
    assertThat(request.get("Authorization")).isEqualTo("Bearer api-server");
    assertThat(request.get("Host")).isEqualTo("api-server");
    assertThat(request.get("Origin")).isNull();
    assertThat(request.get("Cookie")).isEqualTo("a=b");
    assertThat(requests.get(1).target()).isEqualTo(PREFIX + "/second");
    assertThat(connections).as("one connection serves both").hasValue(1);
  }

  @Test
  void whatTheApiServerWroteIntoPagesIsTakenOut() throws IOException {
    answer = (request, _, out) -> {
      if (request.target().endsWith("/old")) {
        new HttpHead("HTTP/1.1 302 Found").set("Location", PREFIX + "/new").set("Content-Length", "0").write(out);
      } else {
        send(out, "200 OK", "text/html; charset=utf-8", "<a href=\"" + PREFIX + "/assets/é.js\">");
      }
    };
    try (Client client = new Client()) {
      assertThat(client.get("/", "Accept: text/html\nAccept-Encoding: gzip\n")).isEqualTo("200 <a href=\"/assets/é.js\">");
      assertThat(requests.getFirst().get("Accept-Encoding")).as("a compressed page could not be changed").isNull();
      HttpHead moved = client.send("GET /old HTTP/1.1\nHost: 127.0.0.1\n\n").head();
      assertThat(moved.get("Location")).isEqualTo("/new");
    }
  }

  @Test
  void chunkedBodiesPassBothWays() throws IOException {
    answer = (request, in, out) -> {
      String sent = new String(HttpBody.ofRequest(request).read(in, 1000), StandardCharsets.UTF_8);
      new HttpHead("HTTP/1.1 200 OK").set("Transfer-Encoding", "chunked").write(out);
      out.write(("5;x=y\r\nhello\r\n" + Integer.toHexString(sent.length()) + "\r\n" + sent + "\r\n0\r\nTrailer: a\r\n\r\n").getBytes(StandardCharsets.UTF_8));
    };
    try (Client client = new Client()) {
      client.send("POST /a HTTP/1.1\nHost: localhost\nTransfer-Encoding: chunked\n\n3\nabc\n2\nde\n0\n\n");
      HttpHead head = client.head();
      assertThat(client.body(head)).isEqualTo("helloabcde");
      client.send("POST /a HTTP/1.1\nHost: localhost\nContent-Length: 2\n\nxy");
      assertThat(client.body(client.head())).isEqualTo("helloxy");
    }
  }

  @Test
  void waitsWhileThereIsNoFrontAndSaysSoOnce() throws IOException {
    Answer well = answer;
    answer = (_, _, out) -> send(out, "503 Service Unavailable", "application/json", STATUS);
    try (Client page = new Client(); Client call = new Client()) {
      assertThat(page.get("/", "Accept: text/html,*/*\n")).startsWith("503").contains("http-equiv=\"refresh\"").contains("no endpoints available");
      assertThat(call.get("/api/x", "")).startsWith("503").contains("\"front-away\"");
    }
    assertThat(news).hasSize(1).first().asString().contains("away").contains("no endpoints available");
    answer = well;
    try (Client page = new Client()) {
      assertThat(page.get("/", "Accept: text/html\n")).isEqualTo("200 hello");
    }
    assertThat(news).hasSize(2).last().asString().contains("back");
  }

  @Test
  void anErrorOfTheHubIsNotTheRoads() throws IOException {
    answer = (_, _, out) -> send(out, "403 Forbidden", "application/json", "{\"error\":{\"code\":\"forbidden\"}}");
    try (Client client = new Client()) {
      assertThat(client.get("/api/x", "")).isEqualTo("403 {\"error\":{\"code\":\"forbidden\"}}");
    }
    assertThat(news).isEmpty();
  }

  @Test
  void aTokenThatIsRefusedIsReadAgain() throws IOException {
    answer = (request, _, out) -> {
      boolean fits = "Bearer new".equals(request.get("X-Kubeshark-Authorization"));
      send(out, fits ? "200 OK" : "401 Unauthorized", "application/json", "{}");
    };
    token = "new";
    try (Client client = new Client()) {
      assertThat(client.get("/api/x", "")).isEqualTo("401 {}");
      assertThat(client.get("/api/x", "")).isEqualTo("200 {}");
    }
  }

  @Test
  void whereTheProxyIsForbiddenPortForwardIsUsed() throws IOException {
    answer = (request, _, out) -> {
      if (request.target().startsWith("/api/v1/")) {
        send(out, "403 Forbidden", "application/json", STATUS.replace("503", "403").replace("no endpoints available", "services is forbidden"));
      } else {
        send(out, "200 OK", "text/plain", request.get("Host") + request.target());
      }
    };
    try (Client first = new Client(); Client second = new Client()) {
      assertThat(first.get("/", "Accept: text/html\n")).startsWith("503");
      assertThat(second.get("/x", "")).isEqualTo("200 port-forward/x");
    }
  }

  @Test
  void whereTheApiServerDoesNotReachAReadyFrontPortForwardIsUsedAfterAWhile() throws IOException {
    answer = (request, _, out) -> send(out, request.target().startsWith("/api/v1/") ? "502 Bad Gateway" : "200 OK", "application/json",
        request.target().startsWith("/api/v1/") ? STATUS.replace("no endpoints available", "error trying to reach service") : "{}");
    for (int i = 0; i < 5; i++) try (Client client = new Client()) {
      assertThat(client.get("/x", "")).startsWith("503"); // no front is ready: nothing else would help
    }
    ready = true;
    try (Client client = new Client()) {
      assertThat(client.get("/x", "")).startsWith("503");
    }
    try (Client client = new Client()) {
      assertThat(client.get("/x", "")).isEqualTo("200 {}");
    }
  }

  @Test
  void afterAnUpgradeBytesPassUntouched() throws Exception {
    CompletableFuture<Integer> end = new CompletableFuture<>();
    answer = (_, in, out) -> {
      new HttpHead("HTTP/1.1 101 Switching Protocols").set("Connection", "Upgrade").set("Upgrade", "websocket").write(out);
      out.write(new byte[] {0, 1, (byte) 255, '\r', '\n'}); // may come with the head
      out.flush();
      byte[] got = in.readNBytes(4);
      out.write(got);
      out.flush();
      end.complete(in.read());
    };
    try (Client client = new Client()) {
      client.send("GET /api/ws HTTP/1.1\nHost: localhost\nOrigin: http://localhost\nConnection: keep-alive, Upgrade\nUpgrade: websocket\n\n");
      HttpHead head = client.head();
      assertThat(head.status()).isEqualTo(101);
      assertThat(client.in.readNBytes(5)).containsExactly(0, 1, 255, '\r', '\n');
      client.socket.getOutputStream().write(new byte[] {9, 8, (byte) 200, '\n'});
      assertThat(client.in.readNBytes(4)).containsExactly(9, 8, 200, '\n');
      assertThat(requests.getFirst().get("Connection")).containsIgnoringCase("upgrade");
    }
    assertThat(end.get(10, TimeUnit.SECONDS)).as("the browser's end reaches the hub").isEqualTo(-1);
  }

  @Test
  void anOfferOfHttp2IsNotPassedOn() throws IOException {
    try (Client client = new Client()) {
      assertThat(client.get("/x", "Connection: Upgrade, HTTP2-Settings\nUpgrade: h2c\nHTTP2-Settings: AAEA\n")).isEqualTo("200 hello");
    }
    assertThat(requests.getFirst().get("Upgrade")).isNull();
    assertThat(requests.getFirst().get("Connection")).isEqualTo("keep-alive");
  }

  @Test
  void aConnectionThatWasClosedWhileItWasIdleIsReplaced() throws IOException {
    answer = (_, _, out) -> {
      send(out, "200 OK", "text/plain", "once");
      out.flush();
      throw new IOException("closes behind its answer, without saying so");
    };
    try (Client client = new Client()) {
      assertThat(client.get("/1", "")).isEqualTo("200 once");
      assertThat(client.get("/2", "")).isEqualTo("200 once");
    }
    assertThat(connections).hasValue(2);
  }

  @Test
  void foreignNamesAndPagesAreRefused() throws IOException {
    for (String wrong : List.of("GET / HTTP/1.1\nHost: evil.example:8899\n\n", "GET / HTTP/1.1\n\n", "GET / HTTP/1.1\nHost: localhost\nOrigin: http://evil.example\n\n",
        "GET / HTTP/1.1\nHost: localhost\nOrigin: null\n\n", "GET http://10.0.0.1/ HTTP/1.1\nHost: localhost\n\n", "CONNECT localhost:1 HTTP/1.1\nHost: localhost\n\n")) {
      try (Client client = new Client()) {
        assertThat(client.send(wrong).head().status()).as(wrong).isEqualTo(403);
      }
    }
    assertThat(requests).isEmpty();
  }

  @Test
  void whatIsNoHttpEndsTheConnection() throws IOException {
    for (String wrong : List.of("hello\n\n", "GET / HTTP/1.1\nno header\n\n", "GET / HTTP/1.1\nHost: localhost\nContent-Length: -1\n\n", "GET /" + "x".repeat(70_000) + " HTTP/1.1\n\n")) {
      try (Client client = new Client()) {
        assertThat(client.send(wrong).in.read()).as(wrong.substring(0, Math.min(40, wrong.length()))).isEqualTo(-1);
      } catch (java.net.SocketException reset) {
        // as good
      }
    }
    assertThat(requests).isEmpty();
  }
}
