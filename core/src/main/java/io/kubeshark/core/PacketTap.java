package io.kubeshark.core;

/** Sees each packet with the connection that it belongs to: the packet store. */
public interface PacketTap {
  PacketTap NONE = (connection, end, array, offset, capturedLength, wireLength, timeNs, linkType) -> {};

  /** @param connection null where there is none (ARP, ICMP, fragments that wait) */
  void onPacket(Connection connection, int end, byte[] array, int offset, int capturedLength, int wireLength, long timeNs, int linkType);
}
