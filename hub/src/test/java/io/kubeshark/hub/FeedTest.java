package io.kubeshark.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.render.EntryBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Rows from a real store over real WebSockets to browsers. */
@Tag("integration")
@Timeout(60)
class FeedTest {
  @TempDir Path directory;
  private TestWorker worker;
  private Hub hub;

  @BeforeEach
  void start() throws IOException {
    worker = new TestWorker(directory, "local");
    hub = Hub.start(new HubOptions(HubOptions.HOST, 0, null, "local", "all interfaces", "0.1.0", List.of(worker.address()), List.of()));
  }

  @AfterEach
  void stop() {
    hub.close();
    worker.close();
  }

  private void add(int from, int to) {
    for (int i = from; i <= to; i++) worker.add(TestWorker.http(i));
  }

  /** Sequence numbers of the rows of this subscription until one of them is {@code last}. */
  private static List<Long> sequencesUntil(Browser browser, int id, long last) {
    List<Long> sequences = new ArrayList<>();
    while (sequences.isEmpty() || sequences.getLast() < last) {
      JsonNode frame = browser.next(any -> any.get("type").asString().equals("rows") && any.get("id").asInt() == id);
      frame.get("rows").forEach(row -> sequences.add(row.get("seq").asLong()));
      assertThat(frame.get("notShown").asLong()).isZero();
    }
    return sequences;
  }

  @Test
  void theFirstFrameSaysWhoIsThere() {
    try (Browser browser = new Browser(hub)) {
      JsonNode hello = browser.frames.isEmpty() ? browser.next("hello") : browser.frames.poll();
      assertThat(hello.toString()).isEqualTo(
          "{\"type\":\"hello\",\"version\":\"0.1.0\",\"mode\":\"local\",\"source\":\"all interfaces\",\"nodes\":[\"local-node\"],\"limits\":{\"rows\":300000}}");
    }
  }

  @Test
  void historyAndLiveJoinWithoutAHoleOrADouble() throws InterruptedException {
    add(1, 500);
    worker.drain();
    Thread writer = new Thread(() -> add(501, 3000));
    try (Browser browser = new Browser(hub)) {
      writer.start();
      browser.subscribe(7, "", 200);
      assertThat(browser.next("subscribed").get("id").asInt()).isEqualTo(7);
      List<Long> sequences = new ArrayList<>();
      JsonNode end = null;
      while (end == null || sequences.getLast() < 3000) {
        JsonNode frame = browser.next(any -> List.of("rows", "historyEnd").contains(any.get("type").asString()));
        if (frame.get("type").asString().equals("historyEnd")) {
          end = frame;
          assertThat(end.get("rows").asInt()).isEqualTo(sequences.size());
        } else {
          assertThat(frame.get("history").asBoolean()).isEqualTo(end == null);
          frame.get("rows").forEach(row -> sequences.add(row.get("seq").asLong()));
        }
      }
      assertThat(end.get("rows").asInt()).isEqualTo(200);
      assertThat(end.get("truncated").asBoolean()).isTrue();
      assertThat(sequences).containsExactlyElementsOf(LongStream.rangeClosed(sequences.getFirst(), 3000).boxed().toList());
    }
    writer.join();
  }

  @Test
  void onlyWhatMatchesComes() {
    try (Browser browser = new Browser(hub)) {
      browser.subscribe(1, "method == \"GET\" && url != \"/4\"", 100);
      browser.next("historyEnd");
      add(1, 10);
      assertThat(sequencesUntil(browser, 1, 10)).containsExactly(2L, 6L, 8L, 10L);
    }
  }

  @Test
  void aBadFilterIsToldAndTheOldOneGoesOn() {
    try (Browser browser = new Browser(hub)) {
      browser.subscribe(1, "http", 0);
      browser.next("historyEnd");
      browser.subscribe(2, "http && stauts_code >= 500", 0);
      JsonNode error = browser.next("filterError");
      assertThat(error.get("id").asInt()).isEqualTo(2);
      assertThat(error.at("/error/position").asInt()).isEqualTo(8);
      assertThat(error.at("/error/length").asInt()).isEqualTo(11);
      assertThat(error.at("/error/suggestion").asString()).isEqualTo("status_code");
      add(1, 3);
      assertThat(sequencesUntil(browser, 1, 3)).containsExactly(1L, 2L, 3L);
    }
  }

  @Test
  void aNewSubscriptionReplacesTheOld() {
    try (Browser browser = new Browser(hub)) {
      browser.subscribe(1, "", 0);
      browser.next("historyEnd");
      browser.subscribe(2, "method == \"POST\"", 0);
      browser.next(frame -> frame.get("type").asString().equals("historyEnd") && frame.get("id").asInt() == 2);
      add(1, 9);
      List<Integer> ids = new ArrayList<>();
      JsonNode frame;
      do {
        frame = browser.next("rows");
        ids.add(frame.get("id").asInt());
      } while (frame.get("rows").get(frame.get("rows").size() - 1).get("seq").asLong() < 9);
      assertThat(ids).containsOnly(2);
    }
  }

  @Test
  void whatAPauseMissedIsCounted() {
    try (Browser browser = new Browser(hub)) {
      browser.subscribe(1, "", 0);
      browser.next("historyEnd");
      browser.say("{\"type\":\"pause\"}");
      browser.subscribe(2, "", 0); // frames are handled in order: once this is there, so is the pause
      browser.next(frame -> frame.get("type").asString().equals("historyEnd") && frame.get("id").asInt() == 2);
      try (Browser other = new Browser(hub)) { // sees them, so the paused one was offered them (its subscription is older)
        other.subscribe(1, "", 0);
        other.next("historyEnd");
        add(1, 40);
        sequencesUntil(other, 1, 40);
      }
      browser.say("{\"type\":\"resume\"}");
      browser.subscribe(3, "no_such_name", 0); // refused, so nothing changes; once the refusal is there, so is the resume
      long shown = 0;
      long notShown = 0;
      boolean resumed = false;
      while (shown + notShown < 42) {
        JsonNode frame = browser.next(any -> true);
        if (frame.get("type").asString().equals("filterError")) {
          resumed = true;
          add(41, 42);
        } else if (frame.get("type").asString().equals("rows")) {
          shown += frame.get("rows").size();
          notShown += frame.get("notShown").asLong();
        }
      }
      assertThat(resumed).isTrue();
      assertThat(notShown).isBetween(1L, 40L);
      assertThat(shown).isGreaterThanOrEqualTo(2);
      assertThat(shown + notShown).isEqualTo(42);
    }
  }

  @Test
  void aBrowserThatDoesNotReadIsSkippedAndSlowsNobody() {
    int count = 60_000;
    String url = "/" + "x".repeat(500);
    try (Browser slow = new Browser(hub); Browser other = new Browser(hub)) {
      slow.subscribe(1, "", 0);
      slow.next("historyEnd");
      other.subscribe(1, "url.endsWith(\"0\")", 0); // one in ten: however fast they come, it is no more than one browser is sent
      other.next("historyEnd");
      slow.stopReading();
      List<Long> seen = new ArrayList<>();
      for (int i = 1; i <= count; i += 1000) {
        EntryBuilder[] entries = new EntryBuilder[1000];
        for (int k = 0; k < entries.length; k++) entries[k] = TestWorker.http(i + k).string(EntryBuilder.URL, url);
        worker.add(entries);
        seen.addAll(sequencesUntil(other, 1, i + 999));
      }
      assertThat(seen).containsExactlyElementsOf(LongStream.rangeClosed(1, count / 10).map(n -> 10 * n).boxed().toList());

      slow.readAgain();
      long shown = 0;
      long notShown = 0;
      while (shown + notShown < count) {
        JsonNode frame = slow.next("rows");
        shown += frame.get("rows").size();
        notShown += frame.get("notShown").asLong();
      }
      assertThat(shown + notShown).isEqualTo(count);
      assertThat(notShown).as("rows that no buffer could hold").isPositive();
      // What waited for it: the worker's credit, and what the sockets held.
      assertThat(shown * url.length()).isLessThan(4 * RowFeed.CREDIT_BYTES);
    }
  }

  @Test
  void rowsGoOnAfterTheWorkerWasAway() throws IOException {
    try (Browser browser = new Browser(hub)) {
      browser.subscribe(1, "", 0);
      browser.next("historyEnd");
      add(1, 5);
      assertThat(sequencesUntil(browser, 1, 5)).containsExactly(1L, 2L, 3L, 4L, 5L);
      worker.stopListening();
      add(6, 10);
      worker.listen();
      add(11, 12);
      assertThat(sequencesUntil(browser, 1, 12)).containsExactly(6L, 7L, 8L, 9L, 10L, 11L, 12L);
    }
  }

  @Test
  void bodiesStayAtTheWorker() {
    try (Browser browser = new Browser(hub)) {
      browser.subscribe(1, "request.body.contains(\"needle\")", 10);
      browser.next("historyEnd");
      byte[] large = ("needle" + "x".repeat(1 << 20)).getBytes(StandardCharsets.UTF_8);
      // Together far more than the credit: they can only arrive if bodies do not count.
      for (int i = 1; i <= 12; i++) worker.add(TestWorker.http(i).body(EntryBuilder.REQUEST_BODY, "text/plain", "", large, large.length));
      assertThat(sequencesUntil(browser, 1, 12)).hasSize(12);
    }
  }

  @Test
  void statsComeAndTheEndIsTold() {
    worker.endReason = "the file is read to its end";
    try (Browser browser = new Browser(hub)) {
      assertThat(browser.next("end").get("reason").asString()).isEqualTo("the file is read to its end");
      JsonNode stats = browser.next(frame -> frame.get("type").asString().equals("stats") && !frame.get("workers").isEmpty());
      assertThat(stats.at("/workers/0/node").asString()).isEqualTo("local-node");
      assertThat(stats.at("/workers/0/connected").asBoolean()).isTrue();
      assertThat(stats.at("/ledger/wire").asLong()).isEqualTo(1000);
      assertThat(stats.at("/ledger/pending").asLong()).isEqualTo(100);
      assertThat(stats.at("/store/entriesTtlMs").asLong()).isEqualTo(300_000);
      assertThat(stats.get("overload").isNull()).isTrue();
    }
  }

  @Test
  void withoutABrowserNoSubscriptionIsOpen() {
    try (Browser browser = new Browser(hub)) {
      browser.subscribe(1, "", 0);
      browser.next("historyEnd");
      assertThat(subscriptionThreads()).isPositive();
    }
    long giveUp = System.nanoTime() + Browser.WAIT_S * 1_000_000_000L;
    while (subscriptionThreads() > 0 && System.nanoTime() < giveUp) Thread.onSpinWait();
    assertThat(subscriptionThreads()).isZero();
  }

  private static long subscriptionThreads() {
    return Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().startsWith("subscription-")).count();
  }
}
