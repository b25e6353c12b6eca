package io.kubeshark.capture;

import static java.nio.ByteOrder.BIG_ENDIAN;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DamagedFileTest {
  private static final int MUTATIONS = 4_000;
  private static final byte[] FRAME = new byte[61];
  @TempDir Path folder;

  static byte[] classic(ByteOrder order) {
    FileBytes b = new FileBytes(order).pcapHeader(PcapReader.MAGIC_MICROSECONDS, 1);
    for (int i = 0; i < 4; i++) b.pcapPacket(1, i, Arrays.copyOf(FRAME, 10 + i), 100);
    return b.done();
  }

  static byte[] next(ByteOrder order) {
    FileBytes b = new FileBytes(order);
    return b.section().ngInterface(1, 64, 9, 1).ngInterface(101, 0, 0x8a, 0)
        .enhanced(0, 1, FRAME, 61, b.body().option(4, b.body().i64(5)).option(2, b.body().i32(2)).i32(0))
        .block(0x999, b.body().bytes(FRAME))
        .block(PcapNgReader.SIMPLE_PACKET, b.body().i32(61).bytes(FRAME))
        .block(PcapNgReader.OBSOLETE_PACKET, b.body().u16(1, 3).i32(0, 78, 61, 61).bytes(FRAME))
        .block(PcapNgReader.COUNTERS, b.body().i32(0, 0, 0).option(5, b.body().i64(6)).i32(0))
        .section().ngInterface(1, 0, -1, 0).enhanced(0, 2, FRAME, 61).done();
  }

  static List<byte[]> samples() {
    return List.of(classic(LITTLE_ENDIAN), classic(BIG_ENDIAN), next(LITTLE_ENDIAN), next(BIG_ENDIAN));
  }

  private record Outcome(int packets, PcapFormatException fault) {}

  private Outcome read(byte[] bytes) throws IOException {
    Path file = Files.write(folder.resolve("damaged"), bytes);
    Collector collector = new Collector();
    try (PcapFile source = PcapFile.open(file.toString())) {
      collector.readAll(source);
      return new Outcome(collector.packets.size(), null);
    } catch (PcapFormatException e) {
      return new Outcome(collector.packets.size(), e);
    }
  }

  /** Whatever is whole is read; a cut inside a record is an error that names the record's place, a cut between records is none. */
  @Test
  void cutAtEveryLength() throws IOException {
    for (int sample = 0; sample < samples().size(); sample++) {
      byte[] whole = samples().get(sample);
      int packets = 0;
      int records = 0;
      long lastEnd = 0;
      for (int length = 0; length <= whole.length; length++) {
        Outcome outcome = read(Arrays.copyOf(whole, length));
        assertThat(outcome.packets).as("sample %d cut at %d", sample, length).isBetween(packets, packets + 1);
        packets = outcome.packets;
        if (outcome.fault != null) {
          assertThat(outcome.fault.byteOffset()).as("sample %d cut at %d", sample, length).isEqualTo(lastEnd);
        } else {
          records++;
          lastEnd = length;
        }
      }
      assertThat(packets).isEqualTo(4);
      assertThat(records).as("places where a cut is not noticed: ends of records").isEqualTo(sample < 2 ? 5 : 11);
      assertThat(lastEnd).isEqualTo(whole.length);
    }
  }

  @Test
  void damagedFilesAreReadOrRefused() throws IOException {
    int refused = 0;
    List<byte[]> samples = samples();
    for (long seed = 0; seed < MUTATIONS; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      byte[] bytes = samples.get(random.nextInt(samples.size())).clone();
      int changes = random.nextInt(1, 5);
      for (int i = 0; i < changes; i++) bytes[random.nextInt(bytes.length)] = (byte) (random.nextBoolean() ? random.nextInt() : 1 << random.nextInt(8));
      try {
        Outcome outcome = read(bytes);
        if (outcome.fault != null) refused++;
        assertThat(outcome.packets).isLessThanOrEqualTo(bytes.length / 16);
      } catch (Throwable e) {
        fail("seed " + seed, e);
      }
    }
    assertThat(refused).as("mutations that are noticed").isBetween(MUTATIONS / 20, MUTATIONS);
  }
}
