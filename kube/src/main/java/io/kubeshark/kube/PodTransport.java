package io.kubeshark.kube;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * From inside a pod, by its service account. The JDK alone: fabric8's configuration and client would load 900 classes more, into each
 * worker.
 */
final class PodTransport implements ApiTransport {
  static final Path ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");
  /** Tokens are bound to the pod and replaced on disk before they end, after 80 % of an hour at the earliest. */
  private static final long TOKEN_AGE_MAX_NS = 60_000_000_000L;

  private final String server;
  private final Path account;
  private final HttpClient client;
  private String token = "";
  private long tokenReadNs;

  private PodTransport(String server, Path account, HttpClient client) {
    this.server = server;
    this.account = account;
    this.client = client;
  }

  /** @throws IllegalArgumentException the account's files cannot be read */
  static PodTransport open(String host, String port, Path account) {
    try {
      // HTTP/1.1: a dead connection takes one watch with it, not every request until the kernel gives up.
      HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofMillis(KubeApi.TIMEOUT_MS))
          .executor(Executors.newVirtualThreadPerTaskExecutor()).sslContext(trusting(account.resolve("ca.crt"))).build();
      return new PodTransport("https://" + (host.contains(":") ? "[" + host + "]" : host) + ':' + port, account, client);
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalArgumentException(account + ": the service account's ca.crt cannot be used: " + ApiTransport.reason(e)
          + "; does the pod set automountServiceAccountToken: false?", e);
    }
  }

  private static SSLContext trusting(Path authority) throws IOException, GeneralSecurityException {
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    int count = 0;
    ByteArrayInputStream pem = new ByteArrayInputStream(Files.readAllBytes(authority));
    for (Certificate certificate : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
      trusted.setCertificateEntry("ca" + count++, certificate);
    }
    if (count == 0) throw new KeyStoreException("it holds no certificate");
    TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, factory.getTrustManagers(), null);
    return context;
  }

  @Override
  public String server() {
    return server;
  }

  private synchronized String token() throws IOException {
    long now = System.nanoTime();
    if (token.isEmpty() || now - tokenReadNs > TOKEN_AGE_MAX_NS) {
      token = Files.readString(account.resolve("token")).strip();
      tokenReadNs = now;
    }
    return token;
  }

  @Override
  public Answer send(String method, String path, String type, byte[] body, boolean streaming) throws IOException {
    HttpRequest.BodyPublisher publisher = body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofByteArray(body);
    // The timeout ends with the answer's headers.
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server + path)).timeout(Duration.ofMillis(KubeApi.TIMEOUT_MS))
        .header("Authorization", "Bearer " + token()).header("Accept", "application/json").header("User-Agent", "kubeshark")
        .method(method, publisher);
    if (type != null) request.header("Content-Type", type);
    try {
      HttpResponse<InputStream> response = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
      return new Answer(response.statusCode(), response.body());
    } catch (IOException e) {
      throw new IOException(ApiTransport.reason(e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
