package io.kubeshark.hub;

import io.kubeshark.core.ProtocolInfo;
import io.kubeshark.core.Schema;
import io.kubeshark.kube.EventProtocol;
import io.kubeshark.kube.KubernetesEvent;
import io.kubeshark.kube.Pod;
import io.kubeshark.kube.Targeting;
import io.kubeshark.render.EntryBuilder;
import io.kubeshark.wire.BearerToken;
import io.kubeshark.wire.ReleaseTls;
import io.kubeshark.wire.TestCertificates;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A release in a cluster without the cluster: real certificates, a hub's cluster with state, workers on addresses 127.0.0.N of one port. */
final class TestRelease implements Cluster, AutoCloseable {
  static final String TOKEN = "0123456789abcdef0123456789abcdef";

  final ReleaseTls hubTls;
  final ReleaseTls workerTls;
  final List<TestWorker> workers = new ArrayList<>();
  final List<Pod> workerPods = new ArrayList<>();
  volatile List<Pod> pods = List.of();
  volatile Targeting targeting = Targeting.ALL;
  volatile IOException refusal;

  private final Path directory;
  private final int port;
  private Listener listener;

  TestRelease(Path directory) throws IOException {
    this.directory = Files.createDirectories(directory);
    TestCertificates certificates = new TestCertificates(directory.resolve("certificates"));
    hubTls = ReleaseTls.load(certificates.issue(ReleaseTls.HUB, TestCertificates.EC_SEC1)); // quicker to make than RSA
    workerTls = ReleaseTls.load(certificates.issue(ReleaseTls.WORKER, TestCertificates.EC_SEC1));
    try (ServerSocket any = new ServerSocket(0)) {
      port = any.getLocalPort();
    }
  }

  Hub hub() throws IOException {
    List<ProtocolInfo> protocols = new ArrayList<>(EntryBuilder.SCHEMA.protocols());
    protocols.removeIf(protocol -> protocol.id().equals(EventProtocol.INFO.id()));
    protocols.add(EventProtocol.INFO);
    return Hub.start(HubOptions.cluster(HubOptions.HOST, 0, "0.1.0", new HubOptions.Release(this, new BearerToken(TOKEN), hubTls, new Schema(protocols), port)));
  }

  /** A worker on a node of its own, which the hub is told of. */
  TestWorker worker(String node) throws IOException {
    String ip = "127.0.0." + (2 + workerPods.size());
    TestWorker worker = new TestWorker(directory, node, workerTls, ip, port);
    workers.add(worker);
    pod(node, ip);
    return worker;
  }

  /** A worker's pod of which there is nothing but the address. */
  void pod(String node, String ip) {
    workerPods.add(pod("kubeshark", "worker-" + node, node, ip));
    tell();
  }

  void remove(String node) {
    workerPods.removeIf(pod -> pod.node().equals(node));
    tell();
  }

  private void tell() {
    if (listener != null) listener.workers(List.copyOf(workerPods));
  }

  static Pod pod(String namespace, String name, String node, String ip) {
    return new Pod(namespace + "/" + name, namespace, name, node, List.of(ip), false, 1, 0, "Running", true, Map.of(), List.of(), List.of());
  }

  void event(String reason, String message, long timeNs) {
    listener.event(new KubernetesEvent(timeNs, "uid-" + message, "Pod", "shop", "cart-1", reason, "Warning", message, 1, "cart", "node-a"));
  }

  void targetsChanged() {
    listener.targetsChanged();
  }

  @Override
  public void start(Listener told) {
    listener = told;
    tell();
  }

  @Override
  public Targeting targeting() {
    return targeting;
  }

  @Override
  public void target(Targeting wanted) throws IOException {
    if (refusal != null) throw refusal;
    targeting = wanted;
    listener.targetsChanged();
  }

  @Override
  public List<Pod> pods() {
    return pods;
  }

  @Override
  public String yaml(String plural, String namespace, String name) {
    return name.equals("gone") ? null : "kind: " + plural + "\nname: " + namespace + "/" + name + "\n";
  }

  @Override
  public String problem() {
    return "";
  }

  @Override
  public void close() {
    workers.forEach(TestWorker::close);
    workers.clear();
  }
}
