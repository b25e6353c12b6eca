package io.kubeshark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.core.LedgerCode;
import io.kubeshark.core.LinkType;
import io.kubeshark.core.PacketHandler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Keeps the IPv4 UDP datagrams among what a source hands over; namespaces are never quite silent (router solicitations and the like). */
final class UdpCollector implements PacketHandler {
  /** Polls without any packet, 100 ms each, after which a test gives up. */
  private static final int IDLE_POLLS_MAX = 100;
  static final String LAST = "the last datagram";

  record Datagram(String payload, int sourcePort, int destinationPort, int linkType, int interfaceIndex, int vlan, int flags, long timeNs, int wireLength) {}

  final List<Datagram> datagrams = new ArrayList<>();
  long lost;
  long times;
  boolean last;
  Runnable whenIdle = () -> {};

  @Override
  public void onPacket(byte[] array, int offset, int capturedLength, int wireLength, long timeNs, int linkType, int interfaceIndex, int vlan, int flags) {
    int ip = linkType == LinkType.RAW ? 0 : 14;
    ByteBuffer b = ByteBuffer.wrap(array, offset, capturedLength).slice();
    if (capturedLength < ip + 28 || b.get(ip) != 0x45 || b.get(ip + 9) != 17) return;
    if (ip == 14 && b.getShort(12) != 0x0800) return;
    String payload = new String(Arrays.copyOfRange(array, offset + ip + 28, offset + capturedLength), StandardCharsets.UTF_8);
    if (payload.equals(LAST)) last = true;
    else datagrams.add(new Datagram(payload, b.getShort(ip + 20) & 0xffff, b.getShort(ip + 22) & 0xffff, linkType, interfaceIndex, vlan, flags, timeNs, wireLength));
  }

  @Override
  public void onLost(LedgerCode code, long packets, long bytes) {
    assertThat(code).isEqualTo(LedgerCode.KERNEL_DROP);
    lost += packets;
  }

  @Override
  public void onTime(long timeNs) {
    times++;
    whenIdle.run();
  }

  /** Until the last datagram has come from one of the sources: rings are in order, so all others have come before it. */
  void untilLast(PacketSource... sources) throws IOException {
    for (int idle = 0; !last; ) {
      int handed = 0;
      for (PacketSource source : sources) handed += source.poll(this, 100 / sources.length);
      idle = handed > 0 ? 0 : idle + 1;
      assertThat(idle).as("polls without a packet, %d datagrams so far", datagrams.size()).isLessThan(IDLE_POLLS_MAX);
    }
    last = false;
  }

  List<String> payloads() {
    return datagrams.stream().map(Datagram::payload).toList();
  }
}
