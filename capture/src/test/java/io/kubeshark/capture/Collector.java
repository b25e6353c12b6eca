package io.kubeshark.capture;

import io.kubeshark.core.LedgerCode;
import io.kubeshark.core.PacketHandler;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** Keeps what a source hands over. */
final class Collector implements PacketHandler {
  record Packet(String bytes, int wireLength, long timeNs, int linkType, int interfaceIndex, int vlan, int flags) {}

  final List<Packet> packets = new ArrayList<>();
  long lost;
  int lastTimeCalls;

  @Override
  public void onPacket(byte[] array, int offset, int capturedLength, int wireLength, long timeNs, int linkType, int interfaceIndex, int vlan, int flags) {
    byte[] frame = Arrays.copyOfRange(array, offset, offset + capturedLength);
    packets.add(new Packet(HexFormat.of().formatHex(frame), wireLength, timeNs, linkType, interfaceIndex, vlan, flags));
  }

  @Override
  public void onLost(LedgerCode code, long packets, long bytes) {
    lost += packets;
  }

  @Override
  public void onTime(long timeNs) {
    lastTimeCalls++;
  }

  /** Polls until the end; the exception that ended it goes through. */
  Collector readAll(PacketSource source) throws IOException {
    while (source.poll(this, 0) != PacketSource.END) {}
    return this;
  }
}
