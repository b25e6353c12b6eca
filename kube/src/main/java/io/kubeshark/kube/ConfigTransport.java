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

/** By a kubeconfig: fabric8 knows all its ways to log in. */
final class ConfigTransport implements ApiTransport {
  private final Config config;
  private final HttpClient http;

  private ConfigTransport(Config config, HttpClient http) {
    this.config = config;
    this.http = http;
  }

  static ConfigTransport open(Config config) {
    Config own = new ConfigBuilder(config).withHttp2Disable(true).withRequestRetryBackoffLimit(0).withConnectionTimeout(KubeApi.TIMEOUT_MS)
        .withRequestTimeout(KubeApi.TIMEOUT_MS).build();
    try {
      return new ConfigTransport(own, HttpClientUtils.createHttpClient(own));
    } catch (KubernetesClientException e) {
      // A PKCS #8 file does not say in its first line what key it holds, and fabric8 takes it for RSA.
      Config elliptic = new ConfigBuilder(own).withClientKeyAlgo("EC").build();
      try {
        return new ConfigTransport(elliptic, HttpClientUtils.createHttpClient(elliptic));
      } catch (KubernetesClientException again) {
        throw new IllegalArgumentException("kubeconfig for " + config.getMasterUrl()
            + ": certificate or key cannot be read: " + ApiTransport.reason(e), e);
      }
    }
  }

  @Override
  public String server() {
    String url = config.getMasterUrl();
    return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
  }

  @Override
  public Answer send(String method, String path, String type, byte[] body, boolean streaming) throws IOException {
    HttpRequest.Builder request = http.newHttpRequestBuilder().uri(server() + path)
        .header("Accept", "application/json").header("User-Agent", "kubeshark");
    if (streaming) request.forStreaming();
    if (!method.equals("GET")) request.method(method, type, body == null ? "" : new String(body, StandardCharsets.UTF_8));
    CompletableFuture<HttpResponse<InputStream>> answer = http.sendAsync(request.build(), InputStream.class);
    try {
      HttpResponse<InputStream> response = answer.get(2L * KubeApi.TIMEOUT_MS, TimeUnit.MILLISECONDS);
      return new Answer(response.code(), response.body());
    } catch (ExecutionException e) {
      throw new IOException(ApiTransport.reason(e.getCause()), e);
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw new IOException("no answer within " + 2 * KubeApi.TIMEOUT_MS / 1000 + " s", e);
    } catch (InterruptedException e) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  @Override
  public void close() {
    http.close();
  }
}
