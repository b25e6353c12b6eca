package io.kubeshark.store;

import static io.kubeshark.store.Records.FINGERPRINT;
import static io.kubeshark.store.Records.NOON_NS;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Readers, the writer and eviction at the same time: whatever a reader is given is whole, in order and accounted for. */
class StressTest {
  private static final int APPENDS = 4000;

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void readersSeeOnlyWholeEntriesInOrderWhileOthersComeAndGo(long seed) throws Exception {
    AtomicLong clock = new AtomicLong(NOON_NS);
    Retention retention = new Retention(seed == 3 ? 0 : 1_000_000, 2 << 20, 256 << 10);
    ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    AtomicLong seen = new AtomicLong();
    try (EntryStore store = new EntryStore(directory, FINGERPRINT, retention, clock::get)) {
      AtomicBoolean stop = new AtomicBoolean();
      List<Thread> readers = new ArrayList<>();
      for (int r = 0; r < 4; r++) {
        Random random = new Random(seed * 100 + r);
        readers.add(Thread.ofPlatform().start(() -> {
          while (!stop.get()) seen.addAndGet(random.nextInt(4) == 0 ? get(store, random, wrong) : scan(store, random, wrong));
        }));
      }
      Random random = new Random(seed);
      for (int i = 0; i < APPENDS; i++) {
        store.append(Records.batch(i, 0, 1 + random.nextInt(60), NOON_NS + i, 200 + random.nextInt(800)));
        clock.addAndGet(random.nextInt(4000));
        if (random.nextInt(100) == 0) store.evict();
      }
      stop.set(true);
      for (Thread reader : readers) reader.join();
      assertThat(wrong).as("seed %d", seed).isEmpty();
      assertThat(seen).as("seed %d: entries read meanwhile", seed).hasPositiveValue();
      LogStats stats = store.stats();
      assertThat(stats.corruptFrames()).as("seed %d", seed).isZero();
      assertThat(stats.records() + stats.ttl().records() + stats.size().records()).as("seed %d: there or counted", seed)
          .isEqualTo(store.nextSequence() - 1);
      assertThat(stats.ttl().records() + stats.size().records()).as("seed %d: something was evicted", seed).isPositive();
    }
  }

  private static long scan(EntryStore store, Random random, ConcurrentLinkedQueue<String> wrong) {
    boolean newestFirst = random.nextBoolean();
    Query query = newestFirst ? Query.ALL.fromNewest() : Query.ALL;
    if (random.nextBoolean()) query = query.limited(1 + random.nextInt(2000));
    long[] range = {Long.MAX_VALUE, 0, 0}; // least, greatest, previous
    ScanResult result = store.scan(query, entry -> {
      long sequence = entry.sequence();
      if (!Records.intact(entry)) wrong.add("damaged " + sequence);
      if (range[2] != 0 && (newestFirst ? sequence >= range[2] : sequence <= range[2])) wrong.add(range[2] + " before " + sequence);
      range[0] = Math.min(range[0], sequence);
      range[1] = Math.max(range[1], sequence);
      range[2] = sequence;
      return true;
    });
    if (result.truncated()) wrong.add("truncated: " + result);
    // Between its ends a scan misses only what it says is gone, or (with a TTL) what expired under way.
    long missed = range[1] == 0 ? 0 : range[1] - range[0] + 1 - result.matched();
    if (store.stats().ttl().records() == 0 && missed > result.gone()) wrong.add("missed " + missed + ", gone " + result.gone());
    return result.matched();
  }

  private static long get(EntryStore store, Random random, ConcurrentLinkedQueue<String> wrong) {
    LogStats stats = store.stats();
    long sequence = stats.firstSequence() + (long) (random.nextDouble() * (stats.lastSequence() - stats.firstSequence() + 1));
    byte[] record = store.get(sequence);
    if (record == null) return 0;
    if (LittleEndian.i64(record, io.kubeshark.core.EntryLayout.SEQUENCE) != sequence) wrong.add("not " + sequence);
    return 1;
  }
}
