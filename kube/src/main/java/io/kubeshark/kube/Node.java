package io.kubeshark.kube;

import java.util.List;

/** What is kept of a node: its addresses, and the ranges (CIDR text) out of which its pods get theirs. */
public record Node(String name, List<String> addresses, List<String> podCidrs, String kubeletVersion) {
  public Node {
    addresses = List.copyOf(addresses);
    podCidrs = List.copyOf(podCidrs);
  }
}
