package io.kubeshark.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys in each form that tools make, and who may speak to whom: with real handshakes. */
@Tag("integration")
class ReleaseTlsTest {
  private static final int PATIENCE_MS = 60_000;

  @TempDir private static Path directory;
  private static TestCertificates release;
  private static ReleaseTls hub;
  private static ReleaseTls worker;

  @BeforeAll
  static void makeRelease() throws IOException {
    release = new TestCertificates(directory.resolve("release"));
    hub = ReleaseTls.load(release.issue(ReleaseTls.HUB));
    worker = ReleaseTls.load(release.issue(ReleaseTls.WORKER));
  }

  /**
   * @return the byte that arrived
   * @throws SSLException with what both sides said (in TLS 1.3 a client's handshake is over before the server looks at its certificate)
   */
  private static int talk(SSLContext server, boolean needClient, SSLContext client) throws Exception {
    try (SSLServerSocket listening = (SSLServerSocket) server.getServerSocketFactory().createServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      listening.setNeedClientAuth(needClient);
      CompletableFuture<Integer> heard = CompletableFuture.supplyAsync(() -> hear(listening));
      IOException clientSaid = null;
      try (SSLSocket socket = (SSLSocket) client.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), listening.getLocalPort())) {
        socket.setSoTimeout(PATIENCE_MS);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS"); // as HTTP clients do
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        socket.getOutputStream().write(42);
        socket.getInputStream().read();
      } catch (IOException e) {
        clientSaid = e;
      }
      try {
        return heard.get(PATIENCE_MS, TimeUnit.MILLISECONDS);
      } catch (ExecutionException serverSaid) {
        throw new SSLException("client: " + clientSaid + ", server: " + serverSaid.getCause());
      }
    }
  }

  private static int hear(SSLServerSocket listening) {
    try (SSLSocket accepted = (SSLSocket) listening.accept()) {
      accepted.setSoTimeout(PATIENCE_MS);
      return accepted.getInputStream().read();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void hubAndWorkerKnowEachOtherByNameAndNotByAddress() throws Exception {
    assertThat(talk(worker.mutual(ReleaseTls.HUB), true, hub.mutual(ReleaseTls.WORKER))).isEqualTo(42);
  }

  @Test
  void aWorkerIsNotAHub() {
    assertThatThrownBy(() -> talk(worker.mutual(ReleaseTls.HUB), true, worker.mutual(ReleaseTls.WORKER))).isInstanceOf(SSLException.class)
        .hasMessageContaining("kubeshark-worker");
    assertThatThrownBy(() -> talk(hub.mutual(ReleaseTls.HUB), true, hub.mutual(ReleaseTls.WORKER))).isInstanceOf(SSLException.class)
        .as("the client refuses, too").hasMessageContaining("'kubeshark-hub', expected is 'kubeshark-worker'");
  }

  @Test
  void anotherReleasesHubIsRefused() throws Exception {
    TestCertificates other = new TestCertificates(directory.resolve("other"));
    ReleaseTls stranger = ReleaseTls.load(other.issue(ReleaseTls.HUB));
    Path knowsUs = Files.createDirectories(directory.resolve("stranger"));
    Path issued = other.issue(ReleaseTls.HUB, TestCertificates.EC_PKCS8);
    for (String file : List.of("tls.crt", "tls.key")) Files.copy(issued.resolve(file), knowsUs.resolve(file));
    Files.copy(directory.resolve("release/ca.crt"), knowsUs.resolve("ca.crt"));
    assertThatThrownBy(() -> talk(worker.mutual(ReleaseTls.HUB), true, stranger.mutual(ReleaseTls.WORKER))).isInstanceOf(SSLException.class);
    assertThatThrownBy(() -> talk(worker.mutual(ReleaseTls.HUB), true, ReleaseTls.load(knowsUs).mutual(ReleaseTls.WORKER)))
        .as("trusts us, is not trusted").isInstanceOf(SSLException.class);
  }

  @Test
  void withoutACertificateNobodyGetsIn() throws Exception {
    SSLContext anonymous = SSLContext.getInstance("TLS");
    anonymous.init(null, new TrustManager[] {TRUSTS_ALL}, null);
    assertThatThrownBy(() -> talk(worker.mutual(ReleaseTls.HUB), true, anonymous)).isInstanceOf(IOException.class);
    assertThat(talk(hub.server(), false, anonymous)).as("a server that asks for none").isEqualTo(42);
  }

  private static final TrustManager TRUSTS_ALL = new X509ExtendedTrustManager() {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  };

  @Test
  void keysInEveryFormAreRead() throws Exception {
    List<List<String>> forms = List.of(TestCertificates.RSA_PKCS8, TestCertificates.EC_SEC1, TestCertificates.EC_PKCS8, TestCertificates.ED25519);
    List<String> heads = new ArrayList<>();
    for (List<String> form : forms) {
      Path part = release.issue(ReleaseTls.HUB, form);
      heads.add(Files.readString(part.resolve("tls.key")));
      assertThat(talk(worker.mutual(ReleaseTls.HUB), true, ReleaseTls.load(part).mutual(ReleaseTls.WORKER))).as(form.toString()).isEqualTo(42);
    }
    assertThat(heads.get(1)).as("the form that it is about").contains("BEGIN EC PRIVATE KEY");
    assertThat(Files.readString(release.issue("rsa").resolve("tls.key"))).contains("BEGIN RSA PRIVATE KEY");
  }

  @Test
  void whatIsWrongIsSaid() throws Exception {
    Path part = release.issue("broken", TestCertificates.EC_PKCS8);
    Path key = part.resolve("tls.key");
    String good = Files.readString(key);
    assertThatThrownBy(() -> ReleaseTls.load(part.resolve("none"))).isInstanceOf(IOException.class).hasMessageContaining("ca.crt is missing").hasMessageContaining("secret");
    Files.writeString(key, "nothing");
    assertThatThrownBy(() -> ReleaseTls.load(part)).isInstanceOf(IOException.class).hasMessageContaining("tls.key").hasMessageContaining("BEGIN PRIVATE KEY");
    Files.writeString(key, good.substring(0, 60) + "\n-----END PRIVATE KEY-----\n");
    assertThatThrownBy(() -> ReleaseTls.load(part)).isInstanceOf(IOException.class).hasMessageContaining("tls.key");
    Files.copy(release.issue("mate").resolve("tls.key"), key, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(() -> ReleaseTls.load(part)).isInstanceOf(IOException.class).hasMessageContaining("not the key of tls.crt");
    Files.writeString(key, good);
    ReleaseTls.load(part);
    Files.writeString(part.resolve("tls.crt"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    assertThatThrownBy(() -> ReleaseTls.load(part)).isInstanceOf(IOException.class).hasMessageContaining("tls.crt");
  }
}
