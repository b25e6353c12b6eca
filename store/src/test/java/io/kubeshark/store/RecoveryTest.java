package io.kubeshark.store;

import static io.kubeshark.store.Records.FINGERPRINT;
import static io.kubeshark.store.Records.NOON_NS;
import static io.kubeshark.store.Records.batch;
import static io.kubeshark.store.Records.clock;
import static io.kubeshark.store.Records.range;
import static io.kubeshark.store.Records.runs;
import static io.kubeshark.store.Records.sequences;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecoveryTest {
  private static final Retention LARGE = new Retention(0, 64 << 20, 1 << 20);
  private static final int FRAME = Frame.HEADER_LENGTH + 5 * 300;

  @TempDir Path directory;

  private EntryStore open() throws IOException {
    return new EntryStore(directory, FINGERPRINT, LARGE, clock()::get);
  }

  @Test
  void anotherRunGoesOnWhereTheLastEnded() throws Exception {
    try (EntryStore store = open()) {
      for (int i = 0; i < 20; i++) store.append(batch(i, 0, 300, NOON_NS, 700));
    }
    try (EntryStore store = open()) {
      assertThat(runs(sequences(store, Query.ALL))).isEqualTo("1-6000");
      assertThat(store.stats().cutBytes()).isZero();
      assertThat(store.get(7, 299)).isNotNull();
      assertThat(store.blocks()).allMatch(block -> block.keys() != null);
      store.append(batch(20, 0, 300, NOON_NS, 700));
      assertThat(runs(sequences(store, Query.ALL))).isEqualTo("1-6300");
    }
  }

  @Test
  void cutsATornTailAtTheLastGoodFrameWhereverItIsTorn() throws Exception {
    Path file = tenFrames();
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length += length < 300 ? 1 : 37) {
      Files.write(file, java.util.Arrays.copyOf(whole, length));
      expect(file, Math.max(0, (length - Segment.HEADER_LENGTH) / FRAME), length);
    }
  }

  @Test
  void cutsAtAFlippedBit() throws Exception {
    Path file = tenFrames();
    byte[] whole = Files.readAllBytes(file);
    Random random = new Random(11);
    for (int i = 0; i < 300; i++) {
      int at = Segment.HEADER_LENGTH + random.nextInt(whole.length - Segment.HEADER_LENGTH);
      byte[] flipped = whole.clone();
      flipped[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(file, flipped);
      expect(file, (at - Segment.HEADER_LENGTH) / FRAME, whole.length);
    }
  }

  /** One segment of ten frames of five records. */
  private Path tenFrames() throws IOException {
    try (EntryStore store = open()) {
      for (int i = 0; i < 10; i++) store.append(batch(i, 0, 5, NOON_NS, 300));
    }
    List<Path> files = Recovery.paths(directory, RecordFormat.ENTRIES);
    assertThat(files).hasSize(1);
    assertThat(files.getFirst()).hasSize(Segment.HEADER_LENGTH + 10L * FRAME);
    return files.getFirst();
  }

  private void expect(Path file, int frames, int length) throws IOException {
    try (EntryStore store = open()) {
      assertThat(sequences(store, Query.ALL)).isEqualTo(range(1, 5L * frames));
      long kept = frames == 0 ? 0 : Segment.HEADER_LENGTH + (long) frames * FRAME;
      assertThat(store.stats().cutBytes()).isEqualTo(length - kept);
      assertThat(Files.exists(file)).isEqualTo(frames > 0);
      assertThat(store.nextSequence()).isEqualTo(5L * frames + 1);
    }
  }

  @Test
  void discardsEntriesOfAnotherSchemaOrVersion() throws Exception {
    Path file = tenFrames();
    byte[] whole = Files.readAllBytes(file);
    try (EntryStore store = new EntryStore(directory, FINGERPRINT + 1, LARGE, clock()::get)) {
      assertThat(sequences(store, Query.ALL)).isEmpty();
      assertThat(store.nextSequence()).isEqualTo(1);
      assertThat(file).doesNotExist();
    }
    whole[8]++; // version
    Files.write(file, whole);
    Path other = Files.writeString(directory.resolve("notes.txt"), "not ours");
    try (EntryStore store = open()) {
      assertThat(sequences(store, Query.ALL)).isEmpty();
      assertThat(file).doesNotExist();
      assertThat(other).exists();
    }
  }

  @Test
  void aKilledWriterLeavesAllThatItStored() throws Exception {
    Process writer = StoreChild.start("write", directory);
    long stored = 0;
    try (BufferedReader lines = writer.inputReader()) {
      while (stored < 20_000) {
        String line = lines.readLine();
        assertThat(line).as("the child's report").startsWith("stored ");
        stored = Long.parseLong(line.substring("stored ".length()));
      }
      writer.destroyForcibly().waitFor();
    }
    assertThat(writer.exitValue()).as("killed by signal 9").isEqualTo(128 + 9);
    try (EntryStore store = new EntryStore(directory, FINGERPRINT, StoreChild.RETENTION, clock()::get)) {
      Map<Long, Integer> next = new HashMap<>();
      ScanResult result = store.scan(Query.ALL, entry -> {
        assertThat(Records.intact(entry)).isTrue();
        assertThat(entry.index()).as("order within connection " + entry.stream()).isEqualTo(next.merge(entry.stream(), 1, Integer::sum) - 1);
        return true;
      });
      assertThat(next).hasSize(2);
      assertThat(result.matched()).isGreaterThanOrEqualTo(stored).isEqualTo(store.nextSequence() - 1);
      assertThat(store.append(batch(9, 0, 1, NOON_NS, 700))).isTrue();
      assertThat(store.get(9, 0)).isNotNull();
    }
  }
}
