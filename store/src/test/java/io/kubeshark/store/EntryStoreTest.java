package io.kubeshark.store;

import static io.kubeshark.store.Records.FINGERPRINT;
import static io.kubeshark.store.Records.NOON_NS;
import static io.kubeshark.store.Records.SECOND_NS;
import static io.kubeshark.store.Records.batch;
import static io.kubeshark.store.Records.clock;
import static io.kubeshark.store.Records.range;
import static io.kubeshark.store.Records.record;
import static io.kubeshark.store.Records.runs;
import static io.kubeshark.store.Records.sequences;
import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntryView;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EntryStoreTest {
  private static final Retention SMALL = new Retention(0, 8 << 20, 1 << 20);

  @TempDir Path directory;

  @Test
  void numbersEntriesFromOneAndGivesThemBackInBothOrders() throws Exception {
    try (EntryStore store = new EntryStore(directory, FINGERPRINT, SMALL, clock()::get)) {
      for (int i = 0; i < 10; i++) store.append(batch(i, 0, 100, NOON_NS, 700));
      assertThat(runs(sequences(store, Query.ALL))).isEqualTo("1-1000");
      assertThat(runs(sequences(store, Query.ALL.fromNewest()))).isEqualTo(runs(range(1, 1000).reversed()));
      assertThat(sequences(store, Query.ALL.fromNewest().limited(3))).containsExactly(1000L, 999L, 998L);
      assertThat(runs(sequences(store, Query.ALL.sequences(150, 250)))).isEqualTo("150-250");
      assertThat(store.nextSequence()).isEqualTo(1001);
    }
  }

  @Test
  void filtersByTimeAndPredicate() throws Exception {
    try (EntryStore store = new EntryStore(directory, FINGERPRINT, SMALL, clock()::get)) {
      for (int i = 0; i < 100; i++) store.append(batch(i, 0, 10, NOON_NS + i * SECOND_NS, 5000));
      assertThat(runs(sequences(store, Query.ALL.times(NOON_NS + 50 * SECOND_NS, NOON_NS + 51 * SECOND_NS)))).isEqualTo("501-510");
      assertThat(sequences(store, Query.ALL.times(NOON_NS + 1000, NOON_NS + 3000))).containsExactly(2L, 3L);
      assertThat(sequences(store, Query.ALL.matching(entry -> entry.index() == 3).limited(3))).containsExactly(4L, 14L, 24L);

      ScanResult result = store.scan(Query.ALL.times(NOON_NS + 50 * SECOND_NS, NOON_NS + 51 * SECOND_NS), entry -> true);
      assertThat(result.bytesScanned()).as("one block of five million bytes").isLessThanOrEqualTo(Block.BYTES_MAX);
    }
  }

  @Test
  void findsARecordByNumberAndByConnectionWithoutReadingEverything() throws Exception {
    Retention retention = new Retention(0, 64 << 20, 8 << 20);
    try (EntryStore store = new EntryStore(directory, FINGERPRINT, retention, clock()::get)) {
      for (int i = 0; i < 100; i++) {
        byte[][] records = new byte[370][];
        for (int j = 0; j < records.length; j++) records[j] = record(i * 1000L + j, j % 7, NOON_NS, 700);
        store.append(batch(records));
      }
      EntryView view = new EntryView();
      byte[] found = store.get(42_123, 123 % 7);
      assertThat(view.wrap(found, 0, found.length)).isTrue();
      assertThat(view.stream()).isEqualTo(42_123);
      assertThat(view.sequence()).isEqualTo(42 * 370 + 124);
      assertThat(Records.intact(view)).isTrue();
      byte[] same = store.get(view.sequence());
      assertThat(same).isEqualTo(found);
      assertThat(store.get(42_123, 6)).isNull();
      assertThat(store.get(999_999)).isNull();

      int candidates = 0;
      for (int i = 0; i < 100; i++) for (Block block : store.blocks()) if (block.mayContain(1_000_000L + i)) candidates++;
      assertThat(candidates).as("blocks of 10,000 that seem to hold a connection that is in none").isBetween(0, 100 + 300);
    }
  }

  @Test
  void boundsTheWorkOfAQueryAndSaysSo() throws Exception {
    AtomicLong clock = clock();
    try (EntryStore store = new EntryStore(directory, FINGERPRINT, SMALL, clock::get)) {
      for (int i = 0; i < 20; i++) store.append(batch(i, 0, 370, NOON_NS, 700));
      ScanResult cut = store.scan(Query.ALL.scanning(1_000_000), entry -> true);
      assertThat(cut.end()).isEqualTo(ScanResult.End.BYTES);
      assertThat(cut.truncated()).isTrue();
      assertThat(cut.bytesScanned()).isBetween(1L, 1_000_000L);
      assertThat(cut.matched()).isEqualTo(cut.lastSequence());

      // The asker goes on from there, and misses nothing.
      ScanResult rest = store.scan(Query.ALL.sequences(cut.lastSequence() + 1, Long.MAX_VALUE), entry -> true);
      assertThat(cut.matched() + rest.matched()).isEqualTo(20 * 370);

      ScanResult late = store.scan(Query.ALL.until(clock.get() + 5), entry -> clock.incrementAndGet() > 0);
      assertThat(late.end()).isEqualTo(ScanResult.End.DEADLINE);
      assertThat(late.matched()).isEqualTo(370);
      assertThat(store.scan(Query.ALL.limited(5), entry -> true).end()).isEqualTo(ScanResult.End.LIMIT);
      assertThat(store.scan(Query.ALL, entry -> false).end()).isEqualTo(ScanResult.End.STOPPED);
      assertThat(store.scan(Query.ALL, entry -> true).end()).isEqualTo(ScanResult.End.COMPLETE);
    }
  }

  @Test
  void hidesWhatIsOlderThanTheTtlToTheNanosecondAndThenUnlinksIt() throws Exception {
    AtomicLong clock = clock();
    Retention retention = new Retention(8 * SECOND_NS, 8 << 20, 1 << 20);
    try (EntryStore store = new EntryStore(directory, FINGERPRINT, retention, clock::get)) {
      for (int i = 0; i < 4; i++) {
        store.append(batch(i, 0, 10, NOON_NS - 3600 * SECOND_NS, 700)); // old exchanges: the TTL counts from writing
        clock.addAndGet(SECOND_NS / 4);
      }
      clock.set(NOON_NS + 8 * SECOND_NS + SECOND_NS / 4 - 1);
      assertThat(runs(sequences(store, Query.ALL))).isEqualTo("11-40");
      assertThat(store.get(0, 0)).isNull();
      assertThat(store.get(1, 0)).isNotNull();
      clock.incrementAndGet();
      assertThat(runs(sequences(store, Query.ALL))).isEqualTo("21-40");
      assertThat(files()).hasSize(1);

      clock.set(NOON_NS + 9 * SECOND_NS);
      store.evict();
      assertThat(files()).as("an idle store holds no files").isEmpty();
      assertThat(store.stats().ttl()).isEqualTo(new LogStats.Count(40, Segment.HEADER_LENGTH + 4 * (Frame.HEADER_LENGTH + 7000)));
      assertThat(store.stats().bytes()).isZero();
      store.append(batch(9, 0, 1, NOON_NS, 700));
      assertThat(sequences(store, Query.ALL)).containsExactly(41L);
    }
  }

  @Test
  void aTrickleLeavesInEighthsOfTheTtl() throws Exception {
    AtomicLong clock = clock();
    Retention retention = new Retention(8 * SECOND_NS, 8 << 20, 1 << 20);
    try (EntryStore store = new EntryStore(directory, FINGERPRINT, retention, clock::get)) {
      for (int i = 0; i < 800; i++) {
        store.append(batch(i, 0, 1, NOON_NS, 700));
        clock.addAndGet(SECOND_NS / 10);
        assertThat(files()).hasSizeLessThanOrEqualTo(10);
      }
      assertThat(store.stats().records()).isBetween(80L, 91L);
      assertThat(runs(sequences(store, Query.ALL))).isEqualTo("722-800");
      assertThat(store.blocks()).as("small frames share an index entry").hasSizeLessThanOrEqualTo(10);
    }
  }

  @Test
  void neverHoldsMoreBytesThanAllowedAndDropsTheOldest() throws Exception {
    Retention retention = new Retention(0, 4 << 20, 64 << 20);
    try (EntryStore store = new EntryStore(directory, FINGERPRINT, retention, clock()::get)) {
      for (int i = 0; i < 100; i++) {
        store.append(batch(i, 0, 300, NOON_NS, 700));
        assertThat(diskBytes()).isLessThanOrEqualTo(4 << 20);
        assertThat(store.stats().bytes()).isEqualTo(diskBytes());
      }
      List<Long> kept = sequences(store, Query.ALL);
      assertThat(runs(kept)).isEqualTo(kept.getFirst() + "-30000");
      assertThat(diskBytes()).as("only as much goes as must").isGreaterThan((4 << 20) * 3 / 4);
      assertThat(store.stats().size().records()).isEqualTo(kept.getFirst() - 1);
      assertThat(store.stats().records()).isEqualTo(kept.size());
    }
  }

  @Test
  void refusesWhatCanNeverFitAndCountsIt() throws Exception {
    Retention retention = new Retention(0, 1 << 20, 1 << 20);
    try (EntryStore store = new EntryStore(directory, FINGERPRINT, retention, clock()::get)) {
      assertThat(store.append(batch(1, 0, 1, NOON_NS, 700))).isTrue();
      assertThat(store.append(batch(2, 0, 1, NOON_NS, EntryLayout.RECORD_BYTES_MAX))).isFalse();
      assertThat(store.append(batch(3, 0, 1, NOON_NS, 700))).isTrue();
      assertThat(store.stats().failed()).isEqualTo(new LogStats.Count(1, EntryLayout.RECORD_BYTES_MAX));
      assertThat(store.failedWireBytes()).isEqualTo(1100);
      assertThat(sequences(store, Query.ALL)).containsExactly(1L, 3L);
    }
  }

  @Test
  void aScanReadsAnUnlinkedSegmentToItsEnd() throws Exception {
    Retention retention = new Retention(0, 1 << 20, 1 << 20);
    try (EntryStore store = new EntryStore(directory, FINGERPRINT, retention, clock()::get)) {
      for (int i = 0; i < 8; i++) store.append(batch(i, 0, 170, NOON_NS, 700));
      List<Long> seen = new ArrayList<>();
      ScanResult result = store.scan(Query.ALL, entry -> {
        if (seen.isEmpty()) for (int i = 8; i < 16; i++) store.append(batch(i, 0, 170, NOON_NS, 700));
        return Records.intact(entry) && seen.add(entry.sequence());
      });
      assertThat(result.end()).as("and what is gone is skipped, not an error").isEqualTo(ScanResult.End.COMPLETE);
      assertThat(seen).startsWith(1L, 2L, 170L - 167).doesNotContain(8L * 170 + 1);
    }
  }

  @Test
  void anInterruptedReaderDisturbsNobody() throws Exception {
    try (EntryStore store = new EntryStore(directory, FINGERPRINT, SMALL, clock()::get)) {
      for (int i = 0; i < 4; i++) store.append(batch(i, 0, 300, NOON_NS, 700));
      ScanResult result = store.scan(Query.ALL, entry -> {
        Thread.currentThread().interrupt();
        return true;
      });
      assertThat(Thread.interrupted()).isTrue();
      assertThat(result.end()).isEqualTo(ScanResult.End.INTERRUPTED);
      assertThat(result.truncated()).isTrue();
      assertThat(result.matched()).isEqualTo(300);
      assertThat(store.append(batch(4, 0, 300, NOON_NS, 700))).isTrue();
      assertThat(runs(sequences(store, Query.ALL))).isEqualTo("1-1500");
    }
  }

  @Test
  void aBlockThatRotsOnDiskIsSkippedAndCounted() throws Exception {
    try (EntryStore store = new EntryStore(directory, FINGERPRINT, SMALL, clock()::get)) {
      for (int i = 0; i < 3; i++) store.append(batch(i, 0, 300, NOON_NS, 700));
      try (FileChannel file = FileChannel.open(files().getFirst(), StandardOpenOption.WRITE)) {
        file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), Segment.HEADER_LENGTH + Frame.HEADER_LENGTH + 300 * 700 + 5000);
      }
      assertThat(runs(sequences(store, Query.ALL))).isEqualTo("1-300 601-900");
      assertThat(store.stats().corruptFrames()).isEqualTo(1);
    }
  }

  private List<Path> files() throws Exception {
    return Recovery.paths(directory, RecordFormat.ENTRIES);
  }

  private long diskBytes() throws Exception {
    long sum = 0;
    for (Path file : files()) sum += file.toFile().length();
    return sum;
  }
}
