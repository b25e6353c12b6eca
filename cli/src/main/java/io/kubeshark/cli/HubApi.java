package io.kubeshark.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import tools.jackson.databind.JsonNode;

/** The hub's REST API (docs/api.md), by the way that a browser takes: through a proxy on a port of its own. */
final class HubApi implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final LocalProxy proxy;
  private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(5)).build();

  HubApi(Cluster cluster, Release release) {
    proxy = new LocalProxy("127.0.0.1", 0, new FrontRoute(FrontAccess.of(cluster, release), _ -> {}));
  }

  /** @throws IOException with the hub's words, or why it cannot be reached */
  JsonNode get(String path) throws IOException {
    HttpResponse<String> response = send(HttpRequest.newBuilder(URI.create(proxy.url() + path)).timeout(TIMEOUT).build(), HttpResponse.BodyHandlers.ofString());
    JsonNode json = Json.parse(response.body());
    if (response.statusCode() / 100 != 2) throw refused(response.statusCode(), json);
    return json;
  }

  /** A body as it comes. To be closed. */
  InputStream stream(String path) throws IOException {
    HttpResponse<InputStream> response = send(HttpRequest.newBuilder(URI.create(proxy.url() + path)).build(), HttpResponse.BodyHandlers.ofInputStream());
    if (response.statusCode() / 100 == 2) return response.body();
    try (InputStream body = response.body()) {
      throw refused(response.statusCode(), Json.parse(new String(body.readNBytes(64 << 10), java.nio.charset.StandardCharsets.UTF_8)));
    }
  }

  private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler) throws IOException {
    try {
      return client.send(request, handler);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static IOException refused(int status, JsonNode json) {
    String message = json.path("error").path("message").asString("");
    return new IOException(message.isEmpty() ? "the hub answers " + status : message);
  }

  @Override
  public void close() {
    client.close();
    proxy.close();
  }
}
