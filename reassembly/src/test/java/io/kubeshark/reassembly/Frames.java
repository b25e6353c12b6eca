package io.kubeshark.reassembly;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Builds frames from the inside out: {@code ethernet(ipv4("10.0.0.1", "10.0.0.2", 6, tcp(…)))}. Checksums are 0, as offload leaves them.
 */
final class Frames {
  private Frames() {}

  static final int FIN = 1;
  static final int SYN = 2;
  static final int RST = 4;
  static final int PSH = 8;
  static final int ACK = 16;
  static final byte[] NOTHING = {};

  static byte[] ethernet(int type, byte[] payload) {
    return join(new byte[] {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1}, u16(type), payload);
  }

  /** Ethernet around an IP packet of either version. */
  static byte[] ethernet(byte[] ip) {
    return ethernet(etherType(ip), ip);
  }

  static byte[] vlan(int tagType, int control, int type, byte[] payload) {
    return ethernet(tagType, join(u16(control), u16(type), payload));
  }

  static int etherType(byte[] ip) {
    return ip[0] >>> 4 == 4 ? 0x0800 : 0x86dd;
  }

  static byte[] ipv4(String src, String dst, int protocol, byte[] payload) {
    return ipv4(src, dst, protocol, 0, 0, 20 + payload.length, payload);
  }

  /** @param fragment flags and offset as in the header, in units of 8 bytes */
  static byte[] ipv4(String src, String dst, int protocol, int id, int fragment, int totalLength, byte[] payload) {
    return join(new byte[] {0x45, 0}, u16(totalLength), u16(id), u16(fragment), new byte[] {64, (byte) protocol, 0, 0}, address(src), address(dst), payload);
  }

  static byte[] ipv6(String src, String dst, int next, byte[] payload) {
    return ipv6(src, dst, next, payload.length, payload);
  }

  static byte[] ipv6(String src, String dst, int next, int payloadLength, byte[] payload) {
    return join(new byte[] {0x60, 0, 0, 0}, u16(payloadLength), new byte[] {(byte) next, 64}, address(src), address(dst), payload);
  }

  static byte[] tcp(int srcPort, int dstPort, int sequence, int acknowledgment, int flags, int window, byte[] options, byte[] payload) {
    int headerLength = 20 + options.length;
    return join(u16(srcPort), u16(dstPort), i32(sequence), i32(acknowledgment), new byte[] {(byte) (headerLength << 2), (byte) flags},
        u16(window), new byte[4], options, payload);
  }

  static byte[] tcp(int srcPort, int dstPort, int sequence, int acknowledgment, int flags, byte[] payload) {
    return tcp(srcPort, dstPort, sequence, acknowledgment, flags, 64240, NOTHING, payload);
  }

  static byte[] udp(int srcPort, int dstPort, byte[] payload) {
    return join(u16(srcPort), u16(dstPort), u16(8 + payload.length), new byte[2], payload);
  }

  static byte[] vxlan(byte[] frame) {
    return udp(50_000, 4789, join(new byte[] {8, 0, 0, 0, 0, 0, 42, 0}, frame));
  }

  static byte[] geneve(int innerType, byte[] options, byte[] inner) {
    return udp(50_000, 6081, join(new byte[] {(byte) (options.length / 4), 0}, u16(innerType), new byte[4], options, inner));
  }

  /** @param flags checksum 0x8000, key 0x2000, sequence 0x1000: each adds 4 bytes */
  static byte[] gre(int flags, int innerType, byte[] inner) {
    return join(u16(flags), u16(innerType), new byte[4 * Integer.bitCount(flags & 0xb000)], inner);
  }

  /** The fragments of an IPv4 packet with this payload, in order; {@code size} must be a multiple of 8. */
  static List<byte[]> fragments(String src, String dst, int protocol, int id, int size, byte[] payload) {
    List<byte[]> fragments = new ArrayList<>();
    for (int offset = 0; offset < payload.length; offset += size) {
      byte[] part = slice(payload, offset, Math.min(size, payload.length - offset));
      int more = offset + part.length < payload.length ? 0x2000 : 0;
      fragments.add(ipv4(src, dst, protocol, id, more | offset / 8, 20 + part.length, part));
    }
    return fragments;
  }

  static byte[] slice(byte[] bytes, int offset, int length) {
    return java.util.Arrays.copyOfRange(bytes, offset, offset + length);
  }

  static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) out.writeBytes(part);
    return out.toByteArray();
  }

  static byte[] u16(int value) {
    return new byte[] {(byte) (value >>> 8), (byte) value};
  }

  static byte[] i32(int value) {
    return ByteBuffer.allocate(4).putInt(value).array();
  }

  static byte[] address(String text) {
    try {
      return InetAddress.getByName(text).getAddress();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("not an address: " + text, e);
    }
  }
}
