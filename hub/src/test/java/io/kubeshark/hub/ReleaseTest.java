package io.kubeshark.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What tests of a hub in a cluster begin with: HTTPS, token, workers by mutual TLS that come and go. */
@Tag("integration")
@Timeout(90)
abstract class ReleaseTest {
  static final String[] AUTHORIZED = {ReleaseDoor.HEADER, "Bearer " + TestRelease.TOKEN};

  @TempDir Path directory;
  TestRelease release;
  Hub hub;
  HttpClient http;

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

  Browser browser() {
    return new Browser(http, hub, AUTHORIZED);
  }

  HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
    return http.send(request.build(), BodyHandlers.ofString());
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(hub.url() + path)).headers(AUTHORIZED);
  }

  JsonNode get(String path) throws IOException, InterruptedException {
    HttpResponse<String> answer = send(request(path));
    assertThat(answer.statusCode()).as(path + ": " + answer.body()).isEqualTo(200);
    return JsonMapper.shared().readTree(answer.body());
  }

  HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
    return send(request(path).POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  static void await(BooleanSupplier condition) {
    long giveUp = System.nanoTime() + Browser.WAIT_S * 1_000_000_000L;
    while (!condition.getAsBoolean() && System.nanoTime() < giveUp) Thread.onSpinWait();
    assertThat(condition.getAsBoolean()).isTrue();
  }

  int streams() {
    return release.workers.stream().mapToInt(TestWorker::openStreams).sum();
  }

  static List<String> summaries(JsonNode rows) {
    return rows.valueStream().map(row -> row.get("summary").asString()).toList();
  }

  /** Summaries of live and stored rows until there are so many. */
  static List<String> rows(Browser browser, int count) {
    List<String> seen = new ArrayList<>();
    while (seen.size() < count) seen.addAll(summaries(browser.next("rows").get("rows")));
    return seen;
  }
}
