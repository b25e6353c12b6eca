package io.kubeshark.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kubeshark.core.Connection;
import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.LedgerCode;
import io.kubeshark.kfl.Kfl;
import io.kubeshark.kfl.KflException;
import io.kubeshark.render.EntryBuilder;
import io.kubeshark.wire.BearerToken;
import io.kubeshark.worker.WorkerStatistics;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Tag("integration")
@Timeout(60)
class ApiTest {
  @TempDir Path directory;
  private final HttpClient http = HttpClient.newHttpClient();
  private TestWorker worker;
  private Hub hub;

  @BeforeEach
  void start() throws IOException {
    Files.createDirectories(directory.resolve("front/assets"));
    Files.writeString(directory.resolve("front/index.html"), "<!doctype html>dashboard");
    Files.writeString(directory.resolve("front/assets/a-123.js"), "1");
    worker = new TestWorker(directory, "local");
    hub = Hub.start(options(0, worker));
  }

  private HubOptions options(int port, TestWorker... workers) {
    return new HubOptions(HubOptions.HOST, port, directory.resolve("front"), "local", "lo", "0.1.0",
        java.util.Arrays.stream(workers).map(TestWorker::address).toList(), List.of());
  }

  @AfterEach
  void stop() {
    hub.close();
    worker.close();
  }

  private HttpResponse<byte[]> send(HttpRequest.Builder request) throws IOException, InterruptedException {
    return http.send(request.build(), BodyHandlers.ofByteArray());
  }

  private HttpResponse<byte[]> call(String path) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(URI.create(hub.url() + path)));
  }

  private JsonNode get(String path) throws IOException, InterruptedException {
    HttpResponse<byte[]> answer = call(path);
    assertThat(answer.statusCode()).as(path).isEqualTo(200);
    return JsonMapper.shared().readTree(answer.body());
  }

  private JsonNode refused(String path, int status) throws IOException, InterruptedException {
    HttpResponse<byte[]> answer = call(path);
    assertThat(answer.statusCode()).as(path).isEqualTo(status);
    return JsonMapper.shared().readTree(answer.body()).get("error");
  }

  private HttpResponse<byte[]> export(String json) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(URI.create(hub.url() + "/api/export")).POST(HttpRequest.BodyPublishers.ofString(json)));
  }

  private void store(EntryBuilder... entries) {
    worker.add(entries);
    worker.drain();
  }

  @Test
  void entriesArePagedByTheirNumbers() throws IOException, InterruptedException {
    for (int i = 1; i <= 250; i++) worker.add(TestWorker.http(i));
    worker.drain();
    JsonNode newest = get("/api/entries?limit=100");
    assertThat(newest.get("rows").size()).isEqualTo(100);
    assertThat(newest.get("truncated").asBoolean()).isTrue();
    assertThat(newest.at("/rows/0/seq").asInt()).isEqualTo(151);
    assertThat(newest.at("/rows/99/seq").asInt()).isEqualTo(250);
    JsonNode older = get("/api/entries?limit=200&before=151");
    assertThat(older.get("rows").size()).isEqualTo(150);
    assertThat(older.get("truncated").asBoolean()).isFalse();
    assertThat(older.at("/rows/149/seq").asInt()).isEqualTo(150);
    JsonNode newer = get("/api/entries?after=248");
    assertThat(newer.get("rows").size()).isEqualTo(2);
    JsonNode matching = get("/api/entries?kfl=url%20%3D%3D%20%22%2F77%22");
    assertThat(matching.at("/rows/0/summary").asString()).isEqualTo("/77");
    assertThat(matching.get("rows").size()).isEqualTo(1);
  }

  @Test
  void anEntryHasRowEntryAndSectionsWhoseSelectorsMatchIt() throws IOException, InterruptedException, KflException {
    EntryBuilder entry = EntryBuilder.typicalHttp().map(EntryBuilder.REQUEST_HEADERS)
        .with(Direction.SERVER, out -> out.boolField(EntryBuilder.KEEP_ALIVE, false));
    EntryBuilder odd = new EntryBuilder(EntryBuilder.HTTP).id(9, 0).string(EntryBuilder.METHOD, "A\"B\\C\tD\u0001E\u2028F'G")
        .map(EntryBuilder.REQUEST_HEADERS, "X", "1", "X", "", "x", "3", "Quo\"te", "\r\n", "X", "2", "empty", "");
    EntryBuilder dns = new EntryBuilder(EntryBuilder.DNS).id(10, 0).list(EntryBuilder.QUESTIONS, "a.example", "b\"c");
    store(entry, odd, dns);
    int selectors = 0;
    for (String id : new String[] {"local/12-3", "local/9-0", "local/10-0"}) {
      JsonNode answer = get("/api/entry?id=" + id);
      assertThat(answer.at("/row/id").asString()).isEqualTo(id);
      assertThat(answer.at("/entry/id").asString()).isEqualTo(id);
      for (JsonNode side : answer.get("representation")) {
        for (JsonNode section : side) {
          if (!section.get("type").asString().equals("table")) continue;
          for (JsonNode row : section.get("rows")) {
            if (row.get("selector").isNull()) continue;
            selectors++;
            var view = (id.startsWith("local/12") ? entry : id.startsWith("local/9") ? odd : dns).view();
            assertThat(new Kfl(EntryBuilder.SCHEMA).compile(row.get("selector").asString()).test(view)).as(row.toString()).isTrue();
          }
        }
      }
    }
    assertThat(selectors).isGreaterThanOrEqualTo(20);
  }

  @Test
  void whatIsNotThereIsTold() throws IOException, InterruptedException {
    assertThat(refused("/api/entry?id=local/1-1", 404).get("code").asString()).isEqualTo("expired");
    assertThat(refused("/api/entry?id=elsewhere/1-1", 404).get("code").asString()).isEqualTo("unknown");
    assertThat(refused("/api/entry?id=nonsense", 400).get("message").asString()).contains("local/12-3");
    assertThat(refused("/api/entries?limit=-1", 400).get("code").asString()).isEqualTo("bad-request");
    assertThat(refused("/api/nothing", 404).get("message").asString()).contains("/api/nothing");
    assertThat(refused("/api/export", 405).get("code").asString()).isEqualTo("method-not-allowed");
    assertThat(refused("/api/entries?q=http", 400).get("message").asString()).isEqualTo("'q' is nothing that /api/entries takes: kfl, limit, before, after");
    assertThat(export("{\"format\":\"csv\",\"filter\":\"http\"}").statusCode()).isEqualTo(400);
    JsonNode filter = refused("/api/entries?kfl=htpp", 400);
    assertThat(filter.get("code").asString()).isEqualTo("bad-filter");
    assertThat(filter.at("/filter/suggestion").asString()).isEqualTo("http");
  }

  @Test
  void filtersAreCheckedAndCompleted() throws IOException, InterruptedException {
    store(TestWorker.http(1), TestWorker.http(2), TestWorker.http(4));
    assertThat(get("/api/kfl/validate?kfl=http").toString()).isEqualTo("{\"ok\":true}");
    JsonNode bad = get("/api/kfl/validate?kfl=http%20%26%26%20stauts_code");
    assertThat(bad.get("ok").asBoolean()).isFalse();
    assertThat(bad.at("/error/position").asInt()).isEqualTo(8);
    JsonNode names = get("/api/kfl/complete?kfl=status_c&position=8");
    assertThat(names.get("from").asInt()).isZero();
    assertThat(names.get("options").valueStream().map(option -> option.get("label").asString())).contains("status_code");
    JsonNode values = get("/api/kfl/complete?kfl=method%20%3D%3D%20%22&position=11");
    assertThat(values.get("options").valueStream().filter(option -> option.get("type").asString().equals("value")).map(option -> option.get("label").asString()))
        .contains("GET", "POST");
  }

  @Test
  void theSchemaHasWhatTheDashboardNeeds() throws IOException, InterruptedException {
    JsonNode schema = get("/api/schema");
    assertThat(schema.get("protocols").size()).isEqualTo(EntryBuilder.SCHEMA.protocols().size());
    assertThat(schema.get("variables").valueStream().map(variable -> variable.get("name").asString())).contains("status_code", "src.ip", "http");
    assertThat(schema.get("functions")).isNotEmpty();
    assertThat(schema.get("anomalies")).isNotEmpty();
    assertThat(schema.get("ledger").size()).isEqualTo(LedgerCode.count());
  }

  @Test
  void ledgerAndStatsAreThoseOfTheWorkers() throws IOException, InterruptedException {
    worker.drops = List.of(new WorkerStatistics.Drop(LedgerCode.KERNEL_DROP, 5, 0));
    JsonNode ledger = get("/api/ledger");
    assertThat(ledger.get("wire").asInt()).isEqualTo(1000);
    assertThat(ledger.get("pending").asInt()).isEqualTo(100);
    assertThat(ledger.get("balanced").asBoolean()).isTrue();
    assertThat(ledger.get("accounts").size()).isEqualTo(2);
    assertThat(ledger.at("/workers/0/node").asString()).isEqualTo("local-node");
    assertThat(ledger.at("/drops/0/code").asString()).isEqualTo("kernel-drop");
    assertThat(get("/api/stats").at("/workers/0/drops/0/packets").asInt()).isEqualTo(5);
    assertThat(get("/api/health").get("status").asString()).isEqualTo("ok");
  }

  @Test
  void exportsAreFilesOfTheChosenEntries() throws IOException, InterruptedException {
    for (int i = 1; i <= 30; i++) worker.add(TestWorker.http(i));
    worker.add(new EntryBuilder(EntryBuilder.DNS).id(5, 0).list(EntryBuilder.QUESTIONS, "a"));
    worker.drain();

    HttpResponse<byte[]> har = export("{\"format\":\"har\",\"ids\":[\"local/1-3\",\"local/1-99\",\"local/1-1\"]}");
    assertThat(har.headers().firstValue("Content-Disposition").orElse("")).contains("kubeshark.har");
    JsonNode log = JsonMapper.shared().readTree(har.body()).get("log");
    assertThat(log.get("entries").valueStream().map(entry -> entry.at("/request/url").asString())).containsExactly("http://127.0.0.1:80/3", "http://127.0.0.1:80/1");

    String csv = new String(export("{\"format\":\"csv\",\"kfl\":\"http\",\"limit\":5}").body(), StandardCharsets.UTF_8);
    assertThat(csv.lines()).hasSize(6);
    assertThat(csv.lines().skip(1).map(line -> line.split(",")[0])).containsExactly("local/1-26", "local/1-27", "local/1-28", "local/1-29", "local/1-30");

    String jsonl = new String(export("{\"format\":\"jsonl\",\"kfl\":\"\"}").body(), StandardCharsets.UTF_8);
    assertThat(jsonl.lines()).hasSize(31).allSatisfy(line -> assertThat(JsonMapper.shared().readTree(line).has("id")).isTrue());

    assertThat(export("{\"format\":\"xml\"}").statusCode()).isEqualTo(400);
    assertThat(export("{\"format\":\"csv\",\"kfl\":\"nonsense ==\"}").statusCode()).isEqualTo(400);
    assertThat(export("{").statusCode()).isEqualTo(400);
  }

  /** Larger than one page of a worker's answer: pages must join without a hole. */
  @Test
  void aLargeExportIsWhole() throws IOException, InterruptedException {
    byte[] body = "x".repeat(200_000).getBytes(StandardCharsets.UTF_8);
    for (int i = 1; i <= 120; i++) worker.add(TestWorker.http(i).body(EntryBuilder.REQUEST_BODY, "text/plain", "", body, body.length));
    worker.drain();
    String jsonl = new String(export("{\"format\":\"jsonl\",\"kfl\":\"\",\"limit\":110}").body(), StandardCharsets.UTF_8);
    assertThat(jsonl.lines().map(line -> JsonMapper.shared().readTree(line).get("index").asInt()))
        .containsExactlyElementsOf(java.util.stream.IntStream.rangeClosed(11, 120).boxed().toList());
  }

  @Test
  void aConnectionAndItsPackets() throws IOException, InterruptedException {
    worker.liveConnections.put(77L, new EntryBuilder(EntryBuilder.TCP).id(77, 0).kind(EntryLayout.Kind.CONNECTION)
        .between("10.0.0.1", 50412, "10.0.0.2", 80).string(EntryBuilder.STATE, "open").record());
    JsonNode connection = get("/api/connection?id=local/77");
    assertThat(connection.get("state").asString()).isEqualTo("open");
    assertThat(connection.get("endTime").isNull()).isTrue();
    assertThat(connection.at("/client/ip").asString()).isEqualTo("10.0.0.1");
    assertThat(connection.at("/server/port").asInt()).isEqualTo(80);
    assertThat(refused("/api/connection?id=local/78", 404).get("code").asString()).isEqualTo("expired");

    Connection flow = new Connection(77, Connection.TCP, false, 0, 0);
    byte[] request = HexFormat.of().parseHex("02000000000202000000000108004500002b00004000400600000a0000010a000002" + "c4ec0050" + "000003e9" + "000007d1" + "5018020000000000" + "474554");
    byte[] answer = HexFormat.of().parseHex("02000000000102000000000208004500002800004000400600000a0000020a000001" + "0050c4ec" + "000007d1" + "000003ec" + "5010020000000000");
    long now = TestWorker.now();
    worker.packet(flow, 1, request, now);
    worker.packet(flow, 0, answer, now + 1000);
    worker.packetsDone();
    JsonNode packets = get("/api/packets?conn=local/77");
    assertThat(packets.get("packets").size()).isEqualTo(2);
    JsonNode first = packets.at("/packets/0");
    assertThat(first.get("summary").asString()).isEqualTo("TCP 50412 → 80 [PSH,ACK] seq 1 ack 1 win 512 len 3");
    assertThat(first.get("direction").asString()).isEqualTo("client");
    assertThat(first.get("hex").asString()).isEqualTo(HexFormat.of().formatHex(request));
    assertThat(first.get("layers").toString()).isEqualTo("[{\"name\":\"Ethernet\",\"offset\":0,\"length\":14},{\"name\":\"IPv4\",\"offset\":14,\"length\":20},"
        + "{\"name\":\"TCP\",\"offset\":34,\"length\":20},{\"name\":\"Payload\",\"offset\":54,\"length\":3}]");
    assertThat(packets.at("/packets/1/direction").asString()).isEqualTo("server");
    assertThat(packets.at("/packets/1/summary").asString()).isEqualTo("TCP 80 → 50412 [ACK] seq 1 ack 4 win 512 len 0");
    assertThat(packets.get("note").asString()).isEqualTo("packets are kept 10 s (--packets-ttl); how many are gone is not known");
    JsonNode none = get("/api/packets?conn=local/78");
    assertThat(none.get("packets").size()).isZero();
    assertThat(none.get("note").asString()).isEqualTo("packets are kept 10 s (--packets-ttl); none of this connection is left");

    HttpResponse<byte[]> pcap = call("/api/pcap?conn=local/77");
    assertThat(pcap.headers().firstValue("Content-Disposition").orElse("")).contains("attachment").contains("kubeshark-local-77.pcapng");
    String bytes = HexFormat.of().formatHex(pcap.body());
    assertThat(bytes).startsWith("0a0d0d0a").contains(HexFormat.of().formatHex(request)).contains(HexFormat.of().formatHex(answer));
  }

  @Test
  void filesAreServedWithTheHeadersThatKeepThemApart() throws IOException, InterruptedException {
    HttpResponse<byte[]> page = call("/");
    assertThat(new String(page.body(), StandardCharsets.UTF_8)).contains("dashboard");
    assertThat(page.headers().firstValue("Cache-Control").orElse("")).isEqualTo("no-cache");
    assertThat(page.headers().firstValue("Content-Security-Policy").orElse("")).startsWith("default-src 'self'").contains("frame-ancestors 'none'");
    assertThat(page.headers().firstValue("X-Content-Type-Options").orElse("")).isEqualTo("nosniff");
    assertThat(call("/assets/a-123.js").headers().firstValue("Cache-Control").orElse("")).contains("immutable");
    assertThat(refused("/nothing", 404).get("code").asString()).isEqualTo("not-found");
    assertThat(call("/../local-entries").statusCode()).isIn(400, 404);
  }

  @Test
  void pagesOfOthersMayNotCall() throws IOException, InterruptedException {
    URI health = URI.create(hub.url() + "/api/health");
    assertThat(send(HttpRequest.newBuilder(health).header("Origin", hub.url())).statusCode()).isEqualTo(200);
    for (String origin : new String[] {"http://evil.example", "null", "http://127.0.0.1:1", "https://localhost", hub.url() + ".evil.example", "file://"}) {
      assertThat(send(HttpRequest.newBuilder(health).header("Origin", origin)).statusCode()).as(origin).isEqualTo(403);
      WebSocket.Builder socket = http.newWebSocketBuilder().header("Origin", origin);
      assertThatThrownBy(() -> socket.buildAsync(URI.create(hub.url().replace("http", "ws") + "/api/ws"), new WebSocket.Listener() {}).join())
          .as(origin).isInstanceOf(CompletionException.class);
    }
    assertThat(withHost("localhost:" + hub.port())).startsWith("HTTP/1.1 200");
    assertThat(withHost("[::1]")).startsWith("HTTP/1.1 200");
    for (String host : new String[] {"evil.example", "evil.example:" + hub.port(), "127.0.0.1.evil.example", "localhost.evil.example"}) {
      assertThat(withHost(host)).as(host).startsWith("HTTP/1.1 403");
    }
  }

  /** Java's client does not let a test lie about the host. */
  private String withHost(String host) throws IOException {
    try (Socket socket = new Socket(HubOptions.HOST, hub.port())) {
      socket.getOutputStream().write(("GET /api/health HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void aTakenPortIsToldWithWhatToDo() {
    assertThatThrownBy(() -> Hub.start(options(hub.port(), worker))).isInstanceOf(IOException.class)
        .hasMessage("port " + hub.port() + " is taken by another process: stop it or choose another with --port");
  }

  @Test
  void workersLetNobodyInWithoutTheToken() throws IOException, InterruptedException {
    for (String authorization : new String[] {"", "Bearer ", "Bearer " + "0".repeat(64), worker.token.header() + "0", worker.token.header().toLowerCase(java.util.Locale.ROOT) + " "}) {
      WebSocket.Builder socket = http.newWebSocketBuilder();
      if (!authorization.isEmpty()) socket.header("Authorization", authorization);
      assertThatThrownBy(() -> socket.buildAsync(worker.uri(), new WebSocket.Listener() {}).join()).as(authorization)
          .hasStackTraceContaining("401");
    }
    HubOptions wrong = new HubOptions(HubOptions.HOST, 0, null, "local", "lo", "0.1.0", List.of(new WorkerAddress(worker.uri(), BearerToken.random())), List.of());
    try (Hub stranger = Hub.start(wrong)) {
      HttpResponse<byte[]> health = http.send(HttpRequest.newBuilder(URI.create(stranger.url() + "/api/health")).build(), BodyHandlers.ofByteArray());
      JsonNode answer = JsonMapper.shared().readTree(health.body());
      assertThat(answer.get("status").asString()).isEqualTo("degraded");
      assertThat(answer.at("/workers/0/problem").asString()).contains("401");
    }
  }

  @Test
  void twoWorkersBecomeOneStreamByTime() throws IOException {
    try (TestWorker second = new TestWorker(directory, "second"); Hub both = Hub.start(options(0, worker, second)); Browser browser = new Browser(both)) {
      long start = TestWorker.now() - 1_000_000_000L;
      for (int i = 0; i < 20; i++) (i % 2 == 0 ? worker : second).add(TestWorker.http(i).time(start + i * 1_000_000L, 5));
      worker.drain();
      second.drain();
      browser.subscribe(1, "", 12);
      JsonNode history = browser.next("rows");
      assertThat(history.get("rows").valueStream().map(row -> row.get("summary").asString()))
          .containsExactlyElementsOf(java.util.stream.IntStream.range(8, 20).mapToObj(i -> "/" + i).toList());
      assertThat(browser.next("historyEnd").get("rows").asInt()).isEqualTo(12);
      second.add(TestWorker.http(102).time(start + 102_000_000L, 5));
      worker.add(TestWorker.http(101).time(start + 101_000_000L, 5));
      java.util.List<String> live = new java.util.ArrayList<>();
      while (live.size() < 2) browser.next("rows").get("rows").forEach(row -> live.add(row.get("summary").asString()));
      assertThat(live).containsExactlyInAnyOrder("/101", "/102");
    }
  }
}
