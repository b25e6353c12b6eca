package io.kubeshark.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kubeshark.linux.NetworkNamespace;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;

/**
 * Two network namespaces joined by a cable.
 *
 * <pre>
 *   near: lo, va 10.99.0.1 ────veth──── vb 10.99.0.2, lo :far
 * </pre>
 */
final class TestNetwork implements AutoCloseable {
  static final String NEAR_ADDRESS = "10.99.0.1";
  static final String FAR_ADDRESS = "10.99.0.2";
  private static int count;

  private final String prefix = "ks-" + ProcessHandle.current().pid() + "-" + count++;
  final String near = prefix + "-near";
  final String far = prefix + "-far";

  TestNetwork() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "capture tests need root: they make network namespaces");
    ip("netns add " + near);
    ip("netns add " + far);
    for (String namespace : new String[] {near, far}) ip("-n " + namespace + " link set lo up");
    addCable();
  }

  void addCable() throws Exception {
    ip("-n " + near + " link add va address 02:00:00:00:00:01 type veth peer vb netns " + far);
    ip("-n " + far + " link set vb address 02:00:00:00:00:02");
    up(near, "va", NEAR_ADDRESS + "/24");
    up(far, "vb", FAR_ADDRESS + "/24");
    ip("-n " + near + " neigh replace " + FAR_ADDRESS + " lladdr 02:00:00:00:00:02 dev va");
    ip("-n " + far + " neigh replace " + NEAR_ADDRESS + " lladdr 02:00:00:00:00:01 dev vb");
  }

  void removeCable() throws Exception {
    ip("-n " + near + " link del va");
  }

  void up(String namespace, String link, String address) throws Exception {
    ip("-n " + namespace + " addr add " + address + " dev " + link);
    ip("-n " + namespace + " link set " + link + " up");
  }

  Path path(String namespace) {
    return Path.of("/var/run/netns/" + namespace);
  }

  /** Binds to this port, any port for 0. */
  DatagramSocket socket(String namespace, String address, int port) throws IOException {
    return NetworkNamespace.call(path(namespace), () -> new DatagramSocket(new InetSocketAddress(InetAddress.getByName(address), port)));
  }

  static void send(DatagramSocket from, String address, int port, byte[] payload) throws IOException {
    from.send(new DatagramPacket(payload, payload.length, InetAddress.getByName(address), port));
  }

  static void ip(String arguments) throws Exception {
    Process process = new ProcessBuilder(("ip " + arguments).split(" ")).redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as("ip %s: %s", arguments, out).isZero();
  }

  @Override
  public void close() throws Exception {
    ip("netns del " + near);
    ip("netns del " + far);
  }
}
