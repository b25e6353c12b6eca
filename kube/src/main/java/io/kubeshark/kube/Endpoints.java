package io.kubeshark.kube;

import java.util.List;

/**
 * Addresses behind a service: one EndpointSlice, or one Endpoints object on API servers that have no slices.
 *
 * @param name of the slice: a service may have several
 * @param endpoints at most {@value #ENDPOINTS_MAX}
 */
public record Endpoints(String namespace, String name, String service, List<Endpoint> endpoints) {
  public static final int ENDPOINTS_MAX = 10_000;

  /**
   * @param pod name of the pod in the same namespace, or "" where it is none
   * @param ready gets new connections
   */
  public record Endpoint(String ip, List<Integer> ports, String pod, boolean ready) {
    public Endpoint {
      ports = List.copyOf(ports);
    }
  }

  public Endpoints {
    endpoints = List.copyOf(endpoints);
  }

  String key() {
    return namespace + '/' + name;
  }
}
