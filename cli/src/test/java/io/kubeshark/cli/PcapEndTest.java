package io.kubeshark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.capture.PcapNgWriter;
import io.kubeshark.core.LinkType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PcapEndTest {
  /** As the hub's PcapFileWriter makes it; PcapTest (hub) looks at the same bytes. */
  private static byte[] section(String comment) {
    byte[] text = comment.getBytes(StandardCharsets.UTF_8);
    int padded = text.length + 3 & ~3;
    ByteBuffer block = ByteBuffer.allocate(24 + 4 + padded + 4 + 4).order(ByteOrder.LITTLE_ENDIAN);
    block.putInt(0x0a0d0d0a).putInt(block.capacity()).putInt(0x1a2b3c4d).putShort((short) 1).putShort((short) 0).putLong(-1);
    block.putShort((short) 1).putShort((short) text.length).put(text).position(28 + padded).putInt(0).putInt(block.capacity());
    return block.array();
  }

  @Test
  void aFileTellsWhetherItIsWhole(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("a.pcapng");
    try (OutputStream out = Files.newOutputStream(file); PcapNgWriter writer = new PcapNgWriter(out, "test")) {
      writer.write(new byte[60], 0, 60, 60, 1_000_000_000L, LinkType.ETHERNET);
    }
    byte[] packets = Files.readAllBytes(file);
    assertThat(PcapEnd.of(file)).as("it ends with a packet").isNull();
    byte[] end = section("3 packets of 1 of 2 nodes\nmissing: n2: is away\nmissing: n1: ü");
    byte[] whole = Arrays.copyOf(packets, packets.length + end.length);
    System.arraycopy(end, 0, whole, packets.length, end.length);
    Files.write(file, whole);
    assertThat(PcapEnd.of(file)).isEqualTo(new PcapEnd("3 packets of 1 of 2 nodes", List.of("n2: is away", "n1: ü")));
    for (int cut = 1; cut <= whole.length; cut++) {
      Files.write(file, Arrays.copyOf(whole, whole.length - cut));
      assertThat(PcapEnd.of(file)).as("without the last %d bytes", cut).isNull();
    }
  }
}
