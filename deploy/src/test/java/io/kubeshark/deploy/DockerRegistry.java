package io.kubeshark.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Debian's docker-registry on a port of 127.0.0.1, with its store in a folder. */
final class DockerRegistry implements AutoCloseable {
  static final Path PROGRAM = Path.of("/usr/bin/docker-registry");
  static final String USER = "me";
  static final String PASSWORD = "right";
  /** Of {@link #PASSWORD}, by bcrypt with its least cost. */
  private static final String HASH = "$2b$04$Dz4i5Nd9G5MLqMEPCyVkVO507XWXOd/k3.12GAXifa6ozUtDJniOi";
  private static final int READY_SECONDS = 20;

  private final Process process;
  private final int port;

  /** @param locked with TLS, by a certificate that nobody knows, and for {@link #USER} alone */
  DockerRegistry(Path folder, boolean locked) throws IOException, InterruptedException {
    try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      port = any.getLocalPort();
    }
    String lock = "";
    if (locked) {
      Commands.output(folder, List.of("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "tls.key", "-out", "tls.crt",
          "-days", "2", "-subj", "/CN=registry", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"));
      Files.writeString(folder.resolve("users"), USER + ":" + HASH + "\n");
      lock = ", tls: {certificate: " + folder.resolve("tls.crt") + ", key: " + folder.resolve("tls.key") + "}}\nauth: {htpasswd: {realm: test, path: " + folder.resolve("users") + "}";
    }
    Path configuration = Files.writeString(folder.resolve("registry.yml"),
        "version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: " + folder.resolve("store") + "}}\nhttp: {addr: '127.0.0.1:" + port + "'" + lock + "}\n");
    Path log = folder.resolve("registry.log");
    process = new ProcessBuilder(PROGRAM.toString(), "serve", configuration.toString()).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    for (int i = 0; !answers(); i++) {
      if (i > READY_SECONDS * 20 || !process.isAlive()) throw new IOException("docker-registry does not answer: " + Files.readString(log));
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  private boolean answers() {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  /** HOST:PORT */
  String host() {
    return "localhost:" + port;
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new IOException(e));
    }
  }
}
