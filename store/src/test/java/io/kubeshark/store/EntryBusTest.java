package io.kubeshark.store;

import static io.kubeshark.store.Records.FINGERPRINT;
import static io.kubeshark.store.Records.NOON_NS;
import static io.kubeshark.store.Records.clock;
import static io.kubeshark.store.Records.range;
import static io.kubeshark.store.Records.record;
import static io.kubeshark.store.Records.runs;
import static io.kubeshark.store.Records.sequences;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kubeshark.core.EntryLayout;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EntryBusTest {
  private static final Retention LARGE = new Retention(0, 512 << 20, 8 << 20);

  @TempDir Path directory;

  private EntryStore open() throws IOException {
    return new EntryStore(directory, FINGERPRINT, LARGE, clock()::get);
  }

  @Test
  void flushMakesASingleEntryReadable() throws Exception {
    try (EntryStore store = open(); EntryBus bus = new EntryBus(store, StoreMode.LIVE, 1)) {
      EntryBatcher batcher = bus.batcher();
      assertThat(batcher.onEntry(record(5, 0, NOON_NS, 700), 0, 700)).isTrue();
      bus.drain();
      assertThat(sequences(store, Query.ALL)).as("not handed over yet").isEmpty();
      batcher.flush(NOON_NS);
      batcher.flush(NOON_NS);
      bus.drain();
      assertThat(sequences(store, Query.ALL)).containsExactly(1L);
      assertThat(bus.memoryBytes()).isEqualTo((long) EntryBus.BATCHES_MIN * (Frame.HEADER_LENGTH + EntryBus.BATCH_BYTES) + 2L * EntryLayout.RECORD_BYTES_MAX);
    }
  }

  @Test
  void liveRefusesWhatFindsNoBatchAndCountsItExactly() throws Exception {
    CountDownLatch stalled = new CountDownLatch(1);
    try (EntryStore store = open(); EntryBus bus = new EntryBus(store, StoreMode.LIVE, 3, 4096)) {
      bus.subscribe((array, offset, length, first, count) -> await(stalled), 1);
      EntryBatcher batcher = bus.batcher();
      List<Integer> accepted = new ArrayList<>();
      for (int i = 0; i < 100; i++) if (batcher.onEntry(record(1, i, NOON_NS, 1000), 0, 1000)) accepted.add(i);
      assertThat(accepted).as("three batches of four").isEqualTo(List.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
      assertThat(bus.refusedEntries()).isEqualTo(88);
      assertThat(bus.refusedWireBytes()).isEqualTo(88 * 1100);

      stalled.countDown();
      bus.drain();
      for (int i = 100; i < 104; i++) if (batcher.onEntry(record(1, i, NOON_NS, 1000), 0, 1000)) accepted.add(i);
      batcher.close();
      bus.drain();
      List<Integer> stored = new ArrayList<>();
      store.scan(Query.ALL, entry -> stored.add(entry.index()));
      assertThat(stored).as("those accepted, all of them, and it goes on").isEqualTo(accepted).endsWith(103);
      assertThat(bus.refusedEntries()).isEqualTo(88);
    }
  }

  @Test
  void largeEntriesKeepTheirPlaceAndAreBoundedToo() throws Exception {
    CountDownLatch stalled = new CountDownLatch(1);
    try (EntryStore store = open(); EntryBus bus = new EntryBus(store, StoreMode.LIVE, 8, 4096)) {
      bus.subscribe((array, offset, length, first, count) -> await(stalled), 1);
      EntryBatcher batcher = bus.batcher();
      int[] lengths = {700, 5000, 700, EntryLayout.RECORD_BYTES_MAX, 700, 5000, 700, EntryLayout.RECORD_BYTES_MAX + 1};
      List<Integer> accepted = new ArrayList<>();
      for (int i = 0; i < lengths.length; i++) if (batcher.onEntry(record(1, i, NOON_NS, lengths[i]), 0, lengths[i])) accepted.add(i);
      assertThat(accepted).as("two large ones at a time, none over the limit").containsExactly(0, 1, 2, 3, 4, 6);
      stalled.countDown();
      batcher.flush(0);
      bus.drain();
      assertThat(batcher.onEntry(record(1, 8, NOON_NS, 5000), 0, 5000)).as("the place is free again").isTrue();
      batcher.close();
      bus.drain();
      List<Integer> stored = new ArrayList<>();
      store.scan(Query.ALL, entry -> Records.intact(entry) && stored.add(entry.index()));
      assertThat(stored).containsExactly(0, 1, 2, 3, 4, 6, 8);
    }
  }

  @Test
  void fileModeWaitsAndLosesNothing() throws Exception {
    try (EntryStore store = open(); EntryBus bus = new EntryBus(store, StoreMode.FILE, 4, 4096)) {
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < 2; t++) {
        EntryBatcher batcher = bus.batcher();
        int stream = t;
        threads.add(Thread.ofPlatform().start(() -> {
          Thread.currentThread().interrupt(); // must cost nothing
          for (int i = 0; i < 20_000; i++) batcher.onEntry(record(stream, i, NOON_NS, i % 1000 == 0 ? 5000 : 300), 0, i % 1000 == 0 ? 5000 : 300);
          batcher.close();
        }));
      }
      for (Thread thread : threads) thread.join();
      bus.drain();
      int[] next = new int[2];
      ScanResult result = store.scan(Query.ALL, entry -> entry.index() == next[(int) entry.stream()]++);
      assertThat(result.matched()).isEqualTo(40_000);
      assertThat(result.end()).as("each connection's entries are in order").isEqualTo(ScanResult.End.COMPLETE);
      assertThat(bus.refusedEntries()).isZero();
    }
  }

  @Test
  void historyAndLiveJoinWithoutAHoleOrADouble() throws Exception {
    long seed = 77;
    Random random = new Random(seed);
    int perThread = 60_000;
    try (EntryStore store = open(); EntryBus bus = new EntryBus(store, StoreMode.FILE, 6, 16 << 10)) {
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < 2; t++) {
        EntryBatcher batcher = bus.batcher();
        int stream = t;
        Random sizes = new Random(seed + t);
        threads.add(Thread.ofPlatform().start(() -> {
          byte[] record = record(stream, 0, NOON_NS, 300);
          for (int i = 0; i < perThread; i++) {
            batcher.onEntry(record, 0, 300);
            if (sizes.nextInt(50) == 0) batcher.flush(0);
          }
          batcher.close();
        }));
      }
      List<List<Long>> readers = new ArrayList<>();
      List<Long> begins = new ArrayList<>();
      while (store.nextSequence() < perThread) {
        long from = 1 + random.nextInt(1000);
        List<Long> live = Collections.synchronizedList(new ArrayList<>());
        Subscription subscription = bus.subscribe((array, offset, length, first, count) -> live.addAll(range(first, first + count - 1)), from);
        List<Long> history = new ArrayList<>();
        store.scan(subscription.history(), entry -> history.add(entry.sequence()));
        readers.add(history);
        readers.add(live);
        begins.add(Math.min(from, subscription.historyTo() + 1)); // one from the future begins now
        if (begins.size() == 40) break;
      }
      for (Thread thread : threads) thread.join();
      bus.drain();
      for (int i = 0; i < begins.size(); i++) {
        List<Long> all = new ArrayList<>(readers.get(2 * i));
        all.addAll(readers.get(2 * i + 1));
        assertThat(runs(all)).as("seed %d, reader %d", seed, i).isEqualTo(begins.get(i) + "-" + 2L * perThread);
      }
      assertThat(begins).isNotEmpty();
    }
  }

  /** The joint is a moment: so thousands of tries while batches of one entry fly past. */
  @Test
  void theFirstLiveEntryFollowsTheLastOfHistory() throws Exception {
    try (EntryStore store = open(); EntryBus bus = new EntryBus(store, StoreMode.FILE, 6, 4096)) {
      EntryBatcher batcher = bus.batcher();
      AtomicBoolean stop = new AtomicBoolean();
      Thread writer = Thread.ofPlatform().start(() -> {
        byte[] record = record(1, 0, NOON_NS, 300);
        while (!stop.get()) {
          batcher.onEntry(record, 0, 300);
          batcher.flush(0);
        }
      });
      Random random = new Random(7);
      List<String> wrong = new ArrayList<>();
      for (int i = 0; i < 10_000; i++) {
        for (int spins = random.nextInt(1000); spins > 0; spins--) Thread.onSpinWait(); // anywhere between two batches
        AtomicLong firstLive = new AtomicLong();
        Subscription subscription = bus.subscribe((array, offset, length, first, count) -> firstLive.compareAndSet(0, first), 1);
        while (firstLive.get() == 0) Thread.onSpinWait();
        subscription.close();
        if (firstLive.get() != subscription.historyTo() + 1) wrong.add(subscription.historyTo() + " then " + firstLive);
      }
      stop.set(true);
      writer.join();
      assertThat(wrong).isEmpty();
    }
  }

  /** The two moments on the store's own thread: while a batch is being written, and while it is being offered. */
  @Test
  void whoSubscribesDuringABatchGetsItExactlyOnce() throws Exception {
    List<String> seen = new ArrayList<>();
    EntryBus[] bus = new EntryBus[1];
    boolean[] armed = new boolean[1];
    java.util.function.LongSupplier clock = () -> {
      if (armed[0]) {
        armed[0] = false;
        Subscription during = bus[0].subscribe((array, offset, length, first, count) -> seen.add("written " + first), 1);
        seen.add("written, history to " + during.historyTo());
      }
      return NOON_NS;
    };
    try (EntryStore store = new EntryStore(directory, FINGERPRINT, LARGE, clock)) {
      bus[0] = new EntryBus(store, StoreMode.FILE, 1);
      EntryBatcher batcher = bus[0].batcher();
      bus[0].subscribe((array, offset, length, first, count) -> {
        if (first != 2) return;
        Subscription during = bus[0].subscribe((a, o, l, f, c) -> seen.add("offered " + f), 1);
        seen.add("offered, history to " + during.historyTo());
      }, 1);
      for (int i = 1; i <= 3; i++) {
        if (i == 2) armed[0] = true;
        batcher.onEntry(record(1, i, NOON_NS, 700), 0, 700);
        batcher.flush(0);
        bus[0].drain();
      }
      bus[0].close();
      assertThat(seen).containsExactly("written, history to 1", "offered, history to 2", "written 2", "written 3", "offered 3");
    }
  }

  @Test
  void aSubscriptionEndsWhenClosedOrWhenItsSubscriberThrows() throws Exception {
    try (EntryStore store = open(); EntryBus bus = new EntryBus(store, StoreMode.FILE, 1)) {
      List<Long> closed = new ArrayList<>();
      List<Long> thrown = new ArrayList<>();
      List<Long> open = new ArrayList<>();
      Subscription first = bus.subscribe((array, offset, length, sequence, count) -> closed.add(sequence), 1);
      bus.subscribe((array, offset, length, sequence, count) -> {
        thrown.add(sequence);
        throw new IllegalStateException("a subscriber's bug");
      }, 1);
      bus.subscribe((array, offset, length, sequence, count) -> open.add(sequence), 1);
      EntryBatcher batcher = bus.batcher();
      for (int i = 0; i < 3; i++) {
        batcher.onEntry(record(1, i, NOON_NS, 700), 0, 700);
        batcher.flush(0);
        bus.drain();
        if (i == 0) first.close();
      }
      assertThat(closed).containsExactly(1L);
      assertThat(thrown).containsExactly(1L);
      assertThat(open).containsExactly(1L, 2L, 3L);
      assertThat(bus.failures()).isEqualTo(1);
    }
  }

  @Test
  void liveGoesOnWhenTheDiskFails() throws Exception {
    FaultyDisk disk = new FaultyDisk(1);
    disk.failuresPerMille = 1000;
    try (EntryStore store = new EntryStore(directory, FINGERPRINT, LARGE, clock()::get, disk);
        EntryBus bus = new EntryBus(store, StoreMode.LIVE, 1)) {
      List<Long> live = new ArrayList<>();
      bus.subscribe((array, offset, length, first, count) -> live.add(first), 1);
      EntryBatcher batcher = bus.batcher();
      for (int i = 0; i < 3; i++) {
        disk.failuresPerMille = i < 2 ? 1000 : 0;
        batcher.onEntry(record(1, i, NOON_NS, 700), 0, 700);
        batcher.flush(0);
        bus.drain();
      }
      assertThat(live).containsExactly(1L, 2L, 3L);
      assertThat(sequences(store, Query.ALL)).containsExactly(3L);
      assertThat(store.stats().failed().records()).isEqualTo(2);
    }
  }

  @Test
  void aRecordThatIsNoneIsTheCallersBug() throws Exception {
    try (EntryStore store = open(); EntryBus bus = new EntryBus(store, StoreMode.LIVE, 1)) {
      EntryBatcher batcher = bus.batcher();
      byte[] record = record(1, 0, NOON_NS, 700);
      assertThatThrownBy(() -> batcher.onEntry(record, 0, 699)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> batcher.onEntry(new byte[159], 0, 0)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
