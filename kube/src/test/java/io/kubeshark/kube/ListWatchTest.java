package io.kubeshark.kube;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** How a watch goes on after what API servers do to it. The server here says its lines, then hangs up; with none left, it stays silent. */
@Tag("integration")
class ListWatchTest {
  private record Line(int status, String body) {}

  private final BlockingQueue<Line> lines = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> asked = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
  private final CountDownLatch over = new CountDownLatch(1);
  /** What it says instead, whatever is asked. */
  private volatile Line forbidden;
  private HttpServer server;
  private KubeApi api;
  private ListWatch watch;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::answer);
    server.start();
    api = KubeApi.open(new ConfigBuilder().withAutoConfigure(false).withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort()).build());
    watch = new ListWatch(api, "pods", () -> "/api/v1/pods", new ListWatch.Sink() {
      @Override
      public void put(JsonNode object) {
        told.add("+" + ApiObjects.name(object) + '@' + ApiObjects.text(object.path("metadata"), "resourceVersion"));
      }

      @Override
      public void delete(JsonNode object) {
        told.add("-" + ApiObjects.name(object));
      }
    }, System::nanoTime);
  }

  private void answer(HttpExchange exchange) throws IOException {
    asked.add(exchange.getRequestURI().getQuery());
    Line line = forbidden == null ? lines.poll() : forbidden;
    if (line == null) {
      exchange.sendResponseHeaders(200, 0);
      exchange.getResponseBody().flush();
      await();
    } else {
      byte[] body = line.body.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(line.status, 0);
      exchange.getResponseBody().write(body);
    }
    exchange.close();
  }

  private void await() {
    try {
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @AfterEach
  void stop() {
    watch.close();
    over.countDown();
    server.stop(0);
    api.close();
  }

  private static String list(String version, String... names) {
    StringBuilder items = new StringBuilder();
    for (String name : names) items.append(items.isEmpty() ? "" : ",").append("{'metadata':{'name':'" + name + "','resourceVersion':'1'}}");
    return "{'kind':'PodList','metadata':{'resourceVersion':'" + version + "'},'items':[" + items + "],'extra':{'a':[1]}}";
  }

  private static String event(String type, String name, int version) {
    return "{'type':'" + type + "','object':{'metadata':{'name':'" + name + "','resourceVersion':'" + version + "'}}}\n";
  }

  private void say(int status, String body) {
    lines.add(new Line(status, body));
  }

  private void begin() {
    Thread.ofVirtual().start(watch);
  }

  private String asked() throws InterruptedException {
    String query = asked.poll(30, TimeUnit.SECONDS);
    return query == null ? "nothing" : query.startsWith("watch") ? "watch from " + query.substring(query.lastIndexOf('=') + 1) : query;
  }

  private String told() throws InterruptedException {
    return told.poll(30, TimeUnit.SECONDS);
  }

  @Test
  void goesOnWhereTheWatchEnded() throws InterruptedException {
    say(200, list("10", "a", "b"));
    say(200, event("MODIFIED", "a", 11) + event("BOOKMARK", "", 15) + event("DELETED", "b", 16));
    say(200, event("ADDED", "c", 17) + "{'type':'ADDED','object':{'metadata':{'name':'cut");
    begin();
    assertThat(asked()).isEqualTo("resourceVersion=0");
    assertThat(asked()).isEqualTo("watch from 10");
    assertThat(asked()).isEqualTo("watch from 16");
    assertThat(asked()).as("after a watch that broke off in an object").isEqualTo("watch from 17");
    for (String expected : new String[] {"+a@1", "+b@1", "+a@11", "-b", "+c@17"}) assertThat(told()).isEqualTo(expected);
    assertThat(told).isEmpty();
    assertThat(watch.lists()).isOne();
  }

  @Test
  void tooFarBehindListsAnewAndForgetsWhatIsGone() throws InterruptedException {
    say(200, list("10", "a", "b"));
    say(200, event("ADDED", "c", 12) + "{'type':'ERROR','object':{'kind':'Status','code':410,'message':'too old resource version'}}\n");
    say(200, list("50", "b", "d"));
    begin();
    assertThat(asked()).isEqualTo("resourceVersion=0");
    assertThat(asked()).isEqualTo("watch from 10");
    assertThat(asked()).as("the newest").isEqualTo("resourceVersion=");
    assertThat(asked()).isEqualTo("watch from 50");
    for (String expected : new String[] {"+a@1", "+b@1", "+c@12", "+b@1", "+d@1"}) assertThat(told()).isEqualTo(expected);
    assertThat(java.util.List.of(told(), told())).containsExactlyInAnyOrder("-a", "-c");
    assertThat(told).isEmpty();
  }

  @Test
  void goneAsAStatusListsAnewToo() throws InterruptedException {
    say(200, list("10", "a"));
    say(410, "{'kind':'Status','message':'too old'}");
    say(504, "{'kind':'Status','message':'Too large resource version'}");
    say(200, list("20", "a"));
    begin();
    assertThat(asked()).isEqualTo("resourceVersion=0");
    assertThat(asked()).isEqualTo("watch from 10");
    assertThat(asked()).isEqualTo("resourceVersion=");
    assertThat(asked()).isEqualTo("resourceVersion=");
    assertThat(asked()).isEqualTo("watch from 20");
  }

  @Test
  void aListThatBreaksOffForgetsNothing() throws InterruptedException {
    say(200, list("10", "a", "b"));
    say(410, "");
    String whole = list("20", "b");
    say(200, whole.substring(0, whole.indexOf("],")));
    say(200, list("30", "a", "b"));
    begin();
    for (int i = 0; i < 3; i++) asked();
    assertThat(asked()).isEqualTo("resourceVersion=");
    assertThat(asked()).isEqualTo("watch from 30");
    for (String expected : new String[] {"+a@1", "+b@1", "+b@1", "+a@1", "+b@1"}) assertThat(told()).isEqualTo(expected);
    assertThat(told).isEmpty();
  }

  @Test
  void aRefusalIsToldAndTriedAgain() throws InterruptedException {
    say(200, list("10", "a"));
    forbidden = new Line(403, "{'kind':'Status','message':'pods is forbidden: User x cannot list'}");
    begin();
    asked();
    asked();
    assertThat(watch.settled()).isTrue();
    assertThat(watch.refused()).isTrue();
    assertThat(watch.problem()).isEqualTo("may not watch pods: pods is forbidden: User x cannot list");
    forbidden = null;
    assertThat(told()).isEqualTo("+a@1");
    String last = asked();
    while (last.equals("resourceVersion=0")) last = asked();
    assertThat(last).isEqualTo("watch from 10");
    assertThat(watch.problem()).isEmpty();
  }

  @Test
  void aServerThatIsInTroubleIsAskedAgain() throws InterruptedException {
    say(500, "oops");
    say(200, "no JSON at all");
    say(200, list("10", "a"));
    say(429, "{'message':'slow down'}");
    begin();
    for (int i = 0; i < 3; i++) assertThat(asked()).isEqualTo("resourceVersion=0");
    assertThat(asked()).isEqualTo("watch from 10");
    assertThat(asked()).isEqualTo("watch from 10");
    assertThat(watch.lists()).isEqualTo(3);
  }
}
