package io.kubeshark.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.core.LinkType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PacketSpoolTest {
  private static final long START_NS = 1_700_000_000_000_000_000L;
  private static final int PACKETS = 30_000;

  private record Seen(long timeNs, int hash, int length, int wireLength, int linkType) {}

  private static Seen seen(byte[] array, int offset, int length, int wireLength, long timeNs, int linkType) {
    return new Seen(timeNs, Arrays.hashCode(Arrays.copyOfRange(array, offset, offset + length)), length, wireLength, linkType);
  }

  private static List<Seen> throughSpool(List<byte[]> frames, List<Long> times, SpoolBudget budget) throws IOException {
    List<Seen> out = new ArrayList<>();
    try (PacketSpool spool = new PacketSpool(budget)) {
      for (int i = 0; i < frames.size(); i++) spool.add(frames.get(i), 3, frames.get(i).length - 3, frames.get(i).length, times.get(i), LinkType.ETHERNET + i % 2);
      spool.end();
      spool.forEach((array, offset, length, wire, timeNs, linkType) -> out.add(seen(array, offset, length, wire, timeNs, linkType)));
      assertThat(spool.count()).isEqualTo(out.size());
      assertThat(spool.shed()).isEqualTo(frames.size() - out.size());
    }
    return out;
  }

  private static List<byte[]> frames(Random random) {
    List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < PACKETS; i++) {
      byte[] frame = new byte[3 + (i % 1000 == 0 ? 100_000 + random.nextInt(400_000) : random.nextInt(1500))];
      random.nextBytes(frame);
      frames.add(frame);
    }
    return frames;
  }

  private static List<Seen> sorted(List<byte[]> frames, List<Long> times) {
    List<Seen> wanted = new ArrayList<>();
    for (int i = 0; i < frames.size(); i++) wanted.add(seen(frames.get(i), 3, frames.get(i).length - 3, frames.get(i).length, times.get(i), LinkType.ETHERNET + i % 2));
    wanted.sort(Comparator.comparingLong(Seen::timeNs)); // stable
    return wanted;
  }

  @Test
  void whatComesInAnyOrderGoesOutByTimeWhole() throws IOException {
    Random random = new Random(7);
    List<byte[]> frames = frames(random);
    assertThat(frames.stream().mapToLong(frame -> frame.length).sum()).as("several runs").isGreaterThan(3L * PacketSpool.RUN_BYTES);
    List<Long> inOrder = new ArrayList<>();
    for (int i = 0; i < PACKETS; i++) inOrder.add(START_NS + i / 3);
    List<Long> nearly = new ArrayList<>(inOrder);
    for (int i = 0; i + 5000 < PACKETS; i += 700) Collections.swap(nearly, i, i + random.nextInt(5000));
    List<Long> shuffled = new ArrayList<>(inOrder);
    Collections.shuffle(shuffled, random);
    for (List<Long> times : List.of(inOrder, nearly, shuffled)) assertThat(throughSpool(frames, times, new SpoolBudget(Long.MAX_VALUE))).isEqualTo(sorted(frames, times));
    assertThat(throughSpool(List.of(), List.of(), new SpoolBudget(Long.MAX_VALUE))).isEmpty();
  }

  /** By runs; what was taken is given back. */
  @Test
  void whatIsOverTheBudgetIsCounted() throws IOException {
    int perRun = PacketSpool.RUN_BYTES / 1000;
    List<byte[]> frames = Collections.nCopies(10 * perRun, new byte[3 + 980]);
    List<Long> times = Collections.nCopies(frames.size(), START_NS);
    SpoolBudget budget = new SpoolBudget(3L * PacketSpool.RUN_BYTES + 10);
    for (int i = 0; i < 2; i++) assertThat(throughSpool(frames, times, budget)).hasSize(3 * perRun);
    try (PacketSpool other = new PacketSpool(budget)) {
      for (int i = 0; i < frames.size(); i++) other.add(frames.get(i), 3, 980, 980, START_NS, LinkType.ETHERNET);
      assertThat(throughSpool(frames, times, budget)).as("shared").isEmpty();
    }
  }

  @Test
  void aSetOfNumbersHasThoseThatWereAddedUntilItIsFull() {
    Random random = new Random(3);
    LongSet set = new LongSet();
    Set<Long> wanted = new HashSet<>();
    for (int i = 0; i < 50_000; i++) {
      long number = random.nextInt(4) == 0 ? random.nextLong() : random.nextInt(20_000) - 10;
      assertThat(set.contains(number)).isEqualTo(wanted.contains(number));
      assertThat(set.add(number)).isTrue();
      wanted.add(number);
    }
    assertThat(wanted).contains(0L, -1L).allMatch(set::contains);
    LongSet full = new LongSet();
    for (long i = 1; i <= LongSet.SIZE_MAX; i++) assertThat(full.add(i)).isTrue();
    assertThat(full.add(-5)).isFalse();
    assertThat(full.add(7)).isTrue();
    assertThat(full.contains(-5)).isFalse();
  }
}
