package io.kubeshark.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kubeshark.core.LinkType;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BpfFilterTest {
  private static final List<String> EXPRESSIONS = List.of(
      "tcp", "udp port 53", "host 10.0.0.1", "src net 10.0.0.0/8 and not port 80", "ip6", "portrange 50-90", "greater 100", "less 60",
      "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0", "ip[8] - 1 > 3", "ip[6:2] & 0x1fff = 0", "len - 14 > ip[2:2]", "ip[2:2] / 7 = 3",
      "ip[2:2] * 3 % 5 = 1", "ip[0] << 2 = ip[1] >> 1", "ip[9] ^ 3 = 5", "ip[9] | 1 = 17", "-1 + ip[9] = 5", "ip[8] / ip[9] = 1",
      "ip protochain 6", "icmp or (tcp and port 443) or vlan 100");
  private static final MethodHandle OFFLINE_FILTER = Linker.nativeLinker().downcallHandle(
      SymbolLookup.libraryLookup("libpcap.so.0.8", Arena.global()).find("pcap_offline_filter").orElseThrow(),
      FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS));

  /** The interpreter against libpcap's own, over frames that look like traffic, cut anywhere. */
  @Test
  void agreesWithLibpcap() throws Throwable {
    int matched = 0;
    for (long seed = 0; seed < 400; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      for (int linkType : new int[] {LinkType.ETHERNET, LinkType.RAW, LinkType.LINUX_SLL2}) {
        byte[] frame = frame(random, linkType);
        for (String expression : EXPRESSIONS) {
          if (expression.contains("vlan") && linkType != LinkType.ETHERNET) continue;
          BpfFilter filter = BpfFilter.compile(expression, linkType, 65535);
          int captured = random.nextInt(4) == 0 ? random.nextInt(frame.length + 1) : frame.length;
          boolean expected = libpcapMatches(filter, frame, captured);
          assertThat(filter.matches(frame, 0, captured, frame.length))
              .as("seed %d, %s, link type %d, %s", seed, filter, linkType, HexFormat.of().formatHex(frame, 0, captured)).isEqualTo(expected);
          byte[] moved = new byte[captured + 7];
          System.arraycopy(frame, 0, moved, 7, captured);
          assertThat(filter.matches(moved, 7, captured, frame.length)).as("seed %d: at another offset", seed).isEqualTo(expected);
          if (expected) matched++;
        }
      }
    }
    assertThat(matched).as("a filter that never matches proves nothing").isGreaterThan(3000);
  }

  private static byte[] frame(SplittableRandom random, int linkType) {
    HexFormat hex = HexFormat.of();
    boolean six = random.nextInt(5) == 0;
    String type = six ? "86dd" : "0800";
    String link = switch (linkType) {
      case LinkType.ETHERNET -> "0102030405060708090a0b0c" + (random.nextInt(4) == 0 ? "81000064" : "") + type;
      case LinkType.LINUX_SLL2 -> type + "000000000002000100060102030405060000";
      default -> "";
    };
    int[] protocols = {6, 17, 1, 51};
    String protocol = hex.toHexDigits((byte) protocols[random.nextInt(4)]);
    String ip = six ? "6000000000281140".substring(0, 12) + protocol + "40" + "00000000000000000000000000000001".repeat(2)
        : "45" + hex.toHexDigits((byte) random.nextInt()) + hex.toHexDigits((short) random.nextInt(200)) + "0001"
            + (random.nextInt(4) == 0 ? "0010" : "0000") + "04" + protocol + "0000" + "0a000001" + "0a00000" + random.nextInt(4);
    int[] ports = {53, 80, 443, 60};
    String transport = hex.toHexDigits((short) ports[random.nextInt(4)]) + hex.toHexDigits((short) random.nextInt())
        + "0000000000000000" + "50" + hex.toHexDigits((byte) random.nextInt(32)) + "00".repeat(random.nextInt(6, 100));
    return hex.parseHex(link + ip + transport);
  }

  private static boolean libpcapMatches(BpfFilter filter, byte[] frame, int captured) throws Throwable {
    try (Arena arena = Arena.ofConfined()) {
      long[] instructions = filter.instructions();
      MemorySegment program = arena.allocate(16, 8);
      program.set(JAVA_INT, 0, instructions.length);
      program.set(ADDRESS, 8, arena.allocateFrom(JAVA_LONG, instructions));
      MemorySegment header = arena.allocate(24, 8);
      header.set(JAVA_INT, 16, captured);
      header.set(JAVA_INT, 20, frame.length);
      MemorySegment bytes = arena.allocate(Math.max(1, captured));
      MemorySegment.copy(frame, 0, bytes, JAVA_BYTE, 0, captured);
      return (int) OFFLINE_FILTER.invokeExact(program, header, bytes) != 0;
    }
  }

  @Test
  void aBadExpressionIsAnsweredInLibpcapsWords() {
    assertThatThrownBy(() -> BpfFilter.compile("tcp prot 80", LinkType.ETHERNET, 65535)).isInstanceOf(BpfFilterException.class)
        .hasMessage("the capture filter 'tcp prot 80' cannot be used: can't parse filter expression: syntax error");
  }

  @Test
  void aMissingLibraryIsNamedWithItsRemedy() {
    assertThat(Libpcap.load(List.of("libnone.so.1", "libnone.so.2"))).isNull();
    assertThatThrownBy(() -> Libpcap.orMissing(null)).hasMessage("a capture filter needs libpcap, which is not installed: apt-get install libpcap0.8");
  }

  @Test
  void offsetsCountFromTheNetworkHeaderOnRequest() {
    long load = BpfInstruction.of(0x30, 9); // ldb [9]
    assertThat(BpfInstruction.k(BpfInstruction.fromNetworkHeader(load))).isEqualTo(BpfInstruction.NETWORK + 9);
    for (long other : new long[] {BpfInstruction.of(0x80, 9), BpfInstruction.of(0x00, 9), BpfInstruction.of(0x15, 1, 2, 9),
        BpfInstruction.of(0x30, BpfInstruction.ANCILLARY_PACKET_TYPE), BpfInstruction.of(0x06, 9)}) {
      assertThat(BpfInstruction.fromNetworkHeader(other)).isEqualTo(other);
    }
  }
}
