package io.kubeshark.worker;

import java.net.InetAddress;
import java.nio.ByteBuffer;

/** Frames as interfaces show them. */
final class TestFrame {
  private TestFrame() {}

  static final int TCP = 6;
  static final int UDP = 17;

  /** Ethernet, IP, the ports, some payload. Both addresses of one family. */
  static byte[] of(String src, int srcPort, String dst, int dstPort, int protocol, int payload) {
    return of(src, dst, protocol, -1, 0, false, ports(srcPort, dstPort, payload));
  }

  /** One fragment. @param offset in bytes, a multiple of 8 */
  static byte[] fragment(String src, String dst, int id, int offset, boolean more, byte[] content) {
    return of(src, dst, UDP, offset, id, more, content);
  }

  static byte[] ports(int srcPort, int dstPort, int payload) {
    return ByteBuffer.allocate(20 + payload).putShort((short) srcPort).putShort((short) dstPort).array();
  }

  private static byte[] of(String src, String dst, int protocol, int fragmentOffset, int id, boolean more, byte[] content) {
    byte[] from = InetAddress.ofLiteral(src).getAddress();
    byte[] to = InetAddress.ofLiteral(dst).getAddress();
    boolean ipv6 = from.length == 16;
    boolean fragmented = fragmentOffset >= 0;
    ByteBuffer out = ByteBuffer.allocate(14 + (ipv6 ? fragmented ? 48 : 40 : 20) + content.length);
    out.position(12).putShort((short) (ipv6 ? 0x86dd : 0x0800));
    if (ipv6) {
      out.putInt(0x60000000).putShort((short) (content.length + (fragmented ? 8 : 0))).put((byte) (fragmented ? 44 : protocol)).put((byte) 64).put(from).put(to);
      if (fragmented) out.put((byte) protocol).put((byte) 0).putShort((short) (fragmentOffset | (more ? 1 : 0))).putInt(id);
    } else {
      out.put((byte) 0x45).put((byte) 0).putShort((short) (20 + content.length)).putShort((short) id)
          .putShort((short) (fragmented ? fragmentOffset >> 3 | (more ? 0x2000 : 0) : 0)).put((byte) 64).put((byte) protocol).putShort((short) 0).put(from).put(to);
    }
    return out.put(content).array();
  }

  /** The same with an 802.1Q tag. */
  static byte[] tagged(byte[] frame, int vlan) {
    return ByteBuffer.allocate(frame.length + 4).put(frame, 0, 12).putShort((short) 0x8100).putShort((short) vlan).put(frame, 12, frame.length - 12).array();
  }
}
