package io.kubeshark.reassembly;

import io.kubeshark.core.LinkType;

/**
 * Link headers: leaves the packet at its network header and returns the EtherType, or one of the negative codes.
 *
 * <pre>
 * Ethernet  0 destination (6) 6 source (6) 12 type (2)       802.1Q/ad tag: 0x8100, 0x88a8, 0x9100 + control (2), then the type again
 * SLL       0 packet type (2) 2 ARPHRD (2) 4 length (2) 6 address (8) 14 protocol (2)                   tcpdump.org LINKTYPE_LINUX_SLL
 * SLL2      0 protocol (2) 2 zero (2) 4 interface (4) 8 ARPHRD (2) 10 packet type (1) 11 length (1) 12 address (8)     LINKTYPE_LINUX_SLL2
 * NULL      0 address family (4), byte order of the capturing machine; LOOP the same in network order
 * </pre>
 */
final class LinkDecoder {
  private LinkDecoder() {}

  static final int IPV4 = 0x0800;
  static final int IPV6 = 0x86dd;
  static final int CUT = -1;
  static final int UNKNOWN = -2;

  /** Tags that are read before a frame is taken for something else. */
  static final int VLAN_TAGS_MAX = 4;

  static int decode(Packet p) {
    return switch (p.linkType) {
      case LinkType.ETHERNET -> ethernet(p);
      case LinkType.LINUX_SLL -> cooked(p);
      case LinkType.LINUX_SLL2 -> cooked2(p);
      case LinkType.RAW, LinkType.RAW_BSD, LinkType.RAW_OPENBSD, LinkType.IPV4, LinkType.IPV6 -> raw(p);
      case LinkType.NULL, LinkType.LOOP -> loopback(p);
      default -> UNKNOWN;
    };
  }

  static int ethernet(Packet p) {
    if (!p.has(14)) return CUT;
    int type = p.u16(12);
    p.at += 14;
    return isTag(type) ? tags(p, type) : type;
  }

  private static boolean isTag(int type) {
    return type == 0x8100 || type == 0x88a8 || type == 0x9100;
  }

  private static int tags(Packet p, int first) {
    int type = first;
    for (int i = 0; i < VLAN_TAGS_MAX && isTag(type); i++) {
      if (!p.has(4)) return CUT;
      // The outermost tag names the network; the kernel's argument, if any, was outermost.
      if (p.vlan == 0 && p.depth == 0) p.vlan = p.u16(0) & 0xfff;
      type = p.u16(2);
      p.at += 4;
    }
    return isTag(type) ? UNKNOWN : type;
  }

  private static int cooked(Packet p) {
    if (!p.has(16)) return CUT;
    int type = p.u16(14);
    p.at += 16;
    return isTag(type) ? tags(p, type) : type;
  }

  private static int cooked2(Packet p) {
    if (!p.has(20)) return CUT;
    int type = p.u16(0);
    p.interfaceIndex = p.i32(4);
    p.at += 20;
    return isTag(type) ? tags(p, type) : type;
  }

  private static int raw(Packet p) {
    if (!p.has(1)) return CUT;
    return switch (p.u8(0) >>> 4) {
      case 4 -> IPV4;
      case 6 -> IPV6;
      default -> UNKNOWN;
    };
  }

  private static int loopback(Packet p) {
    if (!p.has(4)) return CUT;
    int family = p.i32(0);
    if ((family & 0xffff) == 0) family = Integer.reverseBytes(family);
    p.at += 4;
    return switch (family) {
      case 2 -> IPV4;
      case 10, 24, 28, 30 -> IPV6; // Linux; NetBSD and OpenBSD; FreeBSD; macOS
      default -> UNKNOWN;
    };
  }
}
