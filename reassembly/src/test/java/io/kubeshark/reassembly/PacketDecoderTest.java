package io.kubeshark.reassembly;

import static io.kubeshark.reassembly.Frames.*;
import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.core.LedgerCode;
import io.kubeshark.core.LinkType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PacketDecoderTest {
  private static final byte[] DATAGRAM = udp(5000, 53, "hello".getBytes());
  private static final byte[] V4 = ipv4(Rig.A, Rig.B, 17, DATAGRAM);
  private static final byte[] V6 = ipv6("2001:db8::1", "2001:db8::2", 17, DATAGRAM);

  private static Rig seen(int linkType, byte[] frame) {
    return new Rig().frame(linkType, frame, frame.length);
  }

  private static void assertHello(int linkType, byte[] frame) {
    Rig rig = seen(linkType, frame);
    assertThat(rig.seen.datagrams).containsExactly("0:hello");
    assertThat(rig.booked(LedgerCode.HEADERS)).isEqualTo(frame.length - 5);
  }

  @Test
  void everyLinkType() {
    assertHello(LinkType.ETHERNET, ethernet(V4));
    assertHello(LinkType.ETHERNET, ethernet(V6));
    assertHello(LinkType.RAW, V4);
    assertHello(LinkType.RAW, V6);
    assertHello(LinkType.IPV4, V4);
    assertHello(LinkType.NULL, join(new byte[] {2, 0, 0, 0}, V4));
    assertHello(LinkType.NULL, join(new byte[] {0, 0, 0, 30}, V6));
    assertHello(LinkType.LOOP, join(new byte[] {0, 0, 0, 2}, V4));
    assertHello(LinkType.LINUX_SLL, join(new byte[14], u16(0x0800), V4));
    assertHello(LinkType.LINUX_SLL2, join(u16(0x86dd), new byte[18], V6));
  }

  @Test
  void vlanStacks() {
    assertHello(LinkType.ETHERNET, vlan(0x8100, 0x2005, 0x0800, V4));
    byte[] stacked = vlan(0x88a8, 7, 0x8100, join(u16(8), u16(0x0800), V4));
    assertHello(LinkType.ETHERNET, stacked);
    assertThat(seen(LinkType.ETHERNET, stacked).seen.only().connection.vlan).isEqualTo(7);
    Rig tagged = new Rig();
    tagged.reassembler.onPacket(ethernet(V4), 0, 14 + V4.length, 14 + V4.length, 1, LinkType.ETHERNET, 2, 0x6009, 0);
    assertThat(tagged.seen.only().connection.vlan).isEqualTo(9);
  }

  @Test
  void tunnels() {
    byte[] inner = ethernet(V4);
    assertHello(LinkType.ETHERNET, ethernet(ipv4("1.1.1.1", "2.2.2.2", 17, vxlan(inner))));
    assertHello(LinkType.ETHERNET, ethernet(ipv4("1.1.1.1", "2.2.2.2", 17, geneve(0x6558, new byte[8], inner))));
    assertHello(LinkType.ETHERNET, ethernet(ipv4("1.1.1.1", "2.2.2.2", 17, geneve(0x86dd, NOTHING, V6))));
    assertHello(LinkType.ETHERNET, ethernet(ipv4("1.1.1.1", "2.2.2.2", 47, gre(0, 0x0800, V4))));
    assertHello(LinkType.ETHERNET, ethernet(ipv4("1.1.1.1", "2.2.2.2", 47, gre(0xb000, 0x86dd, V6))));
    assertHello(LinkType.ETHERNET, ethernet(ipv4("1.1.1.1", "2.2.2.2", 47, gre(0x2000, 0x6558, inner))));
    assertHello(LinkType.ETHERNET, ethernet(ipv4("1.1.1.1", "2.2.2.2", 47, gre(0x1000, 0x88be, join(new byte[8], inner)))));
    assertHello(LinkType.ETHERNET, ethernet(ipv4("1.1.1.1", "2.2.2.2", 47, gre(0, 0x88be, inner))));
    assertHello(LinkType.ETHERNET, ethernet(ipv4("1.1.1.1", "2.2.2.2", 4, V4)));
    assertHello(LinkType.ETHERNET, ethernet(ipv4("1.1.1.1", "2.2.2.2", 41, V6)));
    assertHello(LinkType.ETHERNET, ethernet(ipv6("fe80::1", "fe80::2", 4, V4)));
  }

  @Test
  void tunnelsInTunnelsEndAtTheLimit() {
    byte[] packet = V4;
    for (int i = 0; i < PacketDecoder.TUNNEL_DEPTH_MAX; i++) packet = ipv4("1.1.1.1", "2.2.2.2", 4, packet);
    assertHello(LinkType.RAW, packet);
    Rig rig = seen(LinkType.RAW, ipv4("1.1.1.1", "2.2.2.2", 4, packet));
    assertThat(rig.seen.datagrams).isEmpty();
    assertThat(rig.booked(LedgerCode.UNSUPPORTED_TRANSPORT)).isEqualTo(V4.length);
  }

  @Test
  void extensionHeaders() {
    byte[] destination = join(new byte[] {17, 1}, new byte[14], DATAGRAM);
    byte[] routing = join(new byte[] {60, 0}, new byte[6], destination);
    byte[] hopByHop = join(new byte[] {43, 0}, new byte[6], routing);
    assertHello(LinkType.RAW, ipv6("2001:db8::1", "2001:db8::2", 0, hopByHop));
    byte[] authentication = join(new byte[] {17, 4}, new byte[22], DATAGRAM);
    assertHello(LinkType.RAW, ipv6("2001:db8::1", "2001:db8::2", 51, authentication));
    byte[] atomicFragment = join(new byte[] {17, 0, 0, 0, 0, 0, 0, 1}, DATAGRAM);
    assertHello(LinkType.RAW, ipv6("2001:db8::1", "2001:db8::2", 44, atomicFragment));
  }

  @Test
  void lengthZeroMeansTheRestOfTheFrame() {
    byte[] payload = new byte[100_000];
    byte[] segment = tcp(40_000, 80, 1, 1, ACK, payload);
    Rig v4 = seen(LinkType.ETHERNET, ethernet(ipv4(Rig.A, Rig.B, 6, 0, 0, 0, segment)));
    assertThat(v4.seen.only().delivered).isEqualTo(100_000);
    Rig v6 = seen(LinkType.ETHERNET, ethernet(ipv6("2001:db8::1", "2001:db8::2", 6, 0, segment)));
    assertThat(v6.seen.only().delivered).isEqualTo(100_000);
    byte[] jumbo = join(new byte[] {6, 0, (byte) 0xc2, 4}, i32(8 + segment.length), segment);
    Rig big = seen(LinkType.ETHERNET, ethernet(ipv6("2001:db8::1", "2001:db8::2", 0, 0, jumbo)));
    assertThat(big.seen.only().delivered).isEqualTo(100_000);
  }

  @Test
  void whatEachByteIsBookedOn() {
    Rig rig = new Rig();
    rig.frame(join(ethernet(V4), new byte[6]));
    assertThat(rig.booked(LedgerCode.PADDING)).isEqualTo(6);
    rig.frame(ethernet(0x0806, new byte[28]));
    assertThat(rig.booked(LedgerCode.NOT_IP)).isEqualTo(42);
    rig.frame(ethernet(ipv4(Rig.A, Rig.B, 1, new byte[32])));
    assertThat(rig.booked(LedgerCode.UNSUPPORTED_TRANSPORT)).isEqualTo(32);
    rig.frame(ethernet(ipv4(Rig.A, Rig.B, 17, 0, 0, 1500, DATAGRAM)));
    assertThat(rig.booked(LedgerCode.MALFORMED_PACKET)).isEqualTo(14 + V4.length);
    rig.frame(LinkType.ETHERNET, slice(ethernet(V4), 0, 30), 14 + V4.length);
    assertThat(rig.booked(LedgerCode.SNAPLEN)).isEqualTo(14 + V4.length - 30);
    rig.frame(LinkType.ETHERNET, slice(ethernet(V4), 0, 44), 14 + V4.length);
    assertThat(rig.seen.datagrams).containsExactly("0:hello", "0:he");
    rig.flush();
  }

  @Test
  void fragmentsInAnyOrderWithOverlap() {
    Random random = new Random(5);
    for (int round = 0; round < 300; round++) {
      byte[] payload = new byte[200 + random.nextInt(4000)];
      for (int i = 0; i < payload.length; i++) payload[i] = (byte) ('a' + random.nextInt(26));
      byte[] packet = udp(1000, 53, payload);
      List<byte[]> fragments = new ArrayList<>(fragments(Rig.A, Rig.B, 17, round, 8 * (8 + random.nextInt(60)), packet));
      int whole = fragments.size();
      for (int i = 0; i < 3; i++) { // the same bytes again, cut elsewhere
        int from = 8 * random.nextInt(packet.length / 8);
        int length = Math.min(8 * (1 + random.nextInt(20)), packet.length - from);
        int more = from + length < packet.length ? 0x2000 : 0;
        if (more == 0 || length % 8 == 0) {
          fragments.add(random.nextInt(whole), ipv4(Rig.A, Rig.B, 17, round, more | from / 8, 20 + length, slice(packet, from, length)));
        }
      }
      Collections.shuffle(fragments, random);
      Rig rig = new Rig();
      for (byte[] fragment : fragments) rig.frame(ethernet(fragment));
      assertThat(rig.seen.datagrams).as("round %d", round).contains("0:" + new String(payload));
      rig.flush();
    }
  }

  @Test
  void ipv6Fragments() {
    byte[] packet = udp(1000, 53, "a long enough answer".getBytes());
    byte[] first = join(new byte[] {17, 0, 0, 1, 0, 0, 0, 9}, slice(packet, 0, 16));
    byte[] last = join(new byte[] {17, 0, 0, 16, 0, 0, 0, 9}, slice(packet, 16, packet.length - 16));
    Rig rig = new Rig();
    rig.frame(LinkType.RAW, ipv6("2001:db8::1", "2001:db8::2", 44, last), 48 + last.length - 8);
    assertThat(rig.reassembler.pendingBytes()).isEqualTo(40 + last.length);
    rig.frame(LinkType.RAW, ipv6("2001:db8::1", "2001:db8::2", 44, first), 40 + first.length);
    assertThat(rig.seen.datagrams).containsExactly("0:a long enough answer");
    assertThat(rig.reassembler.pendingBytes()).isZero();
  }

  @Test
  void fragmentsWithoutTheRest() {
    Rig rig = new Rig();
    List<byte[]> fragments = fragments(Rig.A, Rig.B, 17, 1, 16, udp(1000, 53, "a long enough answer".getBytes()));
    rig.frame(ethernet(fragments.get(0))).pass(31);
    assertThat(rig.booked(LedgerCode.FRAGMENT_INCOMPLETE)).isEqualTo(16);
    assertThat(rig.reassembler.fragmentsIncomplete()).isEqualTo(1);
    assertThat(rig.reassembler.pendingBytes()).isZero();
  }

  @Test
  void fragmentFloodStaysWithinItsBudget() {
    Rig rig = new Rig(ReassemblyLimits.DEFAULT.withFragmentBytes(100_000));
    for (int i = 0; i < 500; i++) rig.frame(ethernet(ipv4(Rig.A, Rig.B, 17, i, 0x2000, 20 + 1480, new byte[1480])));
    assertThat(rig.reassembler.pendingBytes()).isLessThan(100_000);
    assertThat(rig.reassembler.fragmentsIncomplete()).isPositive();
    rig.flush();
  }

  /** Any bytes at all: nothing thrown, every byte on an account. */
  @Test
  void damagedFrames() {
    byte[][] frames = {
      ethernet(V4), ethernet(V6), ethernet(ipv4("1.1.1.1", "2.2.2.2", 17, vxlan(ethernet(V4)))),
      ethernet(ipv4("1.1.1.1", "2.2.2.2", 47, gre(0xb000, 0x86dd, V6))), Rig.clientFrame(100, 0, SYN, ""), Rig.serverFrame(500, 101, ACK, "data"),
      ethernet(ipv4(Rig.A, Rig.B, 17, 7, 0x2000, 20 + 16, new byte[16]))};
    for (long seed = 0; seed < 4_000; seed++) {
      Random random = new Random(seed);
      Rig rig = new Rig();
      try {
        for (int i = 0; i < 4; i++) {
          byte[] frame = frames[random.nextInt(frames.length)].clone();
          for (int j = random.nextInt(4); j > 0; j--) frame[random.nextInt(frame.length)] = (byte) random.nextInt();
          int captured = random.nextInt(3) == 0 ? random.nextInt(frame.length + 1) : frame.length;
          rig.frame(LinkType.ETHERNET, slice(frame, 0, captured), random.nextBoolean() ? frame.length : captured);
        }
        rig.flush();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed + ": " + e, e);
      }
    }
  }
}
