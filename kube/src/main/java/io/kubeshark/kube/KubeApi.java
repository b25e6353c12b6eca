package io.kubeshark.kube;

import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The API server by plain requests and JSON trees: typed objects would cost each worker tens of MiB for their classes alone. Who calls
 * repeats what failed: this does not. Any thread.
 */
public final class KubeApi implements AutoCloseable {
  /** Reads one value after the other off a stream. */
  static final JsonMapper JSON = JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
  static final int TIMEOUT_MS = 10_000;
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

  private final ApiTransport transport;

  private KubeApi(ApiTransport transport) {
    this.transport = transport;
  }

  /**
   * In a pod: by its service account. Elsewhere: KUBECONFIG, else ~/.kube/config. Does not connect.
   *
   * @throws IllegalArgumentException certificates or keys cannot be read
   */
  public static KubeApi open() {
    String host = System.getenv("KUBERNETES_SERVICE_HOST");
    Path account = Path.of(System.getProperty("kubeshark.serviceaccount", PodTransport.ACCOUNT.toString()));
    boolean inPod = host != null && System.getenv("KUBECONFIG") == null && Files.exists(account.resolve("token"));
    if (!inPod) return open(Config.autoConfigure(null));
    return new KubeApi(PodTransport.open(host, System.getenv().getOrDefault("KUBERNETES_SERVICE_PORT", "443"), account));
  }

  /**
   * Does not connect.
   *
   * @throws IllegalArgumentException certificates or keys cannot be read
   */
  public static KubeApi open(Config config) {
    return new KubeApi(ConfigTransport.open(config));
  }

  /** The server's URL. */
  public String server() {
    return transport.server();
  }

  /**
   * @param path with query, from /api or /apis on
   * @throws Refused the API server said no
   * @throws IOException it could not be reached, or the answer is no JSON
   */
  public JsonNode get(String path) throws IOException {
    return json(path, open("GET", path, null, null, false));
  }

  /**
   * @param type media type of the body: application/merge-patch+json, application/json, …; null with a null body
   * @throws Refused the API server said no
   * @throws IOException it could not be reached, or the answer is no JSON
   */
  public JsonNode send(String method, String path, String type, byte[] body) throws IOException {
    return json(path, open(method, path, type, body, false));
  }

  /** The body as it comes, without an end for a watch. To be closed; another thread may do so, which ends a read. */
  public InputStream stream(String path) throws IOException {
    return open("GET", path, null, null, true);
  }

  private static JsonNode json(String path, InputStream open) throws IOException {
    try (InputStream body = open) {
      byte[] bytes = body.readNBytes(ANSWER_BYTES_MAX);
      if (bytes.length == ANSWER_BYTES_MAX) throw new IOException(path + ": the answer is over " + (ANSWER_BYTES_MAX >> 20) + " MiB");
      return JSON.readTree(bytes);
    } catch (JacksonException e) {
      throw new IOException(path + ": the answer is no JSON: " + e.getOriginalMessage(), e);
    }
  }

  private InputStream open(String method, String path, String type, byte[] body, boolean streaming) throws IOException {
    ApiTransport.Answer answer = transport.send(method, path, type, body, streaming);
    if (answer.status() >= 200 && answer.status() < 300) return answer.body();
    try (InputStream said = answer.body()) {
      throw new Refused(answer.status(), refusal(answer.status(), said.readNBytes(REFUSAL_BYTES_MAX)));
    }
  }

  /** What the Status object says. */
  private static String refusal(int code, byte[] body) {
    try {
      String message = JSON.readTree(body).path("message").asString("");
      if (!message.isEmpty()) return message;
    } catch (JacksonException e) {
      // A proxy's page: the code says enough.
    }
    return "HTTP " + code;
  }

  @Override
  public void close() {
    transport.close();
  }
}
