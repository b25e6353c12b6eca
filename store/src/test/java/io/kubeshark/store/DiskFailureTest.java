package io.kubeshark.store;

import static io.kubeshark.store.Records.FINGERPRINT;
import static io.kubeshark.store.Records.NOON_NS;
import static io.kubeshark.store.Records.batch;
import static io.kubeshark.store.Records.clock;
import static io.kubeshark.store.Records.runs;
import static io.kubeshark.store.Records.sequences;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DiskFailureTest {
  @TempDir Path directory;

  /** In a mount namespace of its own, so that nothing is left behind, even if it is killed. */
  @Test
  void aFullDiskCostsTheOldestEntriesAndIsCounted() throws Exception {
    String script = "mount -t tmpfs -o size=2m tmpfs \"$0\" && exec \"$@\"";
    List<String> namespace = List.of("unshare", "--map-root-user", "--mount", "sh", "-c");
    List<String> probe = new ArrayList<>(namespace);
    probe.addAll(List.of(script, directory.toString(), "true"));
    assumeTrue(new ProcessBuilder(probe).start().waitFor() == 0, "no rights to mount a tmpfs here");

    List<String> prefix = new ArrayList<>(namespace);
    prefix.addAll(List.of(script, directory.toString()));
    Process child = StoreChild.process(prefix, "full", directory);
    String output = new String(child.getInputStream().readAllBytes());
    assertThat(child.waitFor()).as(output).isZero();
    assertThat(output).endsWith("all checked\n");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void everyEntryOfAFailingDiskIsStoredOrCounted(long seed) throws Exception {
    Random random = new Random(seed);
    FaultyDisk disk = new FaultyDisk(seed);
    Retention retention = new Retention(0, 64 << 20, 256 << 10);
    List<Long> stored = new ArrayList<>();
    long failed = 0;
    long next = 1;
    try (EntryStore store = new EntryStore(directory, FINGERPRINT, retention, clock()::get, disk)) {
      for (int i = 0; i < 400; i++) {
        disk.failuresPerMille = i % 100 < 70 ? 300 : 0;
        int count = 1 + random.nextInt(30);
        boolean kept = store.append(batch(i, 0, count, NOON_NS, 700));
        if (kept) stored.addAll(Records.range(next, next + count - 1));
        else failed += count;
        if (i % 100 >= 70) assertThat(kept).as("seed %d: a healed disk is used again", seed).isTrue();
        next += count;
      }
      assertThat(failed).as("seed %d: the disk did fail", seed).isPositive();
      assertThat(runs(sequences(store, Query.ALL))).as("seed %d", seed).isEqualTo(runs(stored));
      assertThat(store.stats().failed()).as("seed %d", seed).isEqualTo(new LogStats.Count(failed, failed * 700));
      assertThat(store.stats().records()).as("seed %d", seed).isEqualTo(stored.size());
      assertThat(store.stats().segments()).as("seed %d: failures leave no files", seed)
          .isEqualTo(Recovery.paths(directory, RecordFormat.ENTRIES).size());
    }
    try (EntryStore store = new EntryStore(directory, FINGERPRINT, retention, clock()::get)) {
      assertThat(runs(sequences(store, Query.ALL))).as("seed %d: reopened", seed).isEqualTo(runs(stored));
    }
  }
}
