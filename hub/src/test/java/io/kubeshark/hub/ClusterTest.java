package io.kubeshark.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kubeshark.core.Identity;
import io.kubeshark.kube.Targeting;
import io.kubeshark.render.EntryBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A hub in a cluster: HTTPS, token, workers by mutual TLS that come and go. */
@Tag("integration")
@Timeout(90)
class ClusterTest {
  private static final String[] AUTHORIZED = {ReleaseDoor.HEADER, "Bearer " + TestRelease.TOKEN};

  @TempDir Path directory;
  private TestRelease release;
  private Hub hub;
  private HttpClient http;

  @BeforeEach
  void start() throws IOException {
    release = new TestRelease(directory);
    http = HttpClient.newBuilder().sslContext(release.workerTls.mutual("kubeshark-hub")).build();
    hub = release.hub();
  }

  @AfterEach
  void stop() {
    hub.close();
    release.close();
  }

  private Browser browser() {
    return new Browser(http, hub, AUTHORIZED);
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
    return http.send(request.build(), BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(hub.url() + path)).headers(AUTHORIZED);
  }

  private JsonNode get(String path) throws IOException, InterruptedException {
    HttpResponse<String> answer = send(request(path));
    assertThat(answer.statusCode()).as(path + ": " + answer.body()).isEqualTo(200);
    return JsonMapper.shared().readTree(answer.body());
  }

  private HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
    return send(request(path).POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  private JsonNode connections() throws IOException, InterruptedException {
    return JsonMapper.shared().readTree(send(HttpRequest.newBuilder(URI.create(hub.url() + "/healthz"))).body()).get("workerConnections");
  }

  private static void await(BooleanSupplier condition) {
    long giveUp = System.nanoTime() + Browser.WAIT_S * 1_000_000_000L;
    while (!condition.getAsBoolean() && System.nanoTime() < giveUp) Thread.onSpinWait();
    assertThat(condition.getAsBoolean()).isTrue();
  }

  private int streams() {
    return release.workers.stream().mapToInt(TestWorker::openStreams).sum();
  }

  private static List<String> summaries(JsonNode rows) {
    return rows.valueStream().map(row -> row.get("summary").asString()).toList();
  }

  /** Summaries of live and stored rows until there are so many. */
  private static List<String> rows(Browser browser, int count) {
    List<String> seen = new ArrayList<>();
    while (seen.size() < count) seen.addAll(summaries(browser.next("rows").get("rows")));
    return seen;
  }

  @Test
  void workersAreConnectedOnlyWhileSomebodyLooks() throws IOException, InterruptedException {
    release.worker("a");
    release.worker("b");
    assertThat(connections().toString()).isEqualTo("{\"known\":2,\"connected\":0,\"open\":0,\"refused\":0}");
    assertThat(get("/api/health").get("status").asString()).isEqualTo("ok");
    assertThat(get("/api/targets").get("pods")).isEmpty();
    assertThat(streams()).as("calls that need no worker").isZero();
    try (Browser browser = browser()) {
      browser.subscribe(1, "", 0);
      browser.next("historyEnd");
      await(() -> streams() == 2);
      assertThat(connections().get("open").asInt()).isEqualTo(2);
    }
    await(() -> streams() == 0);
    assertThat(connections().get("open").asInt()).isZero();
    assertThat(get("/api/workers").size()).isEqualTo(2);
    assertThat(get("/api/workers").at("/0/connected").asBoolean()).isTrue();
    await(() -> streams() == 0);
    assertThat(Workers.LINGER_MS).isLessThanOrEqualTo(5000);
  }

  @Test
  void withoutTheTokenThereIsOnlyHealth() throws IOException, InterruptedException {
    release.worker("a");
    URI health = URI.create(hub.url() + "/api/health");
    HttpResponse<String> refused = send(HttpRequest.newBuilder(health));
    assertThat(refused.statusCode()).isEqualTo(401);
    assertThat(JsonMapper.shared().readTree(refused.body()).at("/error/code").asString()).isEqualTo("unauthorized");
    assertThat(refused.headers().firstValue("WWW-Authenticate")).contains("Bearer");
    for (String header : new String[] {ReleaseDoor.HEADER, "Authorization"}) {
      assertThat(send(HttpRequest.newBuilder(health).header(header, "Bearer " + TestRelease.TOKEN)).statusCode()).isEqualTo(200);
      for (String wrong : new String[] {TestRelease.TOKEN, "Bearer ", "Bearer x" + TestRelease.TOKEN, "Bearer " + TestRelease.TOKEN + "0"}) {
        assertThat(send(HttpRequest.newBuilder(health).header(header, wrong)).statusCode()).as(wrong).isEqualTo(401);
      }
    }
    assertThat(send(HttpRequest.newBuilder(URI.create(hub.url() + "/healthz"))).statusCode()).isEqualTo(200);
    assertThatThrownBy(() -> new Browser(http, hub)).isInstanceOf(CompletionException.class).hasStackTraceContaining("401");
    assertThat(send(request("/api/health").header("Origin", "https://evil.example")).statusCode()).isEqualTo(403);
    assertThat(send(request("/api/health").header("Origin", "https://shark.example").header("X-Forwarded-Host", "shark.example")).statusCode()).isEqualTo(200);
    assertThat(streams()).isZero();
  }

  @Test
  void aBrowserLogsInOnceAndShowsItsCookie() throws IOException, InterruptedException {
    URI login = URI.create(hub.url() + "/api/login");
    for (String body : new String[] {"{\"token\":\"wrong\"}", "{\"token\":\"\"}", "{}", "{\"token\":\"" + "x".repeat(5000) + "\"}"}) {
      assertThat(send(HttpRequest.newBuilder(login).POST(HttpRequest.BodyPublishers.ofString(body))).statusCode()).as(body).isEqualTo(401);
    }
    assertThat(send(HttpRequest.newBuilder(login)).statusCode()).isEqualTo(405);
    HttpResponse<String> in = send(HttpRequest.newBuilder(login).POST(HttpRequest.BodyPublishers.ofString("{\"token\":\"" + TestRelease.TOKEN + "\"}")));
    assertThat(in.statusCode()).isEqualTo(200);
    String cookie = in.headers().firstValue("Set-Cookie").orElseThrow();
    assertThat(cookie).contains("HttpOnly").contains("SameSite=Strict").doesNotContain(TestRelease.TOKEN);
    String value = cookie.substring(0, cookie.indexOf(';'));
    try (Browser browser = new Browser(http, hub, "Cookie", value)) {
      assertThat(browser.next("hello").get("mode").asString()).isEqualTo("cluster");
    }
    URI health = URI.create(hub.url() + "/api/health");
    String later = value.replaceFirst("=\\d", "=9");
    for (String forged : new String[] {later, value.substring(0, value.length() - 1), "kubeshark=", "kubeshark=1.00", "kubeshark=" + TestRelease.TOKEN}) {
      assertThat(send(HttpRequest.newBuilder(health).header("Cookie", forged)).statusCode()).as(forged).isEqualTo(401);
    }
  }

  @Test
  void workersComeAndGoWhileSomebodyLooks() throws IOException {
    TestWorker first = release.worker("a");
    try (Browser browser = browser()) {
      browser.subscribe(1, "", 100);
      browser.next("historyEnd");
      first.add(TestWorker.http(1));
      assertThat(rows(browser, 1)).containsExactly("/1");
      TestWorker second = release.worker("b");
      second.add(TestWorker.http(2)); // before the hub is connected to it, or after
      assertThat(rows(browser, 1)).containsExactly("/2");
      second.add(TestWorker.http(3));
      assertThat(rows(browser, 1)).containsExactly("/3");
      browser.next(frame -> frame.get("type").asString().equals("stats") && frame.get("workersConnected").asInt() == 2);
      release.remove("b");
      await(() -> second.openStreams() == 0);
      browser.next(frame -> frame.get("type").asString().equals("stats") && frame.get("workersKnown").asInt() == 1);
      first.add(TestWorker.http(4));
      assertThat(rows(browser, 1)).containsExactly("/4");
    }
  }

  /** One address refuses, one lets connect and says nothing. */
  @Test
  void deadWorkersStallNobody() throws IOException, InterruptedException {
    TestWorker alive = release.worker("alive");
    release.pod("dead", "127.0.0.100");
    try (ServerSocket silent = new ServerSocket(alive.port(), 10, InetAddress.getByName("127.0.0.101"))) {
      release.pod("silent", silent.getInetAddress().getHostAddress());
      alive.add(TestWorker.http(1));
      alive.drain();
      try (Browser browser = browser()) {
        browser.subscribe(1, "", 10);
        assertThat(rows(browser, 1)).containsExactly("/1");
        browser.next("historyEnd");
        alive.add(TestWorker.http(2));
        assertThat(rows(browser, 1)).containsExactly("/2");
        JsonNode stats = browser.next(frame -> frame.get("type").asString().equals("stats") && frame.get("workersConnected").asInt() == 1);
        assertThat(stats.get("workersKnown").asInt()).isEqualTo(3);
        assertThat(stats.get("workers").valueStream().filter(worker -> worker.get("node").asString().equals("dead")).findFirst().orElseThrow()
            .get("problem").asString()).contains("127.0.0.100");
        JsonNode page = get("/api/entries");
        assertThat(summaries(page.get("rows"))).containsExactly("/1", "/2");
        assertThat(page.get("sources").toString()).isEqualTo("{\"answered\":2,\"asked\":4}"); // alive and the hub's own
      }
    }
  }

  @Test
  void pagesOfSeveralWorkersHaveEachEntryOnce() throws IOException, InterruptedException {
    List<TestWorker> workers = List.of(release.worker("a"), release.worker("b"), release.worker("c"));
    int count = 500;
    java.util.Random random = new java.util.Random(7);
    long start = TestWorker.now() - 60_000_000_000L;
    // Most of a few moments come from one worker, so that shares are uneven.
    for (int i = 0; i < count; i++) workers.get(i / 100 % 2 == 0 ? 0 : random.nextInt(3)).add(TestWorker.http(i).time(start + i * 10_000_000L, 5));
    workers.forEach(TestWorker::drain);
    List<Integer> seen = new ArrayList<>();
    String before = "";
    boolean truncated = true;
    int extra = 1000;
    while (truncated) {
      JsonNode page = get("/api/entries?limit=37&before=" + before);
      List<Integer> numbers = summaries(page.get("rows")).stream().map(summary -> Integer.parseInt(summary.substring(1))).toList();
      assertThat(numbers).isSorted();
      seen.addAll(0, numbers);
      truncated = page.get("truncated").asBoolean();
      before = page.get("older").asString();
      workers.get(random.nextInt(3)).add(TestWorker.http(extra++)); // what comes meanwhile is not older
    }
    assertThat(seen).containsExactlyElementsOf(IntStream.range(0, count).boxed().toList());
    assertThat(send(request("/api/entries?before=12")).statusCode()).as("a number of which worker?").isEqualTo(400);
    assertThat(send(request("/api/entries?before=nonsense")).statusCode()).isEqualTo(400);

    JsonNode newest = get("/api/entries?limit=5");
    workers.get(1).add(TestWorker.http(2000));
    workers.get(1).drain();
    assertThat(summaries(get("/api/entries?after=" + newest.get("newer").asString()).get("rows"))).containsExactly("/2000");
  }

  @Test
  void historyGoesOnWhereAShareWasTooSmallAndPagesGoOnWhereItEnds() throws IOException, InterruptedException {
    List<TestWorker> workers = new ArrayList<>();
    for (int i = 0; i < 5; i++) workers.add(release.worker("w" + i));
    long start = TestWorker.now() - 60_000_000_000L;
    int count = 700;
    for (int i = 0; i < count; i++) workers.get(i < 100 ? i % 5 : 2).add(TestWorker.http(i).time(start + i * 10_000_000L, 5));
    workers.forEach(TestWorker::drain);
    try (Browser browser = browser()) {
      browser.subscribe(1, "", 650);
      List<String> history = new ArrayList<>();
      JsonNode end = null;
      while (end == null) {
        JsonNode frame = browser.next(any -> List.of("rows", "historyEnd").contains(any.get("type").asString()));
        if (frame.get("type").asString().equals("historyEnd")) end = frame;
        else history.addAll(summaries(frame.get("rows")));
      }
      assertThat(history).containsExactlyElementsOf(IntStream.range(50, count).mapToObj(i -> "/" + i).toList());
      assertThat(end.get("truncated").asBoolean()).isTrue();
      JsonNode older = get("/api/entries?limit=100&before=" + end.get("older").asString());
      assertThat(summaries(older.get("rows"))).containsExactlyElementsOf(IntStream.range(0, 50).mapToObj(i -> "/" + i).toList());
    }
  }

  @Test
  void exportsOfSeveralWorkersAreOneFileByTime() throws IOException, InterruptedException {
    List<TestWorker> workers = List.of(release.worker("a"), release.worker("b"));
    long start = TestWorker.now() - 60_000_000_000L;
    byte[] body = "x".repeat(100_000).getBytes(StandardCharsets.UTF_8); // more than a page of each
    for (int i = 0; i < 200; i++) {
      workers.get(i % 3 == 0 ? 0 : 1).add(TestWorker.http(i).time(start + i * 10_000_000L, 5).body(EntryBuilder.REQUEST_BODY, "text/plain", "", body, body.length));
    }
    workers.forEach(TestWorker::drain);
    HttpResponse<String> file = post("/api/export", "{\"format\":\"jsonl\",\"q\":\"http\",\"limit\":150}");
    assertThat(file.headers().firstValue("Kubeshark-Sources")).contains("3 of 3");
    assertThat(file.body().lines().map(line -> JsonMapper.shared().readTree(line).get("index").asInt()))
        .containsExactlyElementsOf(IntStream.range(50, 200).boxed().toList());
  }

  /** Nothing of it was seen when the connection broke: what came meanwhile is news all the same. */
  @Test
  void aReconnectLeavesNoHoleEvenWhereNothingWasSeenYet() throws IOException {
    TestWorker worker = release.worker("a");
    try (Browser browser = browser()) {
      browser.subscribe(1, "", 0);
      browser.next("historyEnd");
      await(() -> worker.openStreams() == 1);
      browser.next(frame -> frame.get("type").asString().equals("stats") && frame.get("workersConnected").asInt() == 1);
      worker.stopListening();
      String url = "/" + "x".repeat(2000);
      int count = 4000; // more than the credit: they must wait for it
      for (int i = 1; i <= count; i++) worker.add(TestWorker.http(i).string(EntryBuilder.URL, url + i));
      worker.drain();
      worker.listen();
      List<Long> seen = new ArrayList<>();
      while (seen.size() < count) {
        JsonNode frame = browser.next("rows");
        assertThat(frame.get("notShown").asLong()).isZero();
        frame.get("rows").forEach(row -> seen.add(row.get("seq").asLong()));
      }
      assertThat(seen).containsExactlyElementsOf(java.util.stream.LongStream.rangeClosed(1, count).boxed().toList());
    }
  }

  @Test
  void aWorkerThatBeganAnewIsReadFromItsBeginningAndItsLossIsTold() throws IOException, InterruptedException {
    TestWorker worker = release.worker("a");
    try (Browser browser = browser()) {
      browser.subscribe(1, "", 0);
      browser.next("historyEnd");
      for (int i = 1; i <= 5; i++) worker.add(TestWorker.http(i));
      assertThat(rows(browser, 5)).hasSize(5);
      JsonNode before = browser.next(frame -> frame.get("type").asString().equals("stats") && frame.at("/store/entries").asInt() == 5);
      assertThat(before.at("/workers/0/restarted").isMissingNode()).isTrue();
      worker.close();
      TestWorker anew = new TestWorker(directory.resolve("anew"), "a", release.workerTls, "127.0.0.2", worker.port());
      release.workers.set(0, anew);
      for (int i = 11; i <= 20; i++) anew.add(TestWorker.http(i)); // more than the old one had
      assertThat(rows(browser, 10)).containsExactlyElementsOf(IntStream.rangeClosed(11, 20).mapToObj(i -> "/" + i).toList());
      JsonNode after = browser.next(frame -> frame.get("type").asString().equals("stats") && frame.get("workersConnected").asInt() == 1);
      assertThat(after.at("/workers/0/restarted/entriesLost").asInt()).isEqualTo(5);
      assertThat(get("/api/workers").at("/0/restarted/times").asInt()).isEqualTo(1);
    }
  }

  private static Identity identity(String pod, String service) {
    return new Identity(service.isEmpty() ? pod : service, "shop", pod, service, service.isEmpty() ? "" : "shop", "", Map.of());
  }

  private static EntryBuilder leg(int index, String serverIp, String pod, long startNs) {
    return TestWorker.http(index).time(startNs, 1000).between("10.1.0.5", 40_000, serverIp, 80).named(identity("front-1", ""), identity(pod, "cart"));
  }

  @Test
  void bothLegsOfAServiceCallAreOneRow() throws IOException, InterruptedException {
    TestWorker client = release.worker("a");
    TestWorker server = release.worker("b");
    long start = TestWorker.now() - 10_000_000_000L;
    try (Browser browser = browser()) {
      client.add(leg(1, "10.96.0.9", "", start));
      server.add(leg(1, "10.1.1.7", "cart-1", start + 1_000_000));
      client.drain();
      server.drain();
      browser.subscribe(1, "", 10);
      JsonNode history = browser.next("rows").get("rows");
      assertThat(history.size()).isEqualTo(1);
      assertThat(history.at("/0/dst/ip").asString()).isEqualTo("10.1.1.7");
      assertThat(history.at("/0/nat").toString()).isEqualTo("{\"ip\":\"10.96.0.9\",\"port\":80,\"service\":\"cart\",\"entry\":\"a/1-1\"}");
      browser.next("historyEnd");

      server.add(leg(2, "10.1.1.7", "cart-1", start + 20_000_000));
      client.add(leg(2, "10.96.0.9", "", start + 18_000_000));
      client.add(leg(3, "10.96.0.9", "", start + 30_000_000)); // begins too early to be the same
      server.add(leg(3, "10.1.1.7", "cart-1", start + 36_000_000));
      List<JsonNode> live = new ArrayList<>();
      while (live.size() < 3) browser.next("rows").get("rows").forEach(live::add);
      assertThat(live.stream().filter(row -> row.has("nat")).map(row -> row.get("summary").asString())).containsExactly("/2");
      assertThat(live.stream().filter(row -> !row.has("nat")).map(row -> row.get("summary").asString())).containsExactly("/3", "/3");
    }
    JsonNode page = get("/api/entries").get("rows");
    assertThat(page.valueStream().map(row -> row.get("summary").asString() + row.has("nat"))).containsExactly("/1true", "/2true", "/3false", "/3false");
  }

  @Test
  void eventsOfTheClusterAreEntries() throws IOException, InterruptedException {
    TestWorker worker = release.worker("a");
    long start = TestWorker.now() - 10_000_000_000L;
    release.event("OOMKilled", "cart was killed", start + 5_000_000);
    release.event("Unhealthy", "too old", TestWorker.now() - EventRing.KEPT_NS - 1_000_000_000L);
    worker.add(TestWorker.http(1).time(start, 5), TestWorker.http(2).time(start + 10_000_000, 5));
    worker.drain();
    assertThat(summaries(get("/api/entries").get("rows"))).containsExactly("/1", "cart was killed", "/2");
    JsonNode found = get("/api/entries?q=" + URLEncoder.encode("event && k8s_reason == \"OOMKilled\"", StandardCharsets.UTF_8)).get("rows");
    assertThat(summaries(found)).containsExactly("cart was killed");
    JsonNode detail = get("/api/entry?id=" + found.at("/0/id").asString());
    assertThat(detail.at("/row/kind").asString()).isEqualTo("event");
    assertThat(detail.at("/row/dst/pod").asString()).isEqualTo("cart-1");
    try (Browser browser = browser()) {
      browser.subscribe(1, "event", 10);
      assertThat(rows(browser, 1)).containsExactly("cart was killed");
      browser.next("historyEnd");
      worker.add(TestWorker.http(3));
      release.event("Unhealthy", "probe failed", TestWorker.now());
      assertThat(rows(browser, 1)).containsExactly("probe failed");
    }
  }

  @Test
  void theRuleIsShownTriedAndApplied() throws IOException, InterruptedException {
    release.pods = List.of(TestRelease.pod("shop", "cart-1", "n1", "10.1.0.1"), TestRelease.pod("shop", "front-1", "n2", "10.1.0.2"),
        TestRelease.pod("other", "cart-2", "n2", "10.1.0.3"));
    release.targeting = Targeting.of("front", List.of(), List.of());
    try (Browser browser = browser()) {
      assertThat(browser.next("hello").get("targets").toString()).isEqualTo("{\"pods\":1,\"namespaces\":1,\"nodes\":1}");
      JsonNode targets = get("/api/targets");
      assertThat(targets.get("regex").asString()).isEqualTo("front");
      assertThat(targets.get("pods").valueStream().map(pod -> pod.get("name").asString() + pod.get("targeted").asBoolean())).containsExactly("cart-1false", "front-1true", "cart-2false");
      JsonNode preview = JsonMapper.shared().readTree(post("/api/targets/preview", "{\"regex\":\"ca\",\"namespaces\":[],\"excluded\":[\"other\"]}").body());
      assertThat(preview.get("pods").valueStream().map(pod -> pod.get("name").asString())).containsExactly("cart-1");
      assertThat(release.targeting.regex().pattern()).isEqualTo("front");
      assertThat(post("/api/targets", "{\"regex\":\"ca\",\"namespaces\":[],\"excluded\":[]}").statusCode()).isEqualTo(200);
      assertThat(release.targeting.regex().pattern()).isEqualTo("ca");
      JsonNode pushed = browser.next("targets");
      assertThat(pushed.get("counts").toString()).isEqualTo("{\"pods\":2,\"namespaces\":2,\"nodes\":2}");
      assertThat(pushed.get("regex").asString()).isEqualTo("ca");
    }
    release.refusal = new IOException("forbidden");
    assertThat(post("/api/targets", "{\"regex\":\"x\"}").statusCode()).isEqualTo(502);
    for (Map.Entry<String, Integer> bad : Map.of("ab(c", 2, "a(b)(c\\\\)[)]", 4, "ab[c", 2, "*a", 0, "a**", 1).entrySet()) {
      HttpResponse<String> answer = post("/api/targets", "{\"regex\":\"" + bad.getKey() + "\"}");
      assertThat(answer.statusCode()).as(bad.getKey()).isEqualTo(400);
      assertThat(JsonMapper.shared().readTree(answer.body()).at("/error/code").asString()).isEqualTo("bad-regex");
      assertThat(JsonMapper.shared().readTree(answer.body()).at("/error/position").asInt()).as(answer.body()).isEqualTo(bad.getValue());
    }
    assertThat(post("/api/targets", "{\"namespaces\":[\"a,b\"]}").statusCode()).isEqualTo(400);
    assertThat(send(request("/api/targets").DELETE()).statusCode()).isEqualTo(405);
  }

  @Test
  void anEntrysPodsAndServicesAreShownAsYaml() throws IOException, InterruptedException {
    TestWorker worker = release.worker("node-1.example");
    worker.add(leg(7, "10.1.1.7", "gone", TestWorker.now()));
    worker.drain();
    for (String id : new String[] {"node-1.example%2F1-7", "node-1.example/1-7"}) {
      JsonNode manifests = get("/api/entries/" + id + "/kubernetes");
      assertThat(manifests.at("/src/pod").asString()).isEqualTo("kind: pods\nname: shop/front-1\n");
      assertThat(manifests.get("src").has("service")).isFalse();
      assertThat(manifests.at("/dst/pod").isNull()).as("it is no longer there").isTrue();
      assertThat(manifests.at("/dst/service").asString()).isEqualTo("kind: services\nname: shop/cart\n");
    }
    assertThat(send(request("/api/entries/node-1.example%2F1-8/kubernetes")).statusCode()).isEqualTo(404);
  }

  /** No browser's tab may take the hub's door for its own: a WebSocket from another origin is refused even with the cookie. */
  @Test
  void aForeignPageGetsNoStream() {
    WebSocket.Builder foreign = http.newWebSocketBuilder().header("Origin", "https://evil.example").header(AUTHORIZED[0], AUTHORIZED[1]);
    assertThatThrownBy(() -> foreign.buildAsync(URI.create(hub.url().replace("http", "ws") + Hub.SOCKET_PATH), new WebSocket.Listener() {}).join())
        .isInstanceOf(CompletionException.class).hasStackTraceContaining("403");
  }

  @Test
  void manyWorkersComeOutByTime() throws IOException {
    List<TestWorker> workers = new ArrayList<>();
    for (int i = 0; i < 8; i++) workers.add(release.worker("w" + i));
    try (Browser browser = browser()) {
      browser.subscribe(1, "", 0);
      browser.next("historyEnd");
      browser.next(frame -> frame.get("type").asString().equals("stats") && frame.get("workersConnected").asInt() == 8);
      Set<Integer> seen = new LinkedHashSet<>();
      for (int i = 1; i <= 2000; i++) workers.get(i * 7 % 8).add(TestWorker.http(i));
      while (seen.size() < 2000) browser.next("rows").get("rows").forEach(row -> assertThat(seen.add(Integer.parseInt(row.get("summary").asString().substring(1)))).isTrue());
    }
  }
}
