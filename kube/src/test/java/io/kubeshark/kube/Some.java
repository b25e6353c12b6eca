package io.kubeshark.kube;

import java.util.List;
import java.util.Map;

/** Objects for tests. */
final class Some {
  private Some() {}

  static final long SECOND = 1_000_000_000L;
  /** A moment long after the epoch, so that going back from it stays positive. */
  static final long T0 = 1_795_000_000L * SECOND;

  static Pod pod(String namespace, String name, String uid, long startNs, String... ips) {
    return new Pod(uid, namespace, name, "node1", List.of(ips), false, startNs, 0, "Running", true, Map.of("app", name), List.of(), List.of());
  }

  static Pod hostPod(String namespace, String name, String node, String nodeIp, int port) {
    return new Pod("uid-" + name, namespace, name, node, List.of(nodeIp), true, T0, 0, "Running", true, Map.of(), List.of(new Pod.Port(port, port)),
        List.of());
  }

  static Pod phase(Pod pod, String phase, long endNs) {
    return new Pod(pod.uid(), pod.namespace(), pod.name(), pod.node(), pod.ips(), pod.hostNetwork(), pod.startNs(), endNs, phase, false, pod.labels(),
        pod.ports(), pod.containers());
  }

  static Pod labels(Pod pod, Map<String, String> labels) {
    return new Pod(pod.uid(), pod.namespace(), pod.name(), pod.node(), pod.ips(), pod.hostNetwork(), pod.startNs(), pod.endNs(), pod.phase(),
        pod.ready(),
        labels, pod.ports(), pod.containers());
  }

  static Pod containers(Pod pod, Pod.Container... containers) {
    return new Pod(pod.uid(), pod.namespace(), pod.name(), pod.node(), pod.ips(), pod.hostNetwork(), pod.startNs(), pod.endNs(), pod.phase(),
        pod.ready(),
        pod.labels(), pod.ports(), List.of(containers));
  }

  static Service service(String namespace, String name, String... clusterIps) {
    return new Service(namespace, name, List.of(clusterIps), List.of());
  }

  static Endpoints.Endpoint endpoint(String ip, String pod, boolean ready, Integer... ports) {
    return new Endpoints.Endpoint(ip, List.of(ports), pod, ready);
  }

  static Endpoints endpoints(String namespace, String service, Endpoints.Endpoint... endpoints) {
    return new Endpoints(namespace, service + "-abc", service, List.of(endpoints));
  }

  static int flags(TargetSet set, String ip) {
    Address address = Address.parse(ip);
    return set.of(address.high(), address.low());
  }

  static String name(ClusterTable table, String ip, int port, long timeNs) {
    Address address = Address.parse(ip);
    io.kubeshark.core.Identity identity = table.find(address.high(), address.low(), port, timeNs);
    return identity == null ? "?" : identity.name() + (identity.pod().isEmpty() || identity.pod().equals(identity.name()) ? "" : " ("
        + identity.pod() + ")");
  }
}
