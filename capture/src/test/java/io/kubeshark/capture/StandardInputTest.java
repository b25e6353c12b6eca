package io.kubeshark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** tcpdump -w - | kubeshark: packets come out as they come in, not when a buffer is full. */
class StandardInputTest {
  private static final byte[] FRAME = {1, 2, 3};

  /** Runs in a process of its own, whose standard input the test writes. */
  static final class Reader {
    public static void main(String[] arguments) throws IOException {
      Collector got = new Collector();
      boolean idleSeen = false;
      try (PcapFile source = PcapFile.open(PcapFile.STANDARD_INPUT)) {
        for (int handed; (handed = source.poll(got, 50)) != PacketSource.END; ) {
          if (handed > 0) System.out.println(got.packets.size());
          if (handed == 0 && !idleSeen) System.out.println("idle");
          idleSeen |= handed == 0;
        }
        System.out.println("end, " + source.bytesTotal());
      } catch (PcapFormatException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  private static Process start() throws IOException {
    return new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--enable-native-access=ALL-UNNAMED",
        "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"), Reader.class.getName()).redirectErrorStream(true).start();
  }

  @Test
  void packetsComeOutAsTheyComeIn() throws IOException {
    Process process = start();
    BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream()));
    try (OutputStream in = process.getOutputStream()) {
      assertThat(out.readLine()).as("nothing came yet").isEqualTo("idle");
      FileBytes bytes = new FileBytes(ByteOrder.LITTLE_ENDIAN);
      in.write(bytes.pcapHeader(PcapReader.MAGIC_NANOSECONDS, 1).pcapPacket(1, 1, FRAME, 3).done());
      in.flush();
      assertThat(out.readLine()).isEqualTo("1");
      in.write(bytes.body().pcapPacket(1, 2, FRAME, 3).done());
      in.flush();
      assertThat(out.readLine()).isEqualTo("2");
    }
    assertThat(out.readLine()).isEqualTo("end, -1");
  }

  @Test
  void compressedOrForeign() throws IOException {
    byte[] plain = new FileBytes(ByteOrder.BIG_ENDIAN).pcapHeader(PcapReader.MAGIC_NANOSECONDS, 1).pcapPacket(1, 1, FRAME, 3).done();
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
      gzip.write(plain);
    }
    assertThat(feed(compressed.toByteArray())).endsWith("1\nend, -1\n");
    assertThat(feed("hello".getBytes())).endsWith("-, byte 0: not a capture file: it begins with 68656c6c, expected pcap, pcapng or gzip of these."
        + " If it is a capture of another kind, convert it: editcap -F pcapng IN OUT.\n");
  }

  private static String feed(byte[] bytes) throws IOException {
    Process process = start();
    try (OutputStream in = process.getOutputStream()) {
      in.write(bytes);
    }
    return new String(process.getInputStream().readAllBytes());
  }
}
