package io.kubeshark.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.util.Set;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** Who may call the hub of a release. */
class ReleaseDoorTest extends ReleaseTest {
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

  /** No browser's tab may take the hub's door for its own: a WebSocket from another origin is refused even with the cookie. */
  @Test
  void aForeignPageGetsNoStream() {
    WebSocket.Builder foreign = http.newWebSocketBuilder().header("Origin", "https://evil.example").header(AUTHORIZED[0], AUTHORIZED[1]);
    assertThatThrownBy(() -> foreign.buildAsync(URI.create(hub.url().replace("http", "ws") + Hub.SOCKET_PATH), new WebSocket.Listener() {}).join())
        .isInstanceOf(CompletionException.class).hasStackTraceContaining("403");
  }
}
