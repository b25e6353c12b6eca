package io.kubeshark.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kubeshark.capture.Collector.Packet;
import io.kubeshark.core.LinkType;
import io.kubeshark.core.PacketHandler;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WriterTest {
  private static final int[] LINK_TYPES = {LinkType.ETHERNET, LinkType.RAW, LinkType.LINUX_SLL2};
  @TempDir Path folder;

  private Collector read(Path file) throws IOException {
    try (PcapFile source = PcapFile.open(file.toString())) {
      return new Collector().readAll(source);
    }
  }

  @Test
  void nextGenerationRoundTrip() throws IOException {
    for (long seed = 0; seed < 20; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      Path file = folder.resolve("round.pcapng");
      List<Packet> written = new ArrayList<>();
      try (PcapNgWriter writer = new PcapNgWriter(Files.newOutputStream(file), "kubeshark test")) {
        List<Integer> interfaces = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
          byte[] frame = new byte[random.nextInt(20) == 0 ? random.nextInt(Delivery.PACKET_BYTES_MAX + 1) : random.nextInt(100)];
          random.nextBytes(frame);
          int linkType = LINK_TYPES[random.nextInt(LINK_TYPES.length)];
          int flags = random.nextBoolean() ? PacketHandler.FLAG_OUTGOING : 0;
          int wire = frame.length + random.nextInt(2000);
          long time = random.nextLong(4_000_000_000_000_000_000L);
          writer.write(frame, 0, frame.length, wire, time, linkType, -1, flags);
          if (!interfaces.contains(linkType)) interfaces.add(linkType);
          written.add(new Packet(HexFormat.of().formatHex(frame), wire, time, linkType, interfaces.indexOf(linkType), -1, flags));
        }
      }
      assertThat(read(file).packets).as("seed %d", seed).isEqualTo(written);
    }
  }

  @Test
  void classicRoundTrip() throws IOException {
    Path file = folder.resolve("round.pcap");
    byte[] frame = {9, 1, 2, 3, 9};
    try (PcapWriter writer = new PcapWriter(Files.newOutputStream(file), LinkType.RAW)) {
      assertThat(writer.write(frame, 1, 3, 30, 1_700_000_000_123_456_789L, LinkType.RAW)).isTrue();
      assertThat(writer.write(frame, 1, 3, 30, 1, LinkType.ETHERNET)).as("another link type").isFalse();
    }
    assertThat(read(file).packets).containsExactly(new Packet("010203", 30, 1_700_000_000_123_456_789L, LinkType.RAW, 0, -1, 0));
  }

  @Test
  void theTagThatTheKernelTookOutIsPutBack() throws IOException {
    Path file = folder.resolve("vlan.pcapng");
    byte[] frame = HexFormat.of().parseHex("0102030405060708090a0b0c0800aabb");
    try (PcapNgWriter writer = new PcapNgWriter(Files.newOutputStream(file), "test")) {
      writer.write(frame, 0, frame.length, 60, 1, LinkType.ETHERNET, 0x2064, 0);
      writer.write(frame, 0, 8, 60, 2, LinkType.ETHERNET, 0x2064, 0);
    }
    assertThat(read(file).packets).containsExactly(
        new Packet("0102030405060708090a0b0c810020640800aabb", 64, 1, 1, 0, -1, 0),
        new Packet("0102030405060708", 60, 2, 1, 0, -1, 0));
  }

  @Test
  void moreLinkTypesThanTheLimitAreRefused() throws IOException {
    try (PcapNgWriter writer = new PcapNgWriter(OutputStream.nullOutputStream(), "test")) {
      for (int i = 0; i < 256; i++) writer.write(new byte[1], 0, 1, 1, 0, i);
      org.assertj.core.api.Assertions.assertThatThrownBy(() -> writer.write(new byte[1], 0, 1, 1, 0, 256)).hasMessageContaining("256 link types");
    }
  }

  /** The reader of the field reads it too. Not run where tshark is not installed (apt-get install tshark). */
  @Test
  void tsharkReadsBothFormats() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/tshark")), "tshark is not installed");
    byte[] udp = HexFormat.of().parseHex("4500001e0001000040117ccb7f0000017f00000104d2003500 0a0000abcd".replace(" ", ""));
    byte[] ethernet = HexFormat.of().parseHex("0102030405060708090a0b0c0800" + HexFormat.of().formatHex(udp));
    Path next = folder.resolve("t.pcapng");
    try (PcapNgWriter writer = new PcapNgWriter(Files.newOutputStream(next), "kubeshark")) {
      writer.write(udp, 0, udp.length, udp.length, 1_700_000_000_123_456_789L, LinkType.RAW);
      writer.write(ethernet, 0, ethernet.length, ethernet.length, 1_700_000_001_000_000_001L, LinkType.ETHERNET, 0x2064, PacketHandler.FLAG_OUTGOING);
    }
    assertThat(tshark(next)).isEqualTo("1700000000.123456789\t1234\t53\t\t\n1700000001.000000001\t1234\t53\t100\t0x00000002\n");
    Path classic = folder.resolve("t.pcap");
    try (PcapWriter writer = new PcapWriter(Files.newOutputStream(classic), LinkType.RAW)) {
      writer.write(udp, 0, udp.length, udp.length, 1_700_000_000_123_456_789L, LinkType.RAW);
    }
    assertThat(tshark(classic)).isEqualTo("1700000000.123456789\t1234\t53\t\t\n");
  }

  private static String tshark(Path file) throws Exception {
    Process process = new ProcessBuilder("tshark", "-r", file.toString(), "-Tfields", "-eframe.time_epoch", "-eudp.srcport", "-eudp.dstport",
        "-evlan.id", "-eframe.packet_flags").redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String out = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).isZero();
    return out;
  }
}
