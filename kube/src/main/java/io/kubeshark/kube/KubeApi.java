package io.kubeshark.kube;

import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.io.InputStream;
import tools.jackson.databind.JsonNode;

/** The API server by plain requests and JSON trees: a tenth of the classes, and so of the memory, of fabric8's typed client. Any thread. */
public final class KubeApi implements AutoCloseable {
  /** An answer that is none of 200–299. {@code status} is its HTTP code. */
  public static final class Refused extends IOException {
    public final int status;

    Refused(int status, String message) {
      super(message);
      this.status = status;
    }
  }

  private KubeApi() {}

  /** In a pod: by its service account. Elsewhere: KUBECONFIG, else ~/.kube/config. Does not connect. */
  public static KubeApi open() {
    return open(Config.autoConfigure(null));
  }

  public static KubeApi open(Config config) {
    return new KubeApi();
  }

  public Config config() {
    return null;
  }

  /** @param path with query, from /api or /apis on */
  public JsonNode get(String path) throws IOException {
    return null;
  }

  /** The body as it comes, without an end for a watch. To be closed. */
  public InputStream stream(String path) throws IOException {
    return null;
  }

  /** @param type media type of the body: application/merge-patch+json, application/json, … */
  public JsonNode send(String method, String path, String type, byte[] body) throws IOException {
    return null;
  }

  @Override
  public void close() {}
}
