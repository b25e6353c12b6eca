package io.kubeshark.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.linux.NetworkDevice;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NodeInterfacesTest {
  private static final byte[] HOST = InetAddress.ofLiteral("10.250.0.11").getAddress();
  private static final int ETHER = 1;
  private static final int IPIP = 768;

  private final List<NodeInterfaces.Interface> kernel = new ArrayList<>();
  private int reads;
  private IOException failure;

  private NodeInterfaces interfaces() {
    return new NodeInterfaces(() -> {
      reads++;
      if (failure != null) throw failure;
      return List.copyOf(kernel);
    }, HOST);
  }

  private void add(int index, String type, int hardwareType, boolean physical, boolean enslaved, String... addresses) {
    kernel.add(new NodeInterfaces.Interface(new NetworkDevice("if" + index, index, hardwareType, type, physical, enslaved),
        List.of(addresses).stream().map(TestCluster::address).toList()));
  }

  @Test
  void eachKindIsToldFromTheOthers() {
    add(1, "", 772, false, false, "127.0.0.1");
    add(2, "", ETHER, true, false, "192.0.2.7");
    add(3, "", ETHER, true, true);
    add(4, "bridge", ETHER, false, false, "10.244.1.1");
    add(5, "bridge", ETHER, false, false, "10.250.0.11"); // the NIC is its port
    add(6, "", ETHER, false, true); // a veth on the bridge
    add(7, "", ETHER, false, false); // a veth that is routed to
    add(8, "vxlan", ETHER, false, false, "10.244.1.0");
    add(9, "", IPIP, false, false);
    add(10, "bond", ETHER, false, false);
    add(11, "vlan", ETHER, false, false);
    NodeInterfaces interfaces = interfaces();
    int[] kinds = new int[12];
    for (int i = 1; i < kinds.length; i++) kinds[i] = interfaces.kind(i, 1);
    assertThat(kinds).containsExactly(0, NodeInterfaces.LOOPBACK, NodeInterfaces.UPLINK, NodeInterfaces.COPY, NodeInterfaces.COPY, NodeInterfaces.UPLINK,
        NodeInterfaces.POD_SIDE, NodeInterfaces.POD_SIDE, NodeInterfaces.UPLINK, NodeInterfaces.UPLINK, NodeInterfaces.UPLINK, NodeInterfaces.UPLINK);
    assertThat(reads).isEqualTo(1);
  }

  @Test
  void ownAddressesAreThoseOfAllInterfacesButLoopback() {
    add(1, "", 772, false, false, "127.0.0.1", "::1");
    add(2, "", ETHER, true, false, "10.250.0.11", "fe80::1");
    add(4, "bridge", ETHER, false, false, "10.244.1.1");
    NodeInterfaces interfaces = interfaces();
    interfaces.read(1);
    for (String own : List.of("10.250.0.11", "fe80::1", "10.244.1.1")) assertThat(own(interfaces, own)).as(own).isTrue();
    for (String other : List.of("127.0.0.1", "::1", "::", "0.0.0.0", "10.244.1.2", "fe80::2", "::10.250.0.11")) assertThat(own(interfaces, other)).as(other).isFalse();
  }

  private static boolean own(NodeInterfaces interfaces, String ip) {
    long[] address = TestCluster.address(ip);
    return interfaces.own(address[0], address[1]);
  }

  /** An unknown interface makes it look, but not at each of its packets; a known one makes it look once in a while. */
  @Test
  void itIsReadWhenSomethingNewAppearsAndThenNow() {
    add(2, "", ETHER, true, false);
    NodeInterfaces interfaces = interfaces();
    assertThat(interfaces.kind(2, 1)).isEqualTo(NodeInterfaces.UPLINK);
    for (int i = 0; i < 1000; i++) assertThat(interfaces.kind(99, 2 + i)).as("taken for a pod's").isEqualTo(NodeInterfaces.POD_SIDE);
    assertThat(reads).isEqualTo(1);
    add(99, "bridge", ETHER, false, false);
    assertThat(interfaces.kind(99, 1 + NodeInterfaces.PAUSE_NS)).isEqualTo(NodeInterfaces.COPY);
    assertThat(reads).isEqualTo(2);
    kernel.removeFirst();
    add(2, "bridge", ETHER, false, false);
    assertThat(interfaces.kind(2, NodeInterfaces.PERIOD_NS)).isEqualTo(NodeInterfaces.UPLINK);
    assertThat(interfaces.kind(2, 2 * NodeInterfaces.PERIOD_NS)).isEqualTo(NodeInterfaces.COPY);
    assertThat(reads).isEqualTo(3);
  }

  @Test
  void whatCannotBeReadStaysAsItWas() {
    add(2, "", ETHER, true, false);
    NodeInterfaces interfaces = interfaces();
    interfaces.read(1);
    failure = new IOException("no permission");
    assertThat(interfaces.kind(2, 2 * NodeInterfaces.PERIOD_NS)).isEqualTo(NodeInterfaces.UPLINK);
    assertThat(reads).isEqualTo(2);
  }

  /** Against a naive list, many addresses and interfaces with any numbers. */
  @Test
  void tablesAnswerAsListsDo() {
    for (int seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      kernel.clear();
      int count = 1 + random.nextInt(200);
      List<Integer> indexes = random.ints(1, 1 << random.nextInt(4, 31)).distinct().limit(Math.min(count, 12)).boxed().toList();
      List<String> addresses = new ArrayList<>();
      for (int index : indexes) {
        String ip = random.nextBoolean() ? "10." + random.nextInt(256) + ".0." + random.nextInt(4) : "fd00::" + Integer.toHexString(random.nextInt(1 << 16));
        addresses.add(ip);
        add(index, index % 2 == 0 ? "bridge" : "", ETHER, false, false, ip);
      }
      NodeInterfaces interfaces = interfaces();
      interfaces.read(1);
      for (int index : indexes) assertThat(interfaces.kind(index, 2)).isEqualTo(index % 2 == 0 ? NodeInterfaces.COPY : NodeInterfaces.POD_SIDE);
      for (String ip : addresses) assertThat(own(interfaces, ip)).isTrue();
      for (int i = 0; i < 100; i++) {
        String ip = "10." + random.nextInt(256) + ".0." + random.nextInt(4);
        assertThat(own(interfaces, ip)).as(ip).isEqualTo(addresses.contains(ip));
      }
    }
  }

  @Test
  void theKernelsOwnListHasLoopback() throws IOException {
    assertThat(NodeInterfaces.ofKernel()).anyMatch(each -> each.device().name().equals("lo") && each.device().loopback());
  }
}
