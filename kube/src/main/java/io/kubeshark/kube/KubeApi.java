package io.kubeshark.kube;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.utils.HttpClientUtils;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The API server by plain requests and JSON trees. fabric8 brings configuration, credentials and HTTP; its typed objects are left out, as
 * their classes alone cost a worker tens of MiB. Any thread.
 */
public final class KubeApi implements AutoCloseable {
  /** Reads one value after the other off a stream. */
  static final JsonMapper JSON = JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
  private static final int TIMEOUT_MS = 10_000;
  private static final int ANSWER_BYTES_MAX = 32 << 20;
  private static final int REFUSAL_BYTES_MAX = 64 << 10;

  /** An answer that is none of 200–299. {@code status} is its HTTP code. */
  public static final class Refused extends IOException {
    public final int status;

    Refused(int status, String message) {
      super(message);
      this.status = status;
    }
  }

  private final Config config;
  private final HttpClient http;

  private KubeApi(Config config, HttpClient http) {
    this.config = config;
    this.http = http;
  }

  /** In a pod: by its service account. Elsewhere: KUBECONFIG, else ~/.kube/config. Does not connect. */
  public static KubeApi open() {
    return open(Config.autoConfigure(null));
  }

  /**
   * Does not connect. Who calls repeats what failed: the client does not.
   *
   * @throws IllegalArgumentException certificates or keys of the configuration cannot be read
   */
  public static KubeApi open(Config config) {
    // HTTP/1.1: a dead connection takes one watch with it, not every request until the kernel gives up.
    Config own = new ConfigBuilder(config).withHttp2Disable(true).withRequestRetryBackoffLimit(0).withConnectionTimeout(TIMEOUT_MS)
        .withRequestTimeout(TIMEOUT_MS).build();
    try {
      return new KubeApi(own, HttpClientUtils.createHttpClient(own));
    } catch (KubernetesClientException e) {
      // A PKCS #8 file does not say in its first line what key it holds, and fabric8 takes it for RSA.
      Config elliptic = new ConfigBuilder(own).withClientKeyAlgo("EC").build();
      try {
        return new KubeApi(elliptic, HttpClientUtils.createHttpClient(elliptic));
      } catch (KubernetesClientException again) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        throw new IllegalArgumentException("kubeconfig for " + config.getMasterUrl() + ": certificate or key cannot be read: " + cause.getMessage(), e);
      }
    }
  }

  /** What it connects by; good for fabric8's own client, too. */
  public Config config() {
    return config;
  }

  /**
   * @param path with query, from /api or /apis on
   * @throws Refused the API server said no
   * @throws IOException it could not be reached, or the answer is no JSON
   */
  public JsonNode get(String path) throws IOException {
    return json(request(path).build());
  }

  /**
   * @param type media type of the body: application/merge-patch+json, application/json, …
   * @throws Refused the API server said no
   * @throws IOException it could not be reached, or the answer is no JSON
   */
  public JsonNode send(String method, String path, String type, byte[] body) throws IOException {
    return json(request(path).method(method, type, new String(body, StandardCharsets.UTF_8)).build());
  }

  /** The body as it comes, without an end for a watch. To be closed; another thread may do so, which ends a read. */
  public InputStream stream(String path) throws IOException {
    return open(request(path).forStreaming().build());
  }

  private HttpRequest.Builder request(String path) {
    String master = config.getMasterUrl();
    String base = master.endsWith("/") ? master.substring(0, master.length() - 1) : master;
    return http.newHttpRequestBuilder().uri(base + path).header("Accept", "application/json").header("User-Agent", "kubeshark");
  }

  private JsonNode json(HttpRequest request) throws IOException {
    try (InputStream body = open(request)) {
      byte[] bytes = body.readNBytes(ANSWER_BYTES_MAX);
      if (bytes.length == ANSWER_BYTES_MAX) throw new IOException(request.uri() + ": the answer is over " + (ANSWER_BYTES_MAX >> 20) + " MiB");
      return JSON.readTree(bytes);
    } catch (JacksonException e) {
      throw new IOException(request.uri() + ": the answer is no JSON: " + e.getOriginalMessage(), e);
    }
  }

  private InputStream open(HttpRequest request) throws IOException {
    CompletableFuture<HttpResponse<InputStream>> answer = http.sendAsync(request, InputStream.class);
    try {
      HttpResponse<InputStream> response = answer.get(2L * TIMEOUT_MS, TimeUnit.MILLISECONDS);
      if (response.isSuccessful()) return response.body();
      try (InputStream body = response.body()) {
        throw new Refused(response.code(), refusal(response.code(), body.readNBytes(REFUSAL_BYTES_MAX)));
      }
    } catch (ExecutionException e) {
      throw new IOException(cause(e), e);
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw new IOException("no answer within " + 2 * TIMEOUT_MS / 1000 + " s", e);
    } catch (InterruptedException e) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** What the Status object says. */
  private static String refusal(int code, byte[] body) {
    try {
      JsonNode status = JSON.readTree(body);
      String message = status.path("message").asString("");
      if (!message.isEmpty()) return message;
    } catch (JacksonException e) {
      // A proxy's page: the code says enough.
    }
    return "HTTP " + code;
  }

  /** The innermost message; exceptions of the JDK's client often have none outside. */
  private static String cause(Throwable e) {
    String text = "";
    for (Throwable t = e.getCause(); t != null; t = t.getCause()) {
      if (t.getMessage() != null && !t.getMessage().isEmpty()) text = t.getMessage();
      else if (text.isEmpty()) text = t.getClass().getSimpleName();
      if (t.getCause() == t) break;
    }
    return text;
  }

  @Override
  public void close() {
    http.close();
  }
}
