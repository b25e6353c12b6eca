package io.kubeshark.capture;

import static java.nio.ByteOrder.BIG_ENDIAN;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kubeshark.capture.Collector.Packet;
import io.kubeshark.core.LinkType;
import io.kubeshark.core.PacketHandler;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PcapFileTest {
  static final byte[] THREE = {1, 2, 3};
  static final byte[] FIVE = {4, 5, 6, 7, 8};
  @TempDir Path folder;

  Path file(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("test.pcap"), bytes);
  }

  Collector read(byte[] bytes) throws IOException {
    try (PcapFile source = PcapFile.open(file(bytes).toString())) {
      return new Collector().readAll(source);
    }
  }

  static ByteOrder order(String name) {
    return name.equals("LITTLE") ? LITTLE_ENDIAN : BIG_ENDIAN;
  }

  @ParameterizedTest
  @CsvSource({"LITTLE,false", "LITTLE,true", "BIG,false", "BIG,true"})
  void classicInBothByteOrdersAndResolutions(String byteOrder, boolean nanoseconds) throws IOException {
    int magic = nanoseconds ? PcapReader.MAGIC_NANOSECONDS : PcapReader.MAGIC_MICROSECONDS;
    // The upper bits of the link type say how long the frame check sequence is; the second packet's time is after 2038.
    byte[] bytes = new FileBytes(order(byteOrder)).pcapHeader(magic, 0x24000000 | LinkType.ETHERNET)
        .pcapPacket(10, 999_999, THREE, 3).pcapPacket(0xffff_fff0L, 7, FIVE, 1500).pcapPacket(12, 0, new byte[0], 60).done();
    int unit = nanoseconds ? 1 : 1000;
    assertThat(read(bytes).packets).containsExactly(
        new Packet("010203", 3, 10_000_000_000L + 999_999L * unit, 1, 0, -1, 0),
        new Packet("0405060708", 1500, 0xffff_fff0L * 1_000_000_000L + 7 * unit, 1, 0, -1, 0),
        new Packet("", 60, 12_000_000_000L, 1, 0, -1, 0));
  }

  /** The times were computed by hand: units, resolution and offset give nanoseconds. */
  @ParameterizedTest
  @CsvSource({
    "-1, 0, 1700000000123456, 1700000000123456000",
    "6, 0, 1700000000123456, 1700000000123456000",
    "9, 0, 1700000000123456789, 1700000000123456789",
    "3, 0, 1700000000123, 1700000000123000000",
    "0, 0, 1700000000, 1700000000000000000",
    "12, 0, 3000000000001, 3000000000",
    "12, 0, -1, 18446744073709551",
    "27, 0, -1, 18",
    "28, 0, -1, 0",
    "127, 0, -1, 0",
    "9, 1700000000, 5, 1700000000000000005",
    "6, -1, 2000000, 1000000000",
    "128, 0, 1700000000, 1700000000000000000",
    "138, 0, 1536, 1500000000",
    "160, 0, 6442450945, 1500000000",
    "191, 0, 9223372036854775807, 999999999",
    "192, 0, -9223372036854775808, 500000000",
    "193, 0, -9223372036854775808, 250000000",
    "222, 0, -1, 0",
    "255, 0, -1, 0"})
  void timeResolutions(int resolution, long offsetSeconds, long units, long expectedNs) throws IOException {
    for (ByteOrder order : List.of(LITTLE_ENDIAN, BIG_ENDIAN)) {
      byte[] bytes = new FileBytes(order).section().ngInterface(1, 0, resolution, offsetSeconds).enhanced(0, units, THREE, 3).done();
      assertThat(read(bytes).packets).containsExactly(new Packet("010203", 3, expectedNs, 1, 0, -1, 0));
    }
  }

  @Test
  void everyKindOfBlockAndSectionsOfDifferentByteOrder() throws IOException {
    FileBytes b = new FileBytes(LITTLE_ENDIAN);
    FileBytes second = new FileBytes(BIG_ENDIAN);
    b.section()
        .block(0x0bad, b.body().bytes(new byte[100]))
        .ngInterface(LinkType.ETHERNET, 4, 9, 0)
        .ngInterface(LinkType.RAW, 0, 9, 0)
        .enhanced(1, 77, FIVE, 9)
        .block(PcapNgReader.SIMPLE_PACKET, b.body().i32(1000).bytes((byte) 9, (byte) 8, (byte) 7, (byte) 6))
        .block(PcapNgReader.OBSOLETE_PACKET, b.body().u16(0, 3).i32(0, 78, 3, 3).bytes(THREE))
        .bytes(second.section().ngInterface(LinkType.LINUX_SLL2, 0, 9, 0).enhanced(0, 79, THREE, 3).done());
    Collector got = read(b.done());
    assertThat(got.packets).containsExactly(
        new Packet("0405060708", 9, 77, LinkType.RAW, 1, -1, 0),
        new Packet("09080706", 1000, 77, LinkType.ETHERNET, 0, -1, 0),
        new Packet("010203", 3, 78, LinkType.ETHERNET, 0, -1, 0),
        new Packet("010203", 3, 79, LinkType.LINUX_SLL2, 0, -1, 0));
    assertThat(got.lost).isEqualTo(3);
    assertThat(got.lastTimeCalls).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"LITTLE", "BIG"})
  void directionAndDrops(String byteOrder) throws IOException {
    FileBytes b = new FileBytes(order(byteOrder));
    FileBytes options = b.body().option(4, b.body().i64(5)).option(2, b.body().i32(2)).i32(0);
    byte[] bytes = b.section().ngInterface(1, 0, 9, 0).enhanced(0, 1, THREE, 3, options)
        .enhanced(0, 2, THREE, 3, b.body().option(2, b.body().i32(1)).i32(0))
        .block(PcapNgReader.COUNTERS, b.body().i32(0, 0, 0).option(5, b.body().i64(6)).option(7, b.body().i64(2)).i32(0))
        .block(PcapNgReader.COUNTERS, b.body().i32(0, 0, 0).option(5, b.body().i64(6)).option(7, b.body().i64(2)).i32(0)).done();
    Collector got = read(bytes);
    assertThat(got.packets).extracting(Packet::flags).containsExactly(PacketHandler.FLAG_OUTGOING, 0);
    assertThat(got.lost).as("5 told by the packet, 6 + 2 in total by the counters").isEqualTo(8);
  }

  @Test
  void optionsThatContradictThemselvesAreLeft() throws IOException {
    FileBytes b = new FileBytes(LITTLE_ENDIAN);
    byte[] bytes = b.section().ngInterface(1, 0, 9, 0).enhanced(0, 1, THREE, 3, b.body().u16(2, 0xfff0).i32(2)).done();
    assertThat(read(bytes).packets).containsExactly(new Packet("010203", 3, 1, 1, 0, -1, 0));
  }

  @Test
  void unknownBlocksAreSkippedHoweverLong() throws IOException {
    FileBytes b = new FileBytes(LITTLE_ENDIAN);
    byte[] bytes = b.section().ngInterface(1, 0, 9, 0).block(10, b.body().bytes(new byte[3 * RefillBuffer.CAPACITY_BYTES])).enhanced(0, 1, THREE, 3).done();
    assertThat(read(bytes).packets).hasSize(1);
  }

  @Test
  void packetsAcrossTheBuffersEnd() throws IOException {
    FileBytes b = new FileBytes(LITTLE_ENDIAN).pcapHeader(PcapReader.MAGIC_NANOSECONDS, 1);
    byte[] big = new byte[Delivery.PACKET_BYTES_MAX];
    for (int i = 0; i < 11; i++) {
      big[0] = (byte) i;
      b.pcapPacket(0, i, big, big.length);
    }
    List<Packet> got = read(b.done()).packets;
    assertThat(got).hasSize(11);
    for (int i = 0; i < 11; i++) {
      big[0] = (byte) i;
      assertThat(got.get(i)).isEqualTo(new Packet(HexFormat.of().formatHex(big), big.length, i, 1, 0, -1, 0));
    }
  }

  @Test
  void compressed() throws IOException {
    byte[] plain = new FileBytes(LITTLE_ENDIAN).pcapHeader(PcapReader.MAGIC_NANOSECONDS, 1).pcapPacket(0, 1, FIVE, 5).pcapPacket(0, 2, THREE, 3).done();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(plain);
    }
    assertThat(read(out.toByteArray()).packets).hasSize(2);
    byte[] cut = java.util.Arrays.copyOf(out.toByteArray(), out.size() - 9);
    Collector collector = new Collector();
    try (PcapFile source = PcapFile.open(file(cut).toString())) {
      assertThatThrownBy(() -> collector.readAll(source)).isInstanceOf(PcapFormatException.class).hasMessageContaining("gzip");
    }
  }

  @Test
  void otherLinkTypesAreHandedOnAndNoted() throws IOException {
    byte[] bytes = new FileBytes(LITTLE_ENDIAN).pcapHeader(PcapReader.MAGIC_NANOSECONDS, 127).pcapPacket(0, 1, FIVE, 5).done();
    try (PcapFile source = PcapFile.open(file(bytes).toString())) {
      assertThat(new Collector().readAll(source).packets).extracting(Packet::linkType).containsExactly(127);
      assertThat(source.statistics()).isEqualTo(new CaptureStatistics(1, 5, 0, 1, List.of()));
      assertThat(source.notes()).singleElement().asString().contains("link type 127").contains("not-ip");
      assertThat(source.bytesRead()).isEqualTo(bytes.length).isEqualTo(source.bytesTotal());
    }
  }

  @Test
  void foreignFilesSayWhatTheyAre() throws IOException {
    assertThatThrownBy(() -> read("hello world".getBytes())).isInstanceOf(PcapFormatException.class)
        .hasMessageContaining("test.pcap, byte 0: not a capture file: it begins with 68656c6c");
    assertThatThrownBy(() -> read(new byte[0])).isInstanceOf(PcapFormatException.class).hasMessageContaining("there are 0 bytes");
    assertThatThrownBy(() -> read(new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0})).hasMessageContaining("zstd");
    assertThatThrownBy(() -> PcapFile.open(folder.resolve("none").toString())).isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("no such capture file");
  }

  @Test
  void aLyingLengthCostsNoMemoryAndTellsItsPlace() throws IOException {
    byte[] bytes = new FileBytes(LITTLE_ENDIAN).pcapHeader(PcapReader.MAGIC_NANOSECONDS, 1).pcapPacket(0, 1, FIVE, 5)
        .i32(0, 0, 0x7fff_ffff, 0x7fff_ffff).done();
    Collector collector = new Collector();
    try (PcapFile source = PcapFile.open(file(bytes).toString())) {
      assertThatThrownBy(() -> collector.readAll(source)).hasMessageContaining("byte 45: corrupt: a packet claims 2147483647");
      assertThat(source.statistics().packets()).isEqualTo(1);
      assertThat(source.poll(collector, 0)).as("after the error").isEqualTo(PacketSource.END);
    }
    assertThat(collector.packets).hasSize(1);
  }

  @Test
  void aFilterAppliesToEachInterfacesKind() throws IOException {
    byte[] ip = HexFormat.of().parseHex("4500001c0001000040110000" + "7f0000017f000001" + "04d2003500080000");
    byte[] ethernet = HexFormat.of().parseHex("0102030405060708090a0b0c0800" + HexFormat.of().formatHex(ip));
    FileBytes b = new FileBytes(BIG_ENDIAN);
    byte[] bytes = b.section().ngInterface(LinkType.ETHERNET, 0, 9, 0).ngInterface(LinkType.RAW, 0, 9, 0)
        .enhanced(0, 1, ethernet, 42).enhanced(1, 2, ip, 28).enhanced(1, 3, THREE, 3).done();
    for (String filter : List.of("udp port 53", "udp port 54")) {
      try (PcapFile source = PcapFile.open(file(bytes).toString(), filter)) {
        int expected = filter.endsWith("53") ? 2 : 0;
        assertThat(new Collector().readAll(source).packets).hasSize(expected);
        assertThat(source.statistics().filteredPackets()).isEqualTo(3 - expected);
      }
    }
    assertThatThrownBy(() -> PcapFile.open(file(bytes).toString(), "udp prot 53")).hasMessageContaining("syntax error");
  }

  @Test
  void closedIsTheEnd() throws IOException {
    PcapFile source = PcapFile.open(file(new FileBytes(LITTLE_ENDIAN).section().done()).toString());
    source.close();
    source.close();
    assertThat(source.poll(new Collector(), 0)).isEqualTo(PacketSource.END);
  }
}
