package io.kubeshark.capture;

import static io.kubeshark.capture.TestNetwork.FAR_ADDRESS;
import static io.kubeshark.capture.TestNetwork.NEAR_ADDRESS;
import static io.kubeshark.capture.TestNetwork.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.kubeshark.capture.UdpCollector.Datagram;
import io.kubeshark.core.LinkType;
import io.kubeshark.core.PacketHandler;
import io.kubeshark.linux.InterfaceList;
import io.kubeshark.linux.NetworkNamespace;
import io.kubeshark.linux.WallClock;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.DatagramSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real kernel: namespaces and cables made here, datagrams counted exactly. Needs root. */
@Tag("integration")
class AfPacketSourceTest {
  private static final int PORT = 9999;
  private static final int DATAGRAMS = 1000;
  private static TestNetwork network;

  @BeforeAll
  static void connect() throws Exception {
    network = new TestNetwork();
  }

  @AfterAll
  static void disconnect() throws Exception {
    if (network != null) network.close();
  }

  private static AfPacketOptions options(String namespace, String... interfaces) {
    return AfPacketOptions.any().withInterfaces(List.of(interfaces)).withNetworkNamespace(network.path(namespace)).withRingBytes(8 << 20);
  }

  private static byte[] text(String payload) {
    return payload.getBytes(StandardCharsets.UTF_8);
  }

  private static List<String> sendMany(DatagramSocket from, String address, int count) throws Exception {
    List<String> sent = IntStream.range(0, count).mapToObj(i -> "datagram " + i + " " + "x".repeat(i % 1000)).toList();
    for (String payload : sent) send(from, address, PORT, text(payload));
    send(from, address, PORT, text(UdpCollector.LAST));
    return sent;
  }

  @Test
  void everyDatagramOfACableOnceInOrder() throws Exception {
    UdpCollector got = new UdpCollector();
    try (AfPacketSource source = AfPacketSource.open(options(network.far, "vb")).getFirst();
        DatagramSocket from = network.socket(network.near, NEAR_ADDRESS, 0)) {
      long before = WallClock.nowNs();
      List<String> sent = sendMany(from, FAR_ADDRESS, DATAGRAMS);
      got.untilLast(source);
      assertThat(got.payloads()).isEqualTo(sent);
      int index = NetworkNamespace.call(network.path(network.far), InterfaceList::indexByName).get("vb");
      long time = before;
      for (Datagram d : got.datagrams) {
        assertThat(d).isEqualTo(new Datagram(d.payload(), from.getLocalPort(), PORT, LinkType.ETHERNET, index, -1, 0, d.timeNs(), 42 + d.payload().length()));
        assertThat(d.timeNs()).isBetween(time, WallClock.nowNs());
        time = d.timeNs();
      }
      assertThat(source.statistics().packets()).isGreaterThan(DATAGRAMS);
      assertThat(source.notes()).isEmpty();
    }
  }

  @Test
  void loopbackAndOutgoingOnceEachWithAllInterfacesInOneRing() throws Exception {
    UdpCollector got = new UdpCollector();
    try (AfPacketSource source = AfPacketSource.open(options(network.near)).getFirst();
        DatagramSocket out = network.socket(network.near, NEAR_ADDRESS, 0);
        DatagramSocket loop = network.socket(network.near, "127.0.0.1", 0)) {
      for (int i = 0; i < DATAGRAMS; i++) {
        send(out, FAR_ADDRESS, PORT, text("out " + i));
        send(loop, "127.0.0.1", PORT, text("loop " + i));
      }
      send(out, FAR_ADDRESS, PORT, text(UdpCollector.LAST));
      got.untilLast(source);
    }
    assertThat(got.payloads()).doesNotHaveDuplicates().hasSize(2 * DATAGRAMS);
    assertThat(got.datagrams).allMatch(d -> d.linkType() == LinkType.ETHERNET)
        .allMatch(d -> d.flags() == (d.payload().startsWith("out") ? PacketHandler.FLAG_OUTGOING : 0));
  }

  @Test
  void aTagThatTheKernelTookOutIsHandedOver() throws Exception {
    UdpCollector got = new UdpCollector();
    try (Tun tap = Tun.open(network, network.near, Tun.TAP, "tap0", "10.96.0.1/24");
        AfPacketSource source = AfPacketSource.open(options(network.near, "tap0").withFilter("udp")).getFirst()) {
      tap.arrives(udpFrame("81002064", "tagged"));
      tap.arrives(udpFrame("", "plain"));
      tap.arrives(udpFrame("", UdpCollector.LAST));
      got.untilLast(source);
    }
    assertThat(got.datagrams).extracting(Datagram::payload, Datagram::vlan).containsExactly(tuple("tagged", 0x2064), tuple("plain", -1));
  }

  private static byte[] udpFrame(String tag, String payload) {
    HexFormat hex = HexFormat.of();
    String ip = "4500" + hex.toHexDigits((short) (28 + payload.length())) + "0001000040110000" + "0a600002" + "0a600001";
    String udp = "04d2" + hex.toHexDigits((short) PORT) + hex.toHexDigits((short) (8 + payload.length())) + "0000";
    return hex.parseHex("ffffffffffff020000000009" + tag + "0800" + ip + udp + hex.formatHex(text(payload)));
  }

  @Test
  void theKernelFiltersAndCuts() throws Exception {
    UdpCollector got = new UdpCollector();
    AfPacketOptions options = options(network.far, "vb").withFilter("udp and dst port " + PORT).withSnapLength(60);
    try (AfPacketSource source = AfPacketSource.open(options).getFirst();
        DatagramSocket from = network.socket(network.near, NEAR_ADDRESS, 0)) {
      for (int i = 0; i < DATAGRAMS; i++) {
        send(from, FAR_ADDRESS, PORT + 1, text("other"));
        send(from, FAR_ADDRESS, PORT, text("wanted, and longer than the limit"));
      }
      send(from, FAR_ADDRESS, PORT, text(UdpCollector.LAST));
      got.untilLast(source);
      assertThat(source.statistics().packets()).as("nothing else got into the ring").isEqualTo(DATAGRAMS + 1);
    }
    assertThat(got.datagrams).hasSize(DATAGRAMS).allMatch(d -> d.payload().equals("wanted, and longer") && d.wireLength() == 42 + 33);
  }

  @Test
  void interfacesWithoutEthernetHandOverIp() throws Exception {
    for (String filter : new String[] {null, "udp dst port " + PORT, "not ether host 02:00:00:00:00:77 and udp"}) {
      UdpCollector got = new UdpCollector();
      try (Tun tun = Tun.open(network, network.near, Tun.TUN, "tun0", "10.97.0.1/24");
          AfPacketSource source = AfPacketSource.open(options(network.near).withFilter(filter)).getFirst();
          DatagramSocket from = network.socket(network.near, "10.97.0.1", 0);
          DatagramSocket ethernet = network.socket(network.near, NEAR_ADDRESS, 0)) {
        send(from, "10.97.0.2", PORT, text("through the tunnel"));
        send(from, "10.97.0.2", PORT + 1, text("to another port"));
        send(ethernet, FAR_ADDRESS, PORT, text(UdpCollector.LAST));
        got.untilLast(source);
      }
      List<String> expected = new ArrayList<>();
      if (filter == null || filter.startsWith("udp")) expected.add("through the tunnel");
      if (filter == null) expected.add("to another port");
      assertThat(got.payloads()).as("filter %s", filter).isEqualTo(expected);
      assertThat(got.datagrams).allMatch(d -> d.linkType() == LinkType.RAW && d.flags() == PacketHandler.FLAG_OUTGOING);
    }
  }

  @Test
  void threadsShareTheFlowsAndBothDirectionsStayTogether() throws Exception {
    List<AfPacketSource> sources = AfPacketSource.open(options(network.near, "va").withThreads(2));
    List<UdpCollector> got = List.of(new UdpCollector(), new UdpCollector());
    int flows = 64;
    try (DatagramSocket far = network.socket(network.far, FAR_ADDRESS, PORT)) {
      for (int flow = 0; flow < flows; flow++) {
        try (DatagramSocket near = network.socket(network.near, NEAR_ADDRESS, 0)) {
          for (int i = 0; i < 10; i++) {
            send(near, FAR_ADDRESS, PORT, text("ask"));
            send(far, NEAR_ADDRESS, near.getLocalPort(), text("answer"));
          }
        }
      }
      // Each ring is in order; which of the two a flow takes is the kernel's choice: last datagrams until both have one.
      for (int i = 0; i < 1000 && !(got.get(0).last && got.get(1).last); i++) {
        try (DatagramSocket near = network.socket(network.near, NEAR_ADDRESS, 0)) {
          send(near, FAR_ADDRESS, PORT, text(UdpCollector.LAST));
        }
        for (int s = 0; s < 2; s++) sources.get(s).poll(got.get(s), 20);
      }
    } finally {
      sources.forEach(AfPacketSource::close);
    }
    Map<Integer, Set<Integer>> sourcesByFlow = new HashMap<>();
    for (int s = 0; s < 2; s++) {
      assertThat(got.get(s).datagrams).as("share of thread %d", s).isNotEmpty();
      for (Datagram d : got.get(s).datagrams) sourcesByFlow.computeIfAbsent(d.sourcePort() + d.destinationPort(), k -> new HashSet<>()).add(s);
    }
    assertThat(got.get(0).datagrams.size() + got.get(1).datagrams.size()).isEqualTo(flows * 20);
    assertThat(sourcesByFlow.values()).allMatch(which -> which.size() == 1);
  }

  @Test
  void whatTheKernelDropsIsCountedToThePacket() throws Exception {
    int count = 5000;
    UdpCollector got = new UdpCollector();
    AfPacketOptions options = options(network.far, "vb").withRingBytes(1 << 20).withFilter("udp dst port " + PORT);
    AfPacketSource source = AfPacketSource.open(options).getFirst();
    try (DatagramSocket from = network.socket(network.near, NEAR_ADDRESS, 0)) {
      byte[] payload = new byte[1400];
      for (int i = 0; i < count; i++) send(from, FAR_ADDRESS, PORT, payload);
    }
    got.whenIdle = source::close; // also: closing from within the handler
    while (source.poll(got, 10_000) != PacketSource.END) {}
    assertThat(got.lost).isPositive();
    assertThat(got.datagrams.size() + got.lost).isEqualTo(count);
    assertThat(source.statistics().rings()).singleElement().satisfies(ring -> {
      assertThat(ring.droppedPackets()).isEqualTo(got.lost);
      assertThat(ring.packets()).isEqualTo(count);
      assertThat(ring.freezes()).isPositive();
    });
  }

  @Test
  void closingWakesAWaitingThread() throws Exception {
    AfPacketSource source = AfPacketSource.open(options(network.far, "vb")).getFirst();
    CountDownLatch waiting = new CountDownLatch(1);
    UdpCollector got = new UdpCollector();
    got.whenIdle = waiting::countDown; // the thread is inside poll
    FutureTask<Integer> poll = new FutureTask<>(() -> {
      int handed;
      do {
        handed = source.poll(got, 3_600_000);
      } while (handed > 0);
      return handed;
    });
    Thread.ofPlatform().start(poll);
    waiting.await();
    source.close();
    assertThat(poll.get()).isEqualTo(PacketSource.END);
    source.close();
    assertThat(source.poll(got, 0)).isEqualTo(PacketSource.END);
  }

  @Test
  void anInterfaceThatComesBackIsCapturedAgain() throws Exception {
    try (TestNetwork other = new TestNetwork()) {
      List<AfPacketSource> sources = AfPacketSource.open(
          AfPacketOptions.any().withInterfaces(List.of("lo", "vb")).withThreads(2).withNetworkNamespace(other.path(other.far)).withRingBytes(8 << 20));
      UdpCollector got = new UdpCollector();
      try {
        other.removeCable();
        for (int i = 0; i < 1000 && sources.stream().anyMatch(s -> s.notes().isEmpty()); i++) for (var s : sources) s.poll(got, 20);
        assertThat(sources).allSatisfy(s -> assertThat(s.notes()).singleElement().asString().contains("vb went away"));
        other.addCable();
        try (DatagramSocket from = other.socket(other.near, NEAR_ADDRESS, 0)) {
          for (int i = 0; i < 1000 && !got.last; i++) {
            send(from, FAR_ADDRESS, PORT, text(UdpCollector.LAST));
            for (var s : sources) s.poll(got, 20);
          }
        }
        assertThat(got.last).as("captured after the interface came back").isTrue();
      } finally {
        sources.forEach(AfPacketSource::close);
      }
    }
  }

  /** The tool of the field beside us on the same interface. tcpdump is part of every build machine of ours. */
  @Test
  void tcpdumpSeesTheSame(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("tcpdump.pcap");
    Process tcpdump = new ProcessBuilder("ip", "netns", "exec", network.far, "tcpdump", "-i", "vb", "--time-stamp-precision=nano", "-Z", "root",
        "-w", file.toString(), "-c", String.valueOf(DATAGRAMS + 1), "udp port " + PORT).start();
    BufferedReader errors = new BufferedReader(new InputStreamReader(tcpdump.getErrorStream()));
    for (String line = errors.readLine(); !line.contains("listening on"); line = errors.readLine()) {}
    Collector live = new Collector();
    try (AfPacketSource source = AfPacketSource.open(options(network.far, "vb").withFilter("udp port " + PORT)).getFirst();
        DatagramSocket from = network.socket(network.near, NEAR_ADDRESS, 0)) {
      sendMany(from, FAR_ADDRESS, DATAGRAMS);
      for (int i = 0; i < 100 && live.packets.size() < DATAGRAMS + 1; i++) source.poll(live, 100);
    }
    assertThat(tcpdump.waitFor()).isZero();
    try (PcapFile source = PcapFile.open(file.toString())) {
      List<Collector.Packet> theirs = new Collector().readAll(source).packets;
      assertThat(live.packets).extracting(Collector.Packet::bytes).isEqualTo(theirs.stream().map(Collector.Packet::bytes).toList());
    }
    assertThat(Files.size(file)).isPositive();
  }
}
