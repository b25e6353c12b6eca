package io.kubeshark.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.render.EntryBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Workers of a release come, go, die and come back. */
class WorkersTest extends ReleaseTest {
  private JsonNode connections() throws IOException, InterruptedException {
    return JsonMapper.shared().readTree(send(HttpRequest.newBuilder(URI.create(hub.url() + "/healthz"))).body()).get("workerConnections");
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
