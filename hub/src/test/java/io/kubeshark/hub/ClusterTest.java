package io.kubeshark.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.Identity;
import io.kubeshark.kube.Targeting;
import io.kubeshark.render.EntryBuilder;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the hub knows of the cluster: legs of a service call, names, events, targets, manifests. */
class ClusterTest extends ReleaseTest {
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
    JsonNode joined = get("/api/entry?id=b/1-2");
    assertThat(joined.at("/row/nat/entry").asString()).isEqualTo("a/1-2");
    assertThat(joined.at("/entry/nat").toString()).isEqualTo("{\"ip\":\"10.96.0.9\",\"port\":80,\"service\":\"cart\",\"entry\":\"a/1-2\"}");
    for (String alone : List.of("a/1-2", "a/1-3", "b/1-3")) {
      assertThat(get("/api/entry?id=" + alone).get("row").has("nat")).as(alone).isFalse();
      assertThat(get("/api/entry?id=" + alone).get("entry").has("nat")).as(alone).isFalse();
    }
  }

  @Test
  void aConnectionNamesItsEnds() throws IOException, InterruptedException {
    release.worker("a").liveConnections.put(7L, new EntryBuilder(EntryBuilder.TCP).id(7, 0).kind(EntryLayout.Kind.CONNECTION)
        .between("10.1.0.5", 50412, "10.1.1.7", 80).named(identity("front-1", ""), identity("cart-1", "cart")).record());
    JsonNode connection = get("/api/connection?id=a/7");
    assertThat(connection.at("/client/name").asString()).isEqualTo("front-1");
    assertThat(connection.at("/client/pod").asString()).isEqualTo("front-1");
    assertThat(connection.at("/server/service").asString()).isEqualTo("cart");
    assertThat(connection.at("/server/namespace").asString()).isEqualTo("shop");
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
    JsonNode found = get("/api/entries?kfl=" + URLEncoder.encode("event && k8s_reason == \"OOMKilled\"", StandardCharsets.UTF_8)).get("rows");
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
}
