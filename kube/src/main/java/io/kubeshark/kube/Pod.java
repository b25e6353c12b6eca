package io.kubeshark.kube;

import java.util.List;
import java.util.Map;

/**
 * What is kept of a pod.
 *
 * @param ips as text, first the primary one; for a host-network pod its node's; empty until it has one
 * @param node "" until it is scheduled
 * @param startNs epoch: when its node's kubelet took it up, else when it was created
 * @param endNs epoch: when its last container ended, if all have; else 0
 * @param phase Pending, Running, Succeeded, Failed or Unknown
 * @param ready its Ready condition
 * @param labels at most {@value #LABELS_MAX}
 * @param ports declared container ports, at most {@value #PORTS_MAX}
 * @param containers state of its containers, at most {@value #CONTAINERS_MAX}
 */
public record Pod(
    String uid, String namespace, String name, String node, List<String> ips, boolean hostNetwork, long startNs, long endNs, String phase,
    boolean ready, Map<String, String> labels, List<Port> ports, List<Container> containers) {
  public static final int LABELS_MAX = 32;
  public static final int PORTS_MAX = 64;
  public static final int CONTAINERS_MAX = 32;

  /** A declared port. {@code host} is the port on the node, 0: none. */
  public record Port(int container, int host) {}

  /**
   * A container's life.
   *
   * @param ended reason of the last termination (OOMKilled, Error, Completed), or ""
   * @param exitCode of the last termination
   * @param endedNs epoch, of the last termination, or 0
   */
  public record Container(String name, int restarts, String ended, int exitCode, long endedNs) {}

  public Pod {
    ips = List.copyOf(ips);
    labels = Map.copyOf(labels);
    ports = List.copyOf(ports);
    containers = List.copyOf(containers);
  }

  /** Its containers have ended for good: the address is free for others. */
  public boolean over() {
    return phase.equals("Succeeded") || phase.equals("Failed");
  }

  /** One of Kubeshark's own pods. */
  public boolean own() {
    return "kubeshark".equals(labels.get("app.kubernetes.io/name"));
  }

  /** {@code worker}, {@code hub} or {@code front} for Kubeshark's own pods of this release, else "". */
  public String component(String release) {
    boolean ours = own() && release.equals(labels.get("app.kubernetes.io/instance"));
    return ours ? labels.getOrDefault("app.kubernetes.io/component", "") : "";
  }

  public String ip() {
    return ips.isEmpty() ? "" : ips.getFirst();
  }

  String key() {
    return namespace + '/' + name;
  }
}
