package io.kubeshark.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.render.EntryBuilder;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What several workers have stored: history, pages and files of it have each entry once, by time. */
class StoredEntriesTest extends ReleaseTest {
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
    HttpResponse<String> file = post("/api/export", "{\"format\":\"jsonl\",\"kfl\":\"http\",\"limit\":150}");
    assertThat(file.headers().firstValue("Kubeshark-Sources")).contains("3 of 3");
    assertThat(file.body().lines().map(line -> JsonMapper.shared().readTree(line).get("index").asInt()))
        .containsExactlyElementsOf(IntStream.range(50, 200).boxed().toList());
  }
}
