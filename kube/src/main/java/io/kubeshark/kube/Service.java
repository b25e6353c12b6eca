package io.kubeshark.kube;

import java.util.List;

/**
 * What is kept of a service.
 *
 * @param clusterIps that nodes translate: cluster IPs, external IPs, load balancer's IPs; empty for a headless one
 * @param nodePorts on which every node serves it
 */
public record Service(String namespace, String name, List<String> clusterIps, List<Integer> nodePorts) {
  public Service {
    clusterIps = List.copyOf(clusterIps);
    nodePorts = List.copyOf(nodePorts);
  }

  public boolean headless() {
    return clusterIps.isEmpty();
  }

  String key() {
    return namespace + '/' + name;
  }
}
