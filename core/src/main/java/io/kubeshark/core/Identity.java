package io.kubeshark.core;

import java.util.Map;

/**
 * Who an address belonged to at a moment. Text that is not known is "".
 *
 * @param name what people call it: service, else pod, else node, else the DNS name that was captured for an external address
 * @param namespace of the pod, else of the service
 * @param service that the address stands for (a cluster IP) or that the pod's port is an endpoint of
 * @param node that the pod runs on, or that the address is
 * @param labels of the pod
 */
public record Identity(String name, String namespace, String pod, String service, String serviceNamespace, String node, Map<String, String> labels) {
  public Identity {
    labels = Map.copyOf(labels);
  }

  /** An external host with this name. */
  public static Identity external(String dnsName) {
    return new Identity(dnsName, "", "", "", "", "", Map.of());
  }
}
