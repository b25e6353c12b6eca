package io.kubeshark.reassembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kubeshark.core.Connection;
import io.kubeshark.core.PacketTap;
import io.kubeshark.core.TcpHealth;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Our health numbers against tshark's, connection by connection, on real captures of bad links (src/test/captures, made by make.sh there).
 * Known differences: none in these captures.
 */
@Tag("integration")
class TsharkTest {
  private static final Path CAPTURES = Path.of("src/test/captures");
  private static final String[] FIELDS = {
    "retransmission", "fast_retransmission", "spurious_retransmission", "out_of_order", "duplicate_ack", "zero_window", "window_full", "keep_alive",
    "lost_segment"};

  /** One connection in numbers, by what they are called. */
  private static final class Numbers extends TreeMap<String, Long> {
    void add(String name, long count) {
      merge(name, count, Long::sum);
    }
  }

  static Stream<Path> captures() throws IOException {
    try (Stream<Path> files = Files.list(CAPTURES)) {
      return files.filter(file -> file.toString().endsWith(".pcap")).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("captures")
  void sameNumbersAsTshark(Path file) throws Exception {
    assumeTrue(onPath("tshark"), "tshark is not installed");
    Map<String, Numbers> ours = ours(file);
    Map<String, Numbers> theirs = tsharks(file);
    List<String> differences = new ArrayList<>();
    assertThat(ours.keySet()).isEqualTo(theirs.keySet());
    theirs.forEach((stream, numbers) -> numbers.forEach((name, count) -> {
      if (!count.equals(ours.get(stream).get(name))) differences.add(stream + " " + name + ": tshark " + count + ", ours " + ours.get(stream).get(name));
    }));
    assertThat(differences).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("captures")
  void theLedgerIsExact(Path file) throws IOException {
    Recorder seen = new Recorder();
    Reassembler reassembler = new Reassembler(0, ReassemblyLimits.DEFAULT, seen, PacketTap.NONE);
    PcapFile.replay(file, reassembler);
    reassembler.flush(0);
    assertThat(reassembler.ledger().pending()).isEqualTo(seen.deliveredBytes);
    assertThat(reassembler.pendingBytes()).isZero();
    assertThat(seen.connections.values()).allSatisfy(c -> assertThat(c.closed).isTrue());
  }

  private static Map<String, Numbers> ours(Path file) throws IOException {
    Recorder seen = new Recorder();
    Reassembler reassembler = new Reassembler(0, ReassemblyLimits.DEFAULT, seen, PacketTap.NONE);
    PcapFile.replay(file, reassembler);
    reassembler.flush(0);
    Map<String, Numbers> all = new TreeMap<>();
    int stream = 0;
    for (Recorder.Seen each : seen.connections.values()) {
      Connection c = each.connection;
      TcpHealth h = c.health;
      Numbers n = new Numbers();
      n.put("retransmission", h.retransmissions);
      n.put("fast_retransmission", h.fastRetransmissions);
      n.put("spurious_retransmission", h.spuriousRetransmissions);
      n.put("out_of_order", h.outOfOrder);
      n.put("duplicate_ack", h.duplicateAcks);
      n.put("zero_window", h.zeroWindowEvents);
      n.put("window_full", h.windowFullEvents);
      n.put("keep_alive", h.keepAliveCount);
      n.put("lost_segment", h.missingSegments);
      n.put("initial_rtt", h.initialRttUs);
      n.put("completeness", (long) h.completeness);
      n.put("rtt samples", h.rttSamples);
      n.put("rtt sum", h.rttSumUs);
      n.put("rtt min", h.rttMinUs);
      n.put("rtt max", h.rttMaxUs);
      n.put("packets", c.packets[0] + c.packets[1]);
      n.put("payload", c.payloadBytes[0] + c.payloadBytes[1]);
      n.put("rst", h.rstCount);
      n.put("fin", h.finCount);
      all.put("stream " + stream++, n);
    }
    return all;
  }

  private static Map<String, Numbers> tsharks(Path file) throws Exception {
    List<String> command = new ArrayList<>(List.of("tshark", "-n", "-2", "-r", file.toString(), "-o", "tcp.analyze_sequence_numbers:true",
        "-o", "tcp.relative_sequence_numbers:false", "-T", "fields", "-E", "separator=;", "-E", "occurrence=f"));
    for (String field : List.of("stream", "len", "completeness", "analysis.initial_rtt", "analysis.ack_rtt", "flags.reset", "flags.fin")) {
      command.addAll(List.of("-e", "tcp." + field));
    }
    for (String field : FIELDS) command.addAll(List.of("-e", "tcp.analysis." + field));
    Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    Map<String, Numbers> all = new TreeMap<>();
    try (var lines = process.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) packet(line.split(";", -1), all);
    }
    assertThat(process.waitFor()).isZero();
    return all;
  }

  private static void packet(String[] columns, Map<String, Numbers> all) {
    Numbers n = all.computeIfAbsent("stream " + columns[0], key -> new Numbers());
    n.add("packets", 1);
    n.add("payload", Long.parseLong(columns[1]));
    n.put("completeness", Long.parseLong(columns[2]));
    n.putIfAbsent("initial_rtt", -1L);
    if (!columns[3].isEmpty()) n.put("initial_rtt", us(columns[3]));
    n.putIfAbsent("rtt min", -1L);
    n.putIfAbsent("rtt max", -1L);
    n.add("rtt samples", columns[4].isEmpty() ? 0 : 1);
    n.add("rtt sum", columns[4].isEmpty() ? 0 : us(columns[4]));
    if (!columns[4].isEmpty()) {
      n.merge("rtt min", us(columns[4]), (x, y) -> x < 0 ? y : Math.min(x, y));
      n.merge("rtt max", us(columns[4]), Math::max);
    }
    n.add("rst", columns[5].equals("1") || columns[5].equals("True") ? 1 : 0);
    n.add("fin", columns[6].equals("1") || columns[6].equals("True") ? 1 : 0);
    for (int i = 0; i < FIELDS.length; i++) n.add(FIELDS[i], columns[7 + i].isEmpty() ? 0 : 1);
  }

  private static long us(String seconds) {
    return new java.math.BigDecimal(seconds).movePointRight(6).longValue();
  }

  private static boolean onPath(String program) {
    return Stream.of(System.getenv("PATH").split(":")).anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }
}
