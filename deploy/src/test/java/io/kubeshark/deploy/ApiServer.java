package io.kubeshark.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * A Kubernetes API server with its etcd on ports of 127.0.0.1, and nothing else of a cluster: it keeps objects as a real one does, and no pod ever
 * starts. The programs are those that e2e/cluster/build makes.
 */
final class ApiServer implements AutoCloseable {
  private static final int READY_SECONDS = 60;
  private static final String TOKEN = "administrator";
  private static final Path BIN = home().resolve("bin");

  private final Path directory;
  private final List<Process> processes = new ArrayList<>();

  private ApiServer(Path directory) {
    this.directory = directory;
  }

  private static Path home() {
    String own = System.getenv("KUBESHARK_CLUSTER_HOME");
    if (own != null) return Path.of(own);
    String cache = System.getenv("XDG_CACHE_HOME");
    return (cache != null ? Path.of(cache) : Path.of(System.getProperty("user.home"), ".cache")).resolve("kubeshark-cluster");
  }

  /** What is not here, and how it comes here; or "". */
  static String missing() {
    for (Path program : List.of(BIN.resolve("kube-apiserver"), BIN.resolve("kubectl"), etcd())) {
      if (!Files.isExecutable(program)) return program + " is missing: e2e/cluster/build makes or installs it";
    }
    return "";
  }

  private static Path etcd() {
    for (String folder : System.getenv("PATH").split(":")) if (Files.isExecutable(Path.of(folder, "etcd"))) return Path.of(folder, "etcd");
    return Path.of("/usr/bin/etcd");
  }

  static ApiServer start() throws IOException, InterruptedException, NoSuchAlgorithmException {
    ApiServer server = new ApiServer(Files.createTempDirectory("kubeshark-apiserver"));
    Runtime.getRuntime().addShutdownHook(new Thread(server::end)); // also of a run that is interrupted
    try {
      String client = "http://127.0.0.1:" + freePort();
      String peer = "http://127.0.0.1:" + freePort();
      int port = freePort();
      server.run("etcd", etcd().toString(), "--data-dir", server.directory.resolve("data").toString(), "--unsafe-no-fsync", "--listen-client-urls", client,
          "--advertise-client-urls", client, "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "default=" + peer);
      String key = server.serviceAccountKey().toString();
      Path tokens = Files.writeString(server.directory.resolve("tokens.csv"), TOKEN + ",admin,admin,system:masters\n");
      server.run("apiserver", BIN.resolve("kube-apiserver").toString(), "--etcd-servers=" + client, "--bind-address=127.0.0.1", "--secure-port=" + port,
          "--advertise-address=192.0.2.1", "--endpoint-reconciler-type=none", "--cert-dir=" + server.directory.resolve("certificates"), "--token-auth-file=" + tokens,
          "--authorization-mode=RBAC", "--service-account-key-file=" + key, "--service-account-signing-key-file=" + key,
          "--service-account-issuer=https://kubernetes.default.svc", "--service-cluster-ip-range=10.96.0.0/16", "--allow-privileged=true");
      Files.writeString(server.kubeconfig(), """
          apiVersion: v1
          kind: Config
          clusters: [{name: test, cluster: {server: "https://127.0.0.1:%d", insecure-skip-tls-verify: true}}]
          users: [{name: admin, user: {token: %s}}]
          contexts: [{name: test, context: {cluster: test, user: admin}}]
          current-context: test
          """.formatted(port, TOKEN));
      server.awaitReady();
      return server;
    } catch (IOException | InterruptedException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return any.getLocalPort();
    }
  }

  private Path serviceAccountKey() throws IOException, NoSuchAlgorithmException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    String pem = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(generator.generateKeyPair().getPrivate().getEncoded());
    return Files.writeString(directory.resolve("service-accounts.key"), "-----BEGIN PRIVATE KEY-----\n" + pem + "\n-----END PRIVATE KEY-----\n");
  }

  private void run(String name, String... command) throws IOException {
    processes.add(new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log(name).toFile()).start());
  }

  private Path log(String name) {
    return directory.resolve(name + ".log");
  }

  private void awaitReady() throws IOException, InterruptedException {
    for (int i = 0; i < READY_SECONDS * 5; i++) {
      for (Process process : processes) if (!process.isAlive()) throw new IOException("ended: " + process.info().commandLine().orElse("") + words());
      if (call(List.of("get", "--raw", "/readyz"), null).equals("ok")) return;
      TimeUnit.MILLISECONDS.sleep(200);
    }
    throw new IOException("the API server is not ready within " + READY_SECONDS + " s" + words());
  }

  private String words() throws IOException {
    StringBuilder last = new StringBuilder();
    for (String name : List.of("etcd", "apiserver")) {
      if (!Files.exists(log(name))) continue;
      List<String> lines = Files.readAllLines(log(name));
      last.append('\n').append(name).append(":\n").append(String.join("\n", lines.subList(Math.max(0, lines.size() - 10), lines.size())));
    }
    return last.toString();
  }

  Path kubeconfig() {
    return directory.resolve("kubeconfig");
  }

  /** @return what kubectl says, also where it fails */
  private String call(List<String> arguments, String input) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(BIN.resolve("kubectl").toString(), "--kubeconfig", kubeconfig().toString()));
    command.addAll(arguments);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (var out = process.getOutputStream()) {
      if (input != null) out.write(input.getBytes(StandardCharsets.UTF_8));
    }
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    return process.waitFor() == 0 ? said : "kubectl failed: " + said;
  }

  /** @throws IllegalStateException in kubectl's words */
  String kubectl(String input, String... arguments) throws IOException, InterruptedException {
    String said = call(List.of(arguments), input);
    if (said.startsWith("kubectl failed: ")) throw new IllegalStateException(said);
    return said;
  }

  JsonNode get(String namespace, String kind, String name) throws IOException, InterruptedException {
    return Chart.YAML.readTree(kubectl(null, "get", kind, name, "-n", namespace, "-o", "json")); // JSON is YAML
  }

  private void end() {
    for (Process process : processes.reversed()) process.destroyForcibly();
  }

  @Override
  public void close() {
    end();
    try {
      for (Process process : processes) process.waitFor();
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
