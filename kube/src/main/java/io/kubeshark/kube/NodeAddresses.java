package io.kubeshark.kube;

import java.util.Collection;
import java.util.LinkedHashSet;

/** The addresses that a node itself has. */
final class NodeAddresses {
  private NodeAddresses() {}

  /**
   * Its own, and the first two of its pod ranges: bridges (cni0) and tunnels (flannel.1) have those, and probes come from there. Where pods
   * get them instead, the pod takes them over in the table.
   */
  static Collection<Address> of(Node node) {
    Collection<Address> found = new LinkedHashSet<>();
    for (String text : node.addresses()) {
      Address address = Address.parse(text);
      if (address != null) found.add(address);
    }
    for (String cidr : node.podCidrs()) {
      Address first = Address.parse(cidr.substring(0, Math.max(0, cidr.indexOf('/'))));
      if (first == null) continue;
      found.add(first);
      found.add(first.plus(1));
    }
    return found;
  }
}
