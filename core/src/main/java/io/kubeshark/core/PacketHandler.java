package io.kubeshark.core;

/** What capture hands packets to. The bytes are valid only during the call; whoever keeps them copies them. */
public interface PacketHandler {
  /** Seen on its way out of this machine (PACKET_OUTGOING). */
  int FLAG_OUTGOING = 1;

  /**
   * @param array holds the frame from {@code offset}, beginning with its link header
   * @param capturedLength bytes present
   * @param wireLength bytes on the wire, at least {@code capturedLength}
   * @param timeNs epoch nanoseconds
   * @param linkType {@link LinkType}
   * @param interfaceIndex kernel's interface index or the file's interface number
   * @param vlan 802.1Q tag control information that the kernel took out of the frame, or -1
   */
  void onPacket(byte[] array, int offset, int capturedLength, int wireLength, long timeNs, int linkType, int interfaceIndex, int vlan, int flags);

  /** Packets were lost before they could be handed over. Bytes are 0 where unknown (kernel drops). */
  void onLost(LedgerCode code, long packets, long bytes);

  /** Time goes on without packets (live: the wall clock; file: end): idle connections end. */
  void onTime(long timeNs);
}
