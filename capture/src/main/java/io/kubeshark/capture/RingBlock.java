package io.kubeshark.capture;

import io.kubeshark.core.LinkType;
import io.kubeshark.core.PacketHandler;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A copy of one block of a TPACKET_V3 ring (linux/if_packet.h), reused for every block.
 *
 * <pre>
 *   block    0 version   4 offset of private area   8 status (bit 0: ours)   12 packets   16 first packet   20 bytes used   24 sequence …
 *   packet   0 next, from here   4 seconds   8 nanoseconds   12 captured   16 on the wire   20 status   24 u16 link header   26 u16 network header
 *           28 hash   32 802.1Q tag   36 u16 its protocol
 *           48 sockaddr_ll: u16 family   50 u16 protocol (network order)   52 interface   56 u16 hardware type   58 u8 packet type
 * </pre>
 */
final class RingBlock {
  static final int STATUS = 8;
  static final int PACKET_COUNT = 12;
  static final int BYTES_USED = 20;
  /** Frames of interfaces that are neither Ethernet nor carry IP (LINKTYPE_USER0: nobody reads it). */
  static final int LINK_UNKNOWN = 147;
  private static final int FIRST_PACKET = 16;
  private static final int STATUS_VLAN_VALID = 1 << 4;
  private static final int ETHERTYPE_IPV4_SWAPPED = 0x0008;
  private static final int ETHERTYPE_IPV6_SWAPPED = 0xdd86;
  private static final VarHandle LE16 = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LE32 = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  final byte[] array;
  long packets;
  long wireBytes;
  long unsupportedLinkPackets;

  RingBlock(int capacityBytes) {
    this.array = new byte[capacityBytes];
  }

  /** Hands over the packets of the block that lies in the array. @return how many */
  int deliver(PacketHandler handler) {
    int count = i32(PACKET_COUNT);
    int at = i32(FIRST_PACKET);
    for (int i = 0; i < count; i++) {
      deliver(at, handler);
      at += i32(at);
    }
    packets += count;
    return count;
  }

  private void deliver(int at, PacketHandler handler) {
    int begin = u16(at + 24);
    int captured = i32(at + 12);
    int wire = i32(at + 16);
    int linkType = LinkType.ETHERNET;
    int hardwareType = u16(at + 56);
    wireBytes += wire;
    if (hardwareType != RingFilter.ARPHRD_ETHER && hardwareType != RingFilter.ARPHRD_LOOPBACK) {
      // Tunnels, PPP and the like: the kernel knows where the network packet begins, and their own headers come in too many kinds.
      int protocol = u16(at + 50);
      int linkHeader = u16(at + 26) - begin;
      boolean ip = protocol == ETHERTYPE_IPV4_SWAPPED || protocol == ETHERTYPE_IPV6_SWAPPED;
      linkType = ip && linkHeader >= 0 && linkHeader <= captured ? LinkType.RAW : LINK_UNKNOWN;
      if (linkType == LinkType.RAW) {
        begin += linkHeader;
        captured -= linkHeader;
        wire -= linkHeader;
      } else {
        unsupportedLinkPackets++;
      }
    }
    long timeNs = (i32(at + 4) & 0xffffffffL) * 1_000_000_000L + i32(at + 8);
    int vlan = (i32(at + 20) & STATUS_VLAN_VALID) != 0 ? i32(at + 32) & 0xffff : -1;
    int flags = array[at + 58] == RingFilter.PACKET_OUTGOING ? PacketHandler.FLAG_OUTGOING : 0;
    handler.onPacket(array, at + begin, captured, wire, timeNs, linkType, i32(at + 52), vlan, flags);
  }

  private int u16(int at) {
    return (short) LE16.get(array, at) & 0xffff;
  }

  private int i32(int at) {
    return (int) LE32.get(array, at);
  }
}
