package io.kubeshark.worker;

import io.kubeshark.kube.ClusterTable;
import io.kubeshark.kube.Endpoints;
import io.kubeshark.kube.Node;
import io.kubeshark.kube.Pod;
import io.kubeshark.kube.Service;
import io.kubeshark.kube.Targeting;
import io.kubeshark.linux.NetworkDevice;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A cluster with a bridge on each node, random from a seed. What targets are called begins with "t".
 *
 * <pre>
 *   node i: lo, eth0 10.250.0.1i (and IPv6), cni0 10.244.i.1 (bridge), one veth for each pod
 * </pre>
 */
final class TestCluster {
  static final int LOOPBACK = 1;
  static final int UPLINK = 2;
  static final int BRIDGE = 3;
  private static final int VETHS_FROM = 10;
  static final int SERVED_PORT = 50_051; // above many clients' ports: the lower port is not the server's

  /** A pod; {@code veth} 0: it is in its node's network. */
  record Member(String name, int node, int veth, String ip4, String ip6) {
    boolean targeted() {
      return name.startsWith("t");
    }

    boolean onHost() {
      return veth == 0;
    }

    String ip(boolean ipv6) {
      return ipv6 ? ip6 : ip4;
    }
  }

  record Served(String name, String ip4, String ip6, List<Member> endpoints) {
    String ip(boolean ipv6) {
      return ipv6 ? ip6 : ip4;
    }
  }

  final List<Member> pods = new ArrayList<>();
  final List<Served> services = new ArrayList<>();
  final int nodes;
  final List<ClusterTable> tables = new ArrayList<>();

  TestCluster(Random random) {
    nodes = 2 + random.nextInt(2);
    int count = 4 + random.nextInt(8);
    for (int i = 0; i < count; i++) {
      int node = random.nextInt(nodes);
      boolean host = random.nextInt(5) == 0;
      String name = (random.nextInt(3) > 0 ? "t" : "other") + "-" + i;
      pods.add(host ? new Member(name, node, 0, hostIp(node, false), hostIp(node, true))
          : new Member(name, node, VETHS_FROM + i, "10.244." + node + "." + (10 + random.nextInt(2) * 100 + i), "fd00:244:" + node + "::" + (10 + i)));
    }
    for (int i = 0; i < 3; i++) {
      List<Member> behind = new ArrayList<>();
      for (Member pod : pods) if (random.nextInt(3) == 0) behind.add(pod);
      services.add(new Served("service-" + i, "10.96.0." + (10 + i), "fd00:96::" + (10 + i), behind));
    }
    for (int node = 0; node < nodes; node++) tables.add(table(node));
  }

  static String hostIp(int node, boolean ipv6) {
    return ipv6 ? "fd00:250::1" + node : "10.250.0.1" + node;
  }

  static String gateway(int node, boolean ipv6) {
    return ipv6 ? "fd00:244:" + node + "::1" : "10.244." + node + ".1";
  }

  /** As this node's worker knows it from the API server. */
  private ClusterTable table(int self) {
    ClusterTable table = new ClusterTable("node-" + self);
    table.targeting(Targeting.of("^t", List.of(), List.of()));
    for (int node = 0; node < nodes; node++) table.put(new Node("node-" + node, List.of(hostIp(node, false), hostIp(node, true)), List.of(), ""), 1);
    for (Member pod : pods) {
      table.put(new Pod("uid-" + pod.name, "shop", pod.name, "node-" + pod.node, List.of(pod.ip4, pod.ip6), pod.onHost(), 1, 0, "Running", true, Map.of(),
          List.of(), List.of()), 1);
    }
    for (Served service : services) {
      table.put(new Service("shop", service.name, List.of(service.ip4, service.ip6), List.of()), 1);
      for (boolean ipv6 : new boolean[] {false, true}) {
        table.put(new Endpoints("shop", service.name + (ipv6 ? "-6" : "-4"), service.name,
            service.endpoints.stream().map(pod -> new Endpoints.Endpoint(pod.ip(ipv6), List.of(SERVED_PORT), pod.name, true)).toList()), 1);
      }
    }
    table.refresh(1);
    return table;
  }

  boolean hostTargeted(int node) {
    return pods.stream().anyMatch(pod -> pod.node == node && pod.onHost() && pod.targeted());
  }

  List<NodeInterfaces.Interface> interfaces(int node) {
    List<NodeInterfaces.Interface> interfaces = new ArrayList<>();
    interfaces.add(of("lo", LOOPBACK, 772, "", "127.0.0.1"));
    interfaces.add(of("eth0", UPLINK, 1, "", hostIp(node, false), hostIp(node, true)));
    interfaces.add(of("cni0", BRIDGE, 1, "bridge", gateway(node, false), gateway(node, true)));
    for (Member pod : pods) if (pod.node == node && !pod.onHost()) interfaces.add(of("veth" + pod.veth, pod.veth, 1, ""));
    return interfaces;
  }

  static NodeInterfaces.Interface of(String name, int index, int hardwareType, String type, String... addresses) {
    return new NodeInterfaces.Interface(new NetworkDevice(name, index, hardwareType, type, false, false),
        List.of(addresses).stream().map(TestCluster::address).toList());
  }

  static long[] address(String ip) {
    return NodeInterfaces.address(InetAddress.ofLiteral(ip).getAddress());
  }
}
