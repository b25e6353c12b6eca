package io.kubeshark.render;

import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntryView;
import io.kubeshark.core.LinkType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One line and the header boundaries of a packet, for the packet list. Reads the packets of one connection in their order, so that TCP
 * sequence numbers can be shown relative to the first, as Wireshark does. What is cut or odd ends the reading; nothing throws.
 */
public final class PacketSummary {
  private static final int ETHER_IPV4 = 0x0800;
  private static final int ETHER_IPV6 = 0x86dd;
  private static final int ETHER_VLAN = 0x8100;
  private static final int ETHER_QINQ = 0x88a8;
  private static final int VLANS_MAX = 2;
  private static final int EXTENSIONS_MAX = 8;
  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final String[] FLAGS = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};

  /** @param offset from the packet's first byte */
  public record Layer(String name, int offset, int length) {}

  private final byte[] clientIp = new byte[16];
  private final int clientPort;
  private final boolean clientKnown;
  /** Sequence numbers that are shown as 0, by side; set once their side has spoken or been acknowledged. */
  private final long[] base = {-1, -1};

  private final List<Layer> layers = new ArrayList<>();
  private final StringBuilder text = new StringBuilder();
  private byte[] array;
  private int start;
  private int end;
  private int wireLength;
  private int packetEnd;
  private boolean fromClient;

  /** @param connection says who the client is; null: the end numbered 0 */
  public PacketSummary(EntryView connection) {
    clientKnown = connection != null;
    clientPort = clientKnown ? connection.srcPort() : -1;
    if (clientKnown) System.arraycopy(connection.array(), connection.offset() + EntryLayout.SRC_IP, clientIp, 0, 16);
  }

  public String text() {
    return text.toString();
  }

  public List<Layer> layers() {
    return List.copyOf(layers);
  }

  public boolean fromClient() {
    return fromClient;
  }

  /** @param sender 0 or 1, as capture numbered the ends: used where addresses cannot tell */
  public void read(byte[] packet, int offset, int capturedLength, int wireLength, int linkType, int sender) {
    array = packet;
    start = offset;
    end = offset + capturedLength;
    packetEnd = end;
    this.wireLength = wireLength;
    fromClient = sender == 0;
    layers.clear();
    text.setLength(0);
    switch (linkType) {
      case LinkType.ETHERNET -> ethernet();
      case LinkType.NULL, LinkType.LOOP -> loopback();
      case LinkType.LINUX_SLL -> network("Linux cooked capture", 16, u16(start + 14));
      case LinkType.LINUX_SLL2 -> network("Linux cooked capture v2", 20, u16(start));
      case LinkType.RAW, LinkType.RAW_BSD, LinkType.RAW_OPENBSD, LinkType.IPV4, LinkType.IPV6 -> ip(start);
      default -> text.append("link type ").append(linkType);
    }
    if (text.isEmpty()) text.append("cut to ").append(capturedLength).append(" of ").append(wireLength).append(" bytes");
    array = null;
  }

  private int u8(int at) {
    return at < end ? array[at] & 0xff : 0;
  }

  private int u16(int at) {
    return u8(at) << 8 | u8(at + 1);
  }

  private long u32(int at) {
    return (long) u16(at) << 16 | u16(at + 2);
  }

  private void layer(String name, int at, int length) {
    layers.add(new Layer(name, at - start, Math.max(0, Math.min(length, end - at))));
  }

  private void ethernet() {
    int at = start + 12;
    int type = u16(at);
    layer("Ethernet", start, 14);
    at += 2;
    for (int i = 0; i < VLANS_MAX && (type == ETHER_VLAN || type == ETHER_QINQ); i++) {
      layer("802.1Q", at, 4);
      type = u16(at + 2);
      at += 4;
    }
    payload(type, at);
  }

  private void network(String name, int length, int etherType) {
    layer(name, start, length);
    payload(etherType, start + length);
  }

  private void payload(int etherType, int at) {
    if (etherType == ETHER_IPV4 || etherType == ETHER_IPV6) ip(at);
    else if (at <= end) text.append("EtherType 0x").append(Integer.toHexString(etherType));
  }

  private void loopback() {
    layer("Loopback", start, 4);
    ip(start + 4);
  }

  private void ip(int at) {
    int version = u8(at) >>> 4;
    if (version == 4 && at + 20 <= end) ipv4(at);
    else if (version == 6 && at + 40 <= end) ipv6(at);
    else if (at < end) text.append("IP version ").append(version).append(", ").append(wireLength).append(" bytes");
  }

  private void ipv4(int at) {
    int headerLength = Math.max(20, (u8(at) & 15) * 4);
    int totalLength = u16(at + 2);
    layer("IPv4", at, headerLength);
    byte[] source = mapped(at + 12);
    int fragmentOffset = (u16(at + 6) & 0x1fff) * 8;
    packetEnd = totalLength < headerLength ? end : Math.min(end, at + totalLength); // 0: segmentation offload
    long payloadLength = totalLength < headerLength ? wireLength - (at - start) - headerLength : totalLength - headerLength;
    if (fragmentOffset > 0) {
      text.append("IPv4 fragment at ").append(fragmentOffset).append(", protocol ").append(u8(at + 9));
      sender(source, -1);
      return;
    }
    transport(u8(at + 9), at + headerLength, payloadLength, source);
  }

  private byte[] mapped(int at) {
    byte[] ip = new byte[16];
    ip[10] = ip[11] = -1;
    System.arraycopy(array, at, ip, 12, 4);
    return ip;
  }

  private void ipv6(int at) {
    layer("IPv6", at, 40);
    int payload = u16(at + 4);
    packetEnd = payload == 0 ? end : Math.min(end, at + 40 + payload);
    byte[] source = Arrays.copyOfRange(array, at + 8, at + 24);
    int next = u8(at + 6);
    int p = at + 40;
    for (int i = 0; i < EXTENSIONS_MAX && p + 8 <= end; i++) {
      if (next != 0 && next != 43 && next != 44 && next != 60) break;
      int length = next == 44 ? 8 : 8 + u8(p + 1) * 8;
      layer(next == 44 ? "IPv6 fragment" : "IPv6 extension", p, length);
      if (next == 44 && (u16(p + 2) & 0xfff8) != 0) {
        text.append("IPv6 fragment at ").append(u16(p + 2) & 0xfff8);
        sender(source, -1);
        return;
      }
      next = u8(p);
      p += length;
    }
    long payloadLength = payload == 0 ? wireLength - (p - start) : payload - (p - at - 40);
    transport(next, p, payloadLength, source);
  }

  private void transport(int protocol, int at, long length, byte[] source) {
    if (protocol == TCP && at + 20 <= end) tcp(at, length, source);
    else if (protocol == UDP && at + 8 <= end) udp(at, source);
    else text.append("IP protocol ").append(protocol).append(", ").append(length).append(" bytes");
  }

  private void sender(byte[] source, int port) {
    if (clientKnown) fromClient = Arrays.equals(source, clientIp) && (port < 0 || port == clientPort);
  }

  private void udp(int at, byte[] source) {
    layer("UDP", at, 8);
    sender(source, u16(at));
    payloadLayer(at + 8);
    ports("UDP ", at).append(" len ").append(Math.max(0, u16(at + 4) - 8));
  }

  private StringBuilder ports(String name, int at) {
    return text.append(name).append(u16(at)).append(" → ").append(u16(at + 2));
  }

  private void payloadLayer(int at) {
    if (packetEnd > at) layer("Payload", at, packetEnd - at);
  }

  private void tcp(int at, long length, byte[] source) {
    int headerLength = Math.max(20, (u8(at + 12) >>> 4) * 4);
    layer("TCP", at, headerLength);
    sender(source, u16(at));
    payloadLayer(at + headerLength);
    int flags = u8(at + 13);
    boolean syn = (flags & 2) != 0;
    int side = fromClient ? 0 : 1;
    long sequence = u32(at + 4);
    if (syn || base[side] < 0) base[side] = syn ? sequence : sequence - 1 & 0xffffffffL;
    ports("TCP ", at).append(" [");
    boolean first = true;
    for (int bit = 0; bit < FLAGS.length; bit++) {
      if ((flags & 1 << bit) == 0) continue;
      text.append(first ? "" : ",").append(FLAGS[bit]);
      first = false;
    }
    text.append("] seq ").append(sequence - base[side] & 0xffffffffL);
    if ((flags & 16) != 0) {
      long acknowledged = u32(at + 8);
      if (base[1 - side] < 0) base[1 - side] = acknowledged - 1 & 0xffffffffL;
      text.append(" ack ").append(acknowledged - base[1 - side] & 0xffffffffL);
    }
    text.append(" win ").append(u16(at + 14)).append(" len ").append(Math.max(0, length - headerLength));
  }
}
