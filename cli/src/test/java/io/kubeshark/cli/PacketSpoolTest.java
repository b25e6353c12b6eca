package io.kubeshark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.capture.PacketSource;
import io.kubeshark.capture.PcapFile;
import io.kubeshark.core.LedgerCode;
import io.kubeshark.core.LinkType;
import io.kubeshark.core.PacketHandler;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PacketSpoolTest {
  private static final long START_NS = 1_700_000_000_000_000_000L;
  private static final int PACKETS = 5_000;

  private record Seen(long timeNs, List<Byte> bytes, int wireLength) {}

  @Test
  void whatComesInAnyOrderGoesOutByTimeWhole(@TempDir Path folder) throws IOException {
    Random random = new Random(7);
    List<Seen> packets = new ArrayList<>();
    for (int i = 0; i < PACKETS; i++) {
      byte[] bytes = new byte[14 + random.nextInt(1500)];
      random.nextBytes(bytes);
      packets.add(new Seen(START_NS + i * 1_000L, boxed(bytes, 0, bytes.length), bytes.length + random.nextInt(100)));
    }
    List<Seen> shuffled = new ArrayList<>(packets);
    Collections.shuffle(shuffled, random);
    long fromNs = START_NS + 100_000;
    Path file = folder.resolve("out.pcapng");
    try (PacketSpool spool = new PacketSpool(fromNs); OutputStream out = Files.newOutputStream(file)) {
      for (Seen packet : shuffled) {
        byte[] frame = new byte[packet.bytes.size() + 3];
        for (int i = 0; i < packet.bytes.size(); i++) frame[i + 3] = packet.bytes.get(i);
        spool.onPacket(frame, 3, packet.bytes.size(), packet.wireLength, packet.timeNs, LinkType.ETHERNET, 0, -1, 0);
      }
      assertThat(spool.count()).isEqualTo(PACKETS - 100);
      spool.write(out);
    }
    assertThat(read(file)).isEqualTo(packets.subList(100, PACKETS));
  }

  private static List<Byte> boxed(byte[] array, int offset, int length) {
    List<Byte> bytes = new ArrayList<>(length);
    for (int i = 0; i < length; i++) bytes.add(array[offset + i]);
    return bytes;
  }

  private static List<Seen> read(Path file) throws IOException {
    List<Seen> found = new ArrayList<>();
    PacketHandler handler = new PacketHandler() {
      @Override
      public void onPacket(byte[] array, int offset, int capturedLength, int wireLength, long timeNs, int linkType, int interfaceIndex, int vlan, int flags) {
        found.add(new Seen(timeNs, boxed(array, offset, capturedLength), wireLength));
      }

      @Override
      public void onLost(LedgerCode code, long packets, long bytes) {
        throw new AssertionError(code);
      }

      @Override
      public void onTime(long timeNs) {}
    };
    try (PcapFile packets = PcapFile.open(file.toString())) {
      while (packets.poll(handler, 0) != PacketSource.END) {}
    }
    return found;
  }
}
