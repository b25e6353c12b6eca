package io.kubeshark.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import io.kubeshark.capture.CaptureStatistics;
import io.kubeshark.capture.PacketSource;
import io.kubeshark.core.LedgerCode;
import io.kubeshark.core.PacketHandler;
import io.kubeshark.dissect.ConnectionPolicy;
import io.kubeshark.dissect.DissectOptions;
import io.kubeshark.dissect.Protocols;
import io.kubeshark.kube.ClusterTable;
import io.kubeshark.reassembly.ReassemblyLimits;
import io.kubeshark.store.Retention;
import io.kubeshark.wire.ReleaseTls;
import io.kubeshark.wire.proto.Envelope;
import io.kubeshark.wire.proto.GetStats;
import io.kubeshark.wire.proto.Stats;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker in a cluster from outside: who gets in, what it says of itself, its metrics. */
@Tag("integration")
class WorkerDoorTest {
  private static final long PATIENCE_S = 60;
  private static final String LOOPBACK = "127.0.0.1";
  private static final Pattern SAMPLE = Pattern.compile("([a-z_]+)(\\{[a-z]+=\"[^\"]*\"(,[a-z]+=\"[^\"]*\")*})? (-?[0-9]+(\\.[0-9]+)?)");

  @TempDir private Path directory;
  private Worker worker;
  private WorkerServer server;
  private MetricsServer metrics;
  private String problem = "";

  private static final class Silent implements PacketSource {
    private final CountDownLatch closed = new CountDownLatch(1);
    private boolean told;

    @Override
    public int poll(PacketHandler handler, int timeoutMs) {
      if (!told) handler.onLost(LedgerCode.KERNEL_DROP, 7, 0);
      told = true;
      try {
        return closed.await(timeoutMs, TimeUnit.MILLISECONDS) ? END : 0;
      } catch (InterruptedException e) {
        return END;
      }
    }

    @Override
    public CaptureStatistics statistics() {
      return new CaptureStatistics(0, 0, 0, 0, List.of());
    }

    @Override
    public List<String> notes() {
      return List.of();
    }

    @Override
    public void close() {
      closed.countDown();
    }
  }

  @BeforeEach
  void start() throws Exception {
    makeRelease();
    ClusterTable table = new ClusterTable("n");
    WorkerCluster cluster = new WorkerCluster("n", table, table, table::targets, InetAddress.ofLiteral("192.0.2.1"), () -> 3, () -> problem, 1);
    WorkerOptions options = new WorkerOptions(new WorkerIdentity("n", "n", "192.0.2.1", "1", "af_packet", "test"), true, Files.createDirectories(directory.resolve("data")), null,
        Retention.ENTRIES, Retention.PACKETS, DissectOptions.DEFAULT, ReassemblyLimits.DEFAULT);
    worker = new Worker(options, Protocols.installed(), List.of(new Silent()), ConnectionPolicy.ALL, (protocol, connection, failure, reproducer) -> {
      throw new AssertionError(failure);
    }, () -> 1, cluster);
    server = new WorkerServer(worker, ReleaseTls.load(directory.resolve("worker")), LOOPBACK, 0);
    metrics = new MetricsServer(new WorkerMetrics(worker, server::openStreams, () -> 0, () -> 1), LOOPBACK, 0);
    worker.start();
  }

  @AfterEach
  void stop() {
    metrics.close();
    server.close();
    worker.close();
  }

  private void makeRelease() throws Exception {
    openssl("req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 2 -subj /CN=ca");
    for (String part : List.of("worker", "hub")) {
      Path own = Files.createDirectories(directory.resolve(part));
      openssl("req -newkey rsa:2048 -nodes -keyout " + part + "/tls.key -out request -subj /CN=kubeshark-" + part);
      openssl("x509 -req -in request -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -out " + part + "/tls.crt");
      Files.copy(directory.resolve("ca.crt"), own.resolve("ca.crt"));
    }
  }

  private void openssl(String arguments) throws Exception {
    Process process = new ProcessBuilder(("openssl " + arguments).split(" ")).directory(directory.toFile()).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("openssl %s: %s", arguments, said).isZero();
  }

  private static final class Frames implements WebSocket.Listener {
    final BlockingQueue<Envelope> queue = new LinkedBlockingQueue<>();
    private final java.io.ByteArrayOutputStream parts = new java.io.ByteArrayOutputStream();

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
      byte[] bytes = new byte[data.remaining()];
      data.get(bytes);
      parts.writeBytes(bytes);
      socket.request(1);
      if (!last) return null;
      try {
        queue.add(Envelope.parseFrom(parts.toByteArray()));
      } catch (InvalidProtocolBufferException e) {
        queue.add(Envelope.getDefaultInstance());
      }
      parts.reset();
      return null;
    }
  }

  private WebSocket connect(SSLContext context, Frames frames) throws Exception {
    return HttpClient.newBuilder().sslContext(context).build().newWebSocketBuilder()
        .buildAsync(URI.create("wss://" + LOOPBACK + ":" + server.port() + "/stream"), frames).get(PATIENCE_S, TimeUnit.SECONDS);
  }

  @Test
  void theHubOfTheReleaseIsServedAndTold() throws Exception {
    problem = "the API server is away";
    Frames frames = new Frames();
    WebSocket socket = connect(ReleaseTls.load(directory.resolve("hub")).mutual(ReleaseTls.WORKER), frames);
    Envelope hello = frames.queue.poll(PATIENCE_S, TimeUnit.SECONDS);
    assertThat(hello.getHello().getNode()).isEqualTo("n");
    assertThat(hello.getHello().getNodeIp()).isEqualTo("192.0.2.1");
    assertThat(hello.getHello().getProtocolsList()).as("events have their protocol, so that filters for them compile").anyMatch(each -> each.getId().equals("k8s"));
    socket.sendBinary(ByteBuffer.wrap(Envelope.newBuilder().setGetStats(GetStats.newBuilder().setId(5)).build().toByteArray()), true);
    Stats stats = frames.queue.poll(PATIENCE_S, TimeUnit.SECONDS).getStats();
    assertThat(stats.getTargetedPods()).isEqualTo(3);
    assertThat(stats.getKubeProblem()).isEqualTo(problem);
    assertThat(stats.getHubStreams()).isEqualTo(1);
    assertThat(stats.getBlindList()).anyMatch(blind -> blind.getCode().equals("kubernetes-away") && blind.getText().contains(problem) && !blind.getRemedy().isEmpty());
    assertThat(sample("kubeshark_hub_streams")).isEqualTo(1);
    socket.abort();
    while (sample("kubeshark_hub_streams") != 0) Thread.onSpinWait();
  }

  @Test
  void othersAreNot() throws Exception {
    assertThatThrownBy(() -> connect(ReleaseTls.load(directory.resolve("worker")).mutual(ReleaseTls.WORKER), new Frames())).isInstanceOf(ExecutionException.class);
    KeyStore authorities = KeyStore.getInstance("PKCS12");
    authorities.load(null, null);
    try (InputStream in = Files.newInputStream(directory.resolve("ca.crt"))) {
      authorities.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(authorities);
    SSLContext nobody = SSLContext.getInstance("TLS");
    nobody.init(null, trust.getTrustManagers(), null);
    try (Socket socket = nobody.getSocketFactory().createSocket(LOOPBACK, server.port())) {
      assertThatThrownBy(() -> {
        socket.getOutputStream().write("GET /stream HTTP/1.1\r\nHost: worker\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        if (socket.getInputStream().read() < 0) throw new IOException("closed");
      }).as("without a certificate not even a refusal in HTTP").isInstanceOf(IOException.class);
    }
    assertThat(server.openStreams()).isZero();
  }

  private HttpResponse<String> get(String path) throws Exception {
    return HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create("http://" + LOOPBACK + ":" + metrics.port() + path)).build(), HttpResponse.BodyHandlers.ofString());
  }

  private double sample(String name) throws Exception {
    return get("/metrics").body().lines().filter(line -> line.startsWith(name + " ")).map(line -> line.substring(name.length() + 1)).mapToDouble(Double::parseDouble)
        .findFirst().orElseThrow();
  }

  @Test
  void metricsAreWellFormedAndSaidOnce() throws Exception {
    HttpResponse<String> answer = get("/metrics");
    assertThat(answer.headers().firstValue("Content-Type")).hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
    Set<String> types = new HashSet<>();
    Set<String> samples = new HashSet<>();
    for (String line : answer.body().split("\n")) {
      if (line.startsWith("# HELP ")) continue;
      if (line.startsWith("# TYPE ")) {
        assertThat(types.add(line.split(" ")[2])).as(line).isTrue();
        continue;
      }
      Matcher sample = SAMPLE.matcher(line);
      assertThat(sample.matches()).as(line).isTrue();
      assertThat(types).as(line).contains(sample.group(1));
      assertThat(samples.add(sample.group(1) + sample.group(2))).as("twice: %s", line).isTrue();
    }
    assertThat(types).contains("kubeshark_received_packets_total", "kubeshark_processed_bytes_total", "kubeshark_dropped_packets_total", "kubeshark_hub_streams",
        "kubeshark_ledger_bytes", "process_resident_memory_bytes", "kubeshark_kubernetes_age_seconds");
    while (sample("kubeshark_dropped_packets_total") != 7) Thread.onSpinWait();
  }

  @Test
  void healthIsThatOfCapture() throws Exception {
    assertThat(get("/healthz").statusCode()).isEqualTo(200);
    assertThat(get("/").statusCode()).isEqualTo(404);
    assertThat(HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create("http://" + LOOPBACK + ":" + metrics.port() + "/metrics"))
        .POST(HttpRequest.BodyPublishers.noBody()).build(), HttpResponse.BodyHandlers.discarding()).statusCode()).isEqualTo(405);
    worker.close();
    assertThat(get("/healthz")).satisfies(answer -> assertThat(answer.statusCode()).isEqualTo(503), answer -> assertThat(answer.body()).contains("stopped"));
  }

  @Test
  void aPortThatIsTakenIsSaid() {
    assertThatThrownBy(() -> new MetricsServer(new WorkerMetrics(worker, () -> 0, () -> 0, () -> 1), LOOPBACK, metrics.port()))
        .isInstanceOf(IOException.class).hasMessageContaining(":" + metrics.port()).hasMessageContaining("another port");
  }
}
