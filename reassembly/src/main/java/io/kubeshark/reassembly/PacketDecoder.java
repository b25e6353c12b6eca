package io.kubeshark.reassembly;

import io.kubeshark.core.IpAddress;

/**
 * From a frame to a transport payload: link, IPv4 (RFC 791), IPv6 and its extension headers (RFC 8200), fragments, tunnels, TCP, UDP.
 *
 * <p>Lengths: what IP says counts, what the frame holds beyond it is padding, what is missing was cut by the capture. A length of 0 means
 * "the rest of the frame": segmentation offload hands over packets of more than 64 KiB so (BIG TCP; RFC 2675 jumbograms likewise).
 * Checksums are not judged: with offload they are not computed yet when a packet is captured.
 */
final class PacketDecoder {
  /** Tunnels in tunnels that are opened. */
  static final int TUNNEL_DEPTH_MAX = 4;
  static final int EXTENSION_HEADERS_MAX = 8;

  private static final int TCP = 6;
  private static final int UDP = 17;

  private final FragmentTable fragments;
  /** EtherType of what comes next, when a step says AGAIN. */
  private int type;

  PacketDecoder(FragmentTable fragments) {
    this.fragments = fragments;
  }

  Verdict decode(Packet p) {
    type = LinkDecoder.decode(p);
    while (true) {
      Verdict verdict = switch (type) {
        case LinkDecoder.IPV4 -> ipv4(p);
        case LinkDecoder.IPV6 -> ipv6(p);
        case LinkDecoder.CUT -> p.end < p.wireEnd ? Verdict.CUT : Verdict.MALFORMED;
        default -> Verdict.NOT_IP;
      };
      if (verdict != Verdict.AGAIN) return verdict;
    }
  }

  /** A header does not fit: because the capture cut it, or because its packet is too short for it. */
  private static Verdict tooShort(Packet p, int headerLength) {
    return p.at + headerLength <= p.wireEnd ? Verdict.CUT : Verdict.MALFORMED;
  }

  private Verdict ipv4(Packet p) {
    if (!p.has(20)) return tooShort(p, 20);
    int first = p.u8(0);
    int headerLength = (first & 15) << 2;
    if (first >>> 4 != 4 || headerLength < 20) return Verdict.MALFORMED;
    int totalLength = p.u16(2);
    int available = p.wireEnd - p.at;
    if (totalLength == 0) totalLength = available;
    if (totalLength < headerLength || totalLength > available) return Verdict.MALFORMED;
    if (totalLength < available) p.limit(totalLength);
    if (p.end - p.at < headerLength) return Verdict.CUT;
    p.ipv6 = false;
    p.srcHigh = 0;
    p.dstHigh = 0;
    p.srcLow = IpAddress.V4_MAPPED_LOW_PREFIX | p.i32(12) & 0xffffffffL;
    p.dstLow = IpAddress.V4_MAPPED_LOW_PREFIX | p.i32(16) & 0xffffffffL;
    int protocol = p.u8(9);
    int fragment = p.u16(6);
    if ((fragment & 0x3fff) != 0) {
      int id = p.u16(4);
      p.at += headerLength;
      protocol = fragments.add(p, id, protocol, (fragment & 0x1fff) << 3, (fragment & 0x2000) != 0);
      return protocol < 0 ? fragments.verdict() : transport(p, protocol);
    }
    p.at += headerLength;
    return transport(p, protocol);
  }

  private Verdict ipv6(Packet p) {
    if (!p.has(40)) return tooShort(p, 40);
    if (p.u8(0) >>> 4 != 6) return Verdict.MALFORMED;
    int payloadLength = p.u16(4);
    int available = p.wireEnd - p.at - 40;
    if (payloadLength > available) return Verdict.MALFORMED;
    if (payloadLength != 0 && payloadLength < available) p.limit(40 + payloadLength);
    p.ipv6 = true;
    p.srcHigh = p.i64(8);
    p.srcLow = p.i64(16);
    p.dstHigh = p.i64(24);
    p.dstLow = p.i64(32);
    int protocol = p.u8(6);
    p.at += 40;
    return transport(p, protocol);
  }

  private Verdict transport(Packet p, int firstProtocol) {
    int protocol = firstProtocol;
    for (int i = 0; i <= EXTENSION_HEADERS_MAX; i++) {
      int length;
      switch (protocol) {
        case TCP:
          return tcp(p);
        case UDP:
          return udp(p);
        case 4:
          return tunnel(p, LinkDecoder.IPV4);
        case 41:
          return tunnel(p, LinkDecoder.IPV6);
        case 47:
          return gre(p);
        case 0, 43, 60: // hop-by-hop, routing, destination options: length in units of 8, the first not counted
          if (!p.has(8)) return tooShort(p, 8);
          length = 8 + (p.u8(1) << 3);
          break;
        case 51: // authentication header (RFC 4302): length in units of 4, less 2
          if (!p.has(8)) return tooShort(p, 8);
          length = p.u8(1) + 2 << 2;
          break;
        case 44:
          if (!p.has(8)) return tooShort(p, 8);
          int offsetAndMore = p.u16(2);
          int id = p.i32(4);
          int next = p.u8(0);
          p.at += 8;
          if ((offsetAndMore & 0xfff9) != 0) {
            next = fragments.add(p, id, next, offsetAndMore & 0xfff8, (offsetAndMore & 1) != 0);
            if (next < 0) return fragments.verdict();
          }
          protocol = next;
          continue;
        default:
          p.payload();
          return Verdict.OTHER_TRANSPORT;
      }
      if (!p.has(length)) return tooShort(p, length);
      protocol = p.u8(0);
      p.at += length;
    }
    return Verdict.MALFORMED;
  }

  /** One level deeper, if that is allowed. */
  private Verdict tunnel(Packet p, int innerType) {
    if (p.depth == TUNNEL_DEPTH_MAX) {
      p.payload();
      return Verdict.OTHER_TRANSPORT;
    }
    p.depth++;
    type = innerType;
    return Verdict.AGAIN;
  }

  private Verdict ethernetTunnel(Packet p) {
    Verdict verdict = tunnel(p, 0);
    if (verdict == Verdict.AGAIN) type = LinkDecoder.ethernet(p);
    return verdict;
  }

  /** GRE (RFC 2784, 2890), NVGRE (RFC 7637: Ethernet with a key), ERSPAN (draft-foschiano-erspan). */
  private Verdict gre(Packet p) {
    if (!p.has(4)) return tooShort(p, 4);
    int flags = p.u16(0);
    int protocol = p.u16(2);
    int length = 4 + ((flags & 0x8000) != 0 ? 4 : 0) + ((flags & 0x2000) != 0 ? 4 : 0) + ((flags & 0x1000) != 0 ? 4 : 0);
    boolean sequenced = (flags & 0x1000) != 0;
    int spanLength = switch (protocol) {
      case 0x88be -> sequenced ? 8 : 0; // type II, type I
      case 0x22eb -> 12;
      default -> 0;
    };
    boolean known = protocol == LinkDecoder.IPV4 || protocol == LinkDecoder.IPV6 || protocol == 0x6558 || protocol == 0x88be || protocol == 0x22eb;
    if ((flags & 0x4007) != 0 || !known) { // source routes, PPTP's version 1
      p.payload();
      return Verdict.OTHER_TRANSPORT;
    }
    if (!p.has(length + spanLength)) return tooShort(p, length + spanLength);
    if (protocol == 0x22eb && (p.u8(length + 11) & 1) != 0) spanLength += 8; // platform-specific subheader
    if (!p.has(length + spanLength)) return tooShort(p, length + spanLength);
    p.at += length + spanLength;
    return protocol == LinkDecoder.IPV4 || protocol == LinkDecoder.IPV6 ? tunnel(p, protocol) : ethernetTunnel(p);
  }

  private Verdict udp(Packet p) {
    if (!p.has(8)) return tooShort(p, 8);
    int length = p.u16(4);
    int available = p.wireEnd - p.at;
    if (length == 0) length = available; // jumbogram
    if (length < 8 || length > available) return Verdict.MALFORMED;
    if (length < available) p.limit(length);
    p.srcPort = p.u16(0);
    p.dstPort = p.u16(2);
    p.at += 8;
    if (p.depth < TUNNEL_DEPTH_MAX) {
      if ((p.dstPort == 4789 || p.dstPort == 8472) && isVxlan(p)) {
        p.at += 8;
        return ethernetTunnel(p);
      }
      if (p.dstPort == 6081 && isGeneve(p)) {
        int inner = p.u16(2);
        p.at += 8 + ((p.u8(0) & 0x3f) << 2);
        return inner == 0x6558 ? ethernetTunnel(p) : tunnel(p, inner);
      }
    }
    p.payload();
    return Verdict.UDP;
  }

  /** RFC 7348 section 5: flags 0x08, everything else but the network identifier reserved as 0; group policy sets more flags. */
  private static boolean isVxlan(Packet p) {
    return p.has(8 + 14) && (p.u8(0) & 0x08) != 0 && (p.u8(7) == 0);
  }

  /** RFC 8926 section 3.4. */
  private static boolean isGeneve(Packet p) {
    if (!p.has(8) || p.u8(0) >>> 6 != 0 || !p.has(8 + ((p.u8(0) & 0x3f) << 2))) return false;
    int inner = p.u16(2);
    return inner == 0x6558 || inner == LinkDecoder.IPV4 || inner == LinkDecoder.IPV6;
  }

  /**
   * RFC 9293 section 3.1.
   *
   * <pre>
   * 0 source port (2) 2 destination port (2) 4 sequence (4) 8 acknowledgment (4)
   * 12 data offset (4 bits) 13 flags 14 window (2) 16 checksum (2) 18 urgent (2) 20 options
   * </pre>
   */
  private static Verdict tcp(Packet p) {
    if (!p.has(20)) return tooShort(p, 20);
    int headerLength = p.u8(12) >>> 4 << 2;
    if (headerLength < 20 || headerLength > p.wireEnd - p.at) return Verdict.MALFORMED;
    p.srcPort = p.u16(0);
    p.dstPort = p.u16(2);
    p.sequence = p.i32(4);
    p.acknowledgment = p.i32(8);
    p.tcpFlags = p.u8(13);
    p.window = p.u16(14);
    p.windowShift = -1;
    if ((p.tcpFlags & Packet.SYN) != 0) options(p, Math.min(p.end, p.at + headerLength));
    p.at += headerLength;
    p.payload();
    return Verdict.TCP;
  }

  private static void options(Packet p, int optionsEnd) {
    for (int i = p.at + 20; i < optionsEnd; ) {
      int kind = p.array[i];
      if (kind == 0) return;
      if (kind == 1) {
        i++;
        continue;
      }
      int length = i + 1 < optionsEnd ? p.array[i + 1] & 0xff : 0;
      if (length < 2 || i + length > optionsEnd) return;
      if (kind == 3 && length == 3) p.windowShift = Math.min(14, p.array[i + 2] & 0xff); // RFC 7323 section 2.3
      i += length;
    }
  }
}
