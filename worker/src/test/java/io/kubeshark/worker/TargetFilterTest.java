package io.kubeshark.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.kubeshark.core.LedgerCode;
import io.kubeshark.core.LinkType;
import io.kubeshark.core.PacketHandler;
import io.kubeshark.kube.TargetSet;
import io.kubeshark.worker.TestCluster.Member;
import io.kubeshark.worker.TestCluster.Served;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Random clusters, all of whose nodes' filters see what their interfaces would show of a call; over the whole cluster each packet must be
 * taken as often as {@link #expected} says: nearly always once.
 */
class TargetFilterTest {
  private static final int CLUSTERS = 300;
  private static final int CALLS = 60;

  /** One node: its filter, and what went through. */
  private static final class Node implements PacketHandler {
    final TargetFilter filter;
    int taken;
    long takenBytes;
    long shownBytes;
    int shown;

    Node(TestCluster cluster, int node) {
      NodeInterfaces interfaces = new NodeInterfaces(() -> cluster.interfaces(node), InetAddress.ofLiteral(TestCluster.hostIp(node, false)).getAddress());
      filter = new TargetFilter(this, interfaces, AddressBook.newest(cluster.tables.get(node)::targets));
    }

    void show(int index, boolean outgoing, byte[] frame) {
      shown++;
      shownBytes += frame.length;
      filter.onPacket(frame, 0, frame.length, frame.length, 1, LinkType.ETHERNET, index, -1, outgoing ? FLAG_OUTGOING : 0);
    }

    @Override
    public void onPacket(byte[] array, int offset, int capturedLength, int wireLength, long timeNs, int linkType, int interfaceIndex, int vlan, int flags) {
      taken++;
      takenBytes += wireLength;
    }

    @Override
    public void onLost(LedgerCode code, long packets, long bytes) {}

    @Override
    public void onTime(long timeNs) {}
  }

  /** The way of one packet: which node shows it where, with which addresses. */
  private static final class Way {
    final List<Node> nodes;
    final boolean ipv6;
    final int protocol;

    Way(List<Node> nodes, boolean ipv6, int protocol) {
      this.nodes = nodes;
      this.ipv6 = ipv6;
      this.protocol = protocol;
    }

    /** @param service by whose address the client calls, or null */
    void request(Member client, int clientPort, Served service, Member server) {
      pass(client, clientPort, service, server, true);
    }

    void response(Member client, int clientPort, Served service, Member server) {
      pass(client, clientPort, service, server, false);
    }

    private void pass(Member client, int clientPort, Served service, Member server, boolean request) {
      boolean sameNode = client.node() == server.node();
      boolean hairpin = client == server;
      // Masquerading: a pod that reaches itself through its service; the bridge's address is what a node speaks to its pods with.
      String clientAtServer = hairpin || client.onHost() && sameNode && !server.onHost() ? TestCluster.gateway(client.node(), ipv6) : client.ip(ipv6);
      String serverAtClient = service != null && !client.onHost() ? service.ip(ipv6) : server.ip(ipv6);
      byte[] near = frame(client.ip(ipv6), clientPort, serverAtClient, request);
      byte[] far = frame(clientAtServer, clientPort, server.ip(ipv6), request);
      boolean routed = !sameNode || service != null || client.onHost() || server.onHost();
      if (!client.onHost()) {
        nodes.get(client.node()).show(client.veth(), !request, near);
        if (routed) nodes.get(client.node()).show(TestCluster.BRIDGE, !request, near);
      }
      if (sameNode && client.onHost() && server.onHost()) nodes.get(client.node()).show(TestCluster.LOOPBACK, false, far);
      if (!sameNode) {
        nodes.get(client.node()).show(TestCluster.UPLINK, request, far);
        nodes.get(server.node()).show(TestCluster.UPLINK, !request, far);
      }
      if (!server.onHost()) {
        if (routed) nodes.get(server.node()).show(TestCluster.BRIDGE, request, far);
        nodes.get(server.node()).show(server.veth(), request, far);
      }
    }

    private byte[] frame(String client, int clientPort, String server, boolean request) {
      return request ? TestFrame.of(client, clientPort, server, TestCluster.SERVED_PORT, protocol, 10)
          : TestFrame.of(server, TestCluster.SERVED_PORT, client, clientPort, protocol, 100);
    }
  }

  /** How often a packet is to be taken: the rule of ADR 6, said call by call instead of packet by packet. */
  private static int expected(TestCluster cluster, Member client, Served service, Member server) {
    boolean clientTargeted = client.onHost() ? cluster.hostTargeted(client.node()) : client.targeted();
    boolean serverTargeted = server.onHost() ? cluster.hostTargeted(server.node()) : server.targeted();
    boolean sameNode = client.node() == server.node();
    if (client.onHost() && server.onHost() && sameNode) return 0; // over loopback
    if (service == null || client.onHost()) return clientTargeted || serverTargeted ? 1 : 0;
    boolean everywhere = service.endpoints().stream().allMatch(pod -> pod.targeted() && !pod.onHost());
    if (everywhere) return 1;
    // No interface shows the server's end.
    boolean serverEndShown = !(server.onHost() && sameNode);
    // The node of a pod that reaches itself speaks for it: nobody else shows that call.
    boolean serverEnd = serverTargeted || client == server && cluster.hostTargeted(client.node());
    return (clientTargeted ? 1 : 0) + (serverEnd && serverEndShown ? 1 : 0);
  }

  @Test
  void overTheWholeClusterEachPacketIsTakenAsOftenAsTheRuleSays() {
    int[] seen = new int[3];
    for (int seed = 0; seed < CLUSTERS; seed++) {
      Random random = new Random(seed);
      TestCluster cluster = new TestCluster(random);
      List<Node> nodes = new ArrayList<>();
      for (int i = 0; i < cluster.nodes; i++) nodes.add(new Node(cluster, i));
      for (int call = 0; call < CALLS; call++) {
        Member client = cluster.pods.get(random.nextInt(cluster.pods.size()));
        Served service = random.nextBoolean() ? null : cluster.services.get(random.nextInt(cluster.services.size()));
        List<Member> servers = service == null ? cluster.pods : service.endpoints();
        if (servers.isEmpty()) continue;
        Member server = servers.get(random.nextInt(servers.size()));
        if (service == null && client == server) continue; // inside the pod
        int port = 32_768 + random.nextInt(28_000);
        Way way = new Way(nodes, random.nextBoolean(), random.nextBoolean() ? TestFrame.TCP : TestFrame.UDP);
        int expected = expected(cluster, client, service, server);
        String what = "seed " + seed + ": " + client + " → " + (service == null ? "" : service + " → ") + server;
        int before = taken(nodes);
        way.request(client, port, service, server);
        assertThat(taken(nodes) - before).as("request, " + what).isEqualTo(expected);
        before = taken(nodes);
        way.response(client, port, service, server);
        assertThat(taken(nodes) - before).as("response, " + what).isEqualTo(expected);
        seen[expected]++;
      }
      for (Node node : nodes) {
        node.filter.end();
        assertThat(node.filter.ledger().pending()).isZero();
        assertThat(node.filter.ledger().wire() + node.takenBytes).as("each byte that was shown").isEqualTo(node.shownBytes);
        assertThat(node.filter.taken()).isEqualTo(node.taken);
      }
    }
    assertThat(seen).as("all three happen").doesNotContain(0);
  }

  private static int taken(List<Node> nodes) {
    return nodes.stream().mapToInt(node -> node.taken).sum();
  }

  @Test
  void nothingIsAllocatedForAPacket() {
    TestCluster cluster = new TestCluster(new Random(3));
    Node node = new Node(cluster, 0);
    List<byte[]> frames = new ArrayList<>();
    for (Member from : cluster.pods) {
      for (Member to : cluster.pods) frames.add(TestFrame.of(from.ip6(), 40_000, to.ip6(), TestCluster.SERVED_PORT, TestFrame.TCP, 10));
      for (Served service : cluster.services) frames.add(TestFrame.of(from.ip4(), 40_000, service.ip4(), TestCluster.SERVED_PORT, TestFrame.UDP, 10));
    }
    int rounds = 200;
    for (int i = 0; i < rounds; i++) showAll(node, cluster, frames);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    int before = node.shown;
    long bytes = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < rounds; i++) showAll(node, cluster, frames);
    bytes = threads.getCurrentThreadAllocatedBytes() - bytes;
    assertThat(node.shown - before).isGreaterThan(100_000);
    assertThat(bytes).as("for %d packets", node.shown - before).isLessThan(50_000);
  }

  private static void showAll(Node node, TestCluster cluster, List<byte[]> frames) {
    for (int f = 0; f < frames.size(); f++) {
      byte[] frame = frames.get(f);
      node.show(TestCluster.UPLINK, true, frame);
      node.show(TestCluster.BRIDGE, false, frame);
      for (int i = 0; i < cluster.pods.size(); i++) if (!cluster.pods.get(i).onHost() && cluster.pods.get(i).node() == 0) node.show(cluster.pods.get(i).veth(), false, frame);
    }
  }

  /** Only the first fragment has ports: the others go where it went. */
  @Test
  void fragmentsAreTakenWhereTheirFirstIs() {
    int fragments = 0;
    for (int seed = 0; seed < CLUSTERS; seed++) {
      Random random = new Random(seed);
      TestCluster cluster = new TestCluster(random);
      List<Node> nodes = new ArrayList<>();
      for (int i = 0; i < cluster.nodes; i++) nodes.add(new Node(cluster, i));
      for (int call = 0; call < CALLS; call++) {
        Member from = cluster.pods.get(random.nextInt(cluster.pods.size()));
        Member to = cluster.pods.get(random.nextInt(cluster.pods.size()));
        if (from == to || from.onHost() || to.onHost()) continue;
        boolean ipv6 = random.nextBoolean();
        int id = random.nextInt();
        for (int part = 0; part < 3; part++) {
          byte[] content = part == 0 ? TestFrame.ports(TestCluster.SERVED_PORT, 40_000, 4) : new byte[24];
          byte[] frame = TestFrame.fragment(from.ip(ipv6), to.ip(ipv6), id, part * 24, part < 2, content);
          int before = taken(nodes);
          nodes.get(from.node()).show(from.veth(), false, frame);
          nodes.get(to.node()).show(to.veth(), true, frame);
          assertThat(taken(nodes) - before).as("seed %d, part %d of %s → %s", seed, part, from, to).isEqualTo(from.targeted() || to.targeted() ? 1 : 0);
          fragments++;
        }
      }
    }
    assertThat(fragments).isGreaterThan(CLUSTERS);
  }

  private static final class Scene {
    final TestCluster cluster = new TestCluster(new Random(1));
    final Node node = new Node(cluster, 0);

    LedgerCode codeOf(int index, boolean outgoing, byte[] frame) {
      long[] before = new long[LedgerCode.count()];
      for (LedgerCode code : LedgerCode.values()) before[code.ordinal()] = node.filter.ledger().packets(code);
      node.show(index, outgoing, frame);
      for (LedgerCode code : LedgerCode.values()) if (node.filter.ledger().packets(code) > before[code.ordinal()]) return code;
      return null;
    }
  }

  @Test
  void whatIsNoIpPacketIsBookedAsWhatItIs() {
    Scene scene = new Scene();
    byte[] frame = TestFrame.of("10.244.0.9", 40_000, "10.244.0.8", 80, TestFrame.TCP, 10);
    byte[] arp = frame.clone();
    arp[12] = 8;
    arp[13] = 6;
    byte[] badVersion = frame.clone();
    badVersion[14] = 0x35;
    assertThat(scene.codeOf(TestCluster.UPLINK, false, arp)).isEqualTo(LedgerCode.NOT_IP);
    assertThat(scene.codeOf(TestCluster.UPLINK, false, badVersion)).isEqualTo(LedgerCode.MALFORMED_PACKET);
    assertThat(scene.codeOf(TestCluster.BRIDGE, false, frame)).isEqualTo(LedgerCode.SEEN_ELSEWHERE);
    assertThat(scene.codeOf(TestCluster.LOOPBACK, false, frame)).isEqualTo(LedgerCode.NOT_TARGETED);
    for (int length = 0; length < 34; length++) {
      byte[] cut = java.util.Arrays.copyOf(frame, length);
      assertThat(scene.codeOf(TestCluster.UPLINK, false, cut)).as("cut at %d", length).isEqualTo(LedgerCode.MALFORMED_PACKET);
    }
    byte[] ipv6 = TestFrame.of("fd00::1", 40_000, "fd00::2", 80, TestFrame.TCP, 10);
    for (int length = 14; length < 54; length++) {
      assertThat(scene.codeOf(TestCluster.UPLINK, false, java.util.Arrays.copyOf(ipv6, length))).as("cut at %d", length).isEqualTo(LedgerCode.MALFORMED_PACKET);
    }
  }

  /** The VLAN's own interface shows the same packet without its tag; what is inside a tunnel is seen at pods. */
  @Test
  void copiesOnUplinksAreNotTaken() {
    Scene scene = new Scene();
    Member pod = scene.cluster.pods.stream().filter(each -> each.targeted() && !each.onHost()).findFirst().orElseThrow();
    Node node = new Node(scene.cluster, pod.node());
    byte[] call = TestFrame.of("192.0.2.1", 40_000, pod.ip4(), 80, TestFrame.TCP, 10);
    node.show(pod.veth(), true, call);
    assertThat(node.taken).as("from outside the cluster").isEqualTo(1);
    node.show(pod.veth(), true, TestFrame.tagged(call, 5));
    assertThat(node.taken).as("a pod's interface may be a tagged one").isEqualTo(2);
    node.show(TestCluster.UPLINK, false, call);
    node.show(TestCluster.UPLINK, false, TestFrame.tagged(call, 5));
    node.show(TestCluster.UPLINK, true, TestFrame.of(TestCluster.hostIp(0, false), 4000, TestCluster.hostIp(1, false), 4789, TestFrame.UDP, 60));
    assertThat(node.taken).isEqualTo(2);
    assertThat(node.filter.ledger().packets(LedgerCode.SEEN_ELSEWHERE)).isEqualTo(3);
  }

  /** Raw IP, as interfaces without a link header show it. */
  @Test
  void framesWithoutALinkHeaderAreRead() {
    TestCluster cluster = new TestCluster(new Random(1));
    Member pod = cluster.pods.stream().filter(each -> each.targeted() && !each.onHost()).findFirst().orElseThrow();
    Node node = new Node(cluster, pod.node());
    for (boolean ipv6 : new boolean[] {false, true}) {
      byte[] frame = TestFrame.of(ipv6 ? "2001:db8::1" : "192.0.2.1", 40_000, pod.ip(ipv6), 80, TestFrame.TCP, 10);
      node.filter.onPacket(frame, 14, frame.length - 14, frame.length - 14, 1, LinkType.RAW, pod.veth(), -1, PacketHandler.FLAG_OUTGOING);
    }
    assertThat(node.taken).isEqualTo(2);
    node.filter.onPacket(new byte[0], 0, 0, 0, 1, LinkType.RAW, pod.veth(), -1, 0);
    assertThat(node.filter.ledger().packets(LedgerCode.NOT_IP)).isEqualTo(1);
  }

  /** A world that learns of pods late. Addresses are numbers; those known are targeted pods. */
  private static final class Late implements AddressBook, PacketHandler {
    final Set<Long> known = new HashSet<>();
    final List<Long> taken = new ArrayList<>();
    Object version = new Object();
    final TargetFilter filter = new TargetFilter(this,
        new NodeInterfaces(() -> List.of(TestCluster.of("veth", 10, 1, "")), new byte[] {10, 0, 0, 1}), this);
    long shown;

    /** @param number tells packets apart: its destination port */
    void show(String pod, int number, long timeNs) {
      byte[] frame = TestFrame.of(pod, 40_000, "192.0.2.1", number, TestFrame.TCP, number);
      shown += frame.length;
      filter.onPacket(frame, 0, frame.length, frame.length, timeNs, LinkType.ETHERNET, 10, -1, 0);
    }

    void learn(String pod) {
      known.add(TestCluster.address(pod)[1]);
      version = new Object();
    }

    @Override
    public int of(long ipHigh, long ipLow) {
      return known.contains(ipLow) ? TargetSet.POD | TargetSet.TARGETED_POD : 0;
    }

    @Override
    public boolean endpoint(long ipHigh, long ipLow, int port) {
      return false;
    }

    @Override
    public Object version() {
      return version;
    }

    @Override
    public void onPacket(byte[] array, int offset, int capturedLength, int wireLength, long timeNs, int linkType, int interfaceIndex, int vlan, int flags) {
      taken.add((long) wireLength - 54);
    }

    @Override
    public void onLost(LedgerCode code, long packets, long bytes) {}

    @Override
    public void onTime(long timeNs) {}
  }

  @Test
  void packetsOfANewPodWaitUntilItIsKnownAndKeepTheirOrder() {
    Late late = new Late();
    late.show("10.0.0.5", 1, 1);
    late.show("10.0.0.6", 2, 2);
    late.show("10.0.0.5", 3, 3);
    assertThat(late.taken).isEmpty();
    assertThat(late.filter.ledger().wire()).isZero();
    late.learn("10.0.0.5");
    late.show("10.0.0.5", 4, 4);
    assertThat(late.taken).containsExactly(1L, 3L, 4L);
    late.learn("10.0.0.6");
    late.filter.onTime(5);
    assertThat(late.taken).containsExactly(1L, 3L, 4L, 2L);
    assertThat(late.filter.ledger().wire()).isZero();
  }

  @Test
  void whatStaysUnknownIsNotWaitedForAgain() {
    Late late = new Late();
    late.show("10.0.0.5", 1, 0);
    late.filter.onTime(HeldPackets.WAIT_NS - 1);
    assertThat(late.filter.ledger().packets(LedgerCode.NOT_TARGETED)).isZero();
    late.filter.onTime(HeldPackets.WAIT_NS);
    assertThat(late.filter.ledger().packets(LedgerCode.NOT_TARGETED)).isEqualTo(1);
    late.show("10.0.0.5", 2, HeldPackets.WAIT_NS + 1);
    assertThat(late.filter.ledger().packets(LedgerCode.NOT_TARGETED)).as("not held").isEqualTo(2);
    late.show("10.0.0.5", 3, HeldPackets.WAIT_NS + HeldPackets.GIVEN_UP_NS);
    assertThat(late.filter.ledger().packets(LedgerCode.NOT_TARGETED)).as("held once more").isEqualTo(2);
    late.filter.end();
    assertThat(late.filter.ledger().wire()).isEqualTo(late.shown);
    assertThat(late.filter.ledger().pending()).isZero();
    assertThat(late.taken).isEmpty();
  }

  @Test
  void whatWaitsHasABudget() {
    Late late = new Late();
    int packets = 0;
    while (late.filter.ledger().packets(LedgerCode.NOT_TARGETED) == 0) late.show("10.0.0.5", 1000 + packets++ % 100, 1);
    assertThat(packets * 1100L).isBetween((long) HeldPackets.BYTES_MAX - 200_000, (long) HeldPackets.BYTES_MAX + 50_000);
    late.learn("10.0.0.5");
    late.filter.onTime(2);
    assertThat(late.taken).hasSize(packets - 1);
    assertThat(late.taken.subList(0, 3)).containsExactly(1000L, 1001L, 1002L);
  }

  @Test
  void multicastWaitsForNobody() {
    Late late = new Late();
    for (String nobody : List.of("224.0.0.251", "255.255.255.255", "0.0.0.0", "169.254.1.1")) {
      byte[] frame = TestFrame.of("10.0.0.5", 5353, nobody, 5353, TestFrame.UDP, 10);
      late.filter.onPacket(frame, 0, frame.length, frame.length, 1, LinkType.ETHERNET, 10, -1, PacketHandler.FLAG_OUTGOING);
    }
    assertThat(late.filter.ledger().packets(LedgerCode.NOT_TARGETED)).isEqualTo(4);
  }
}
