package io.kubeshark.store;

import static io.kubeshark.store.Records.NOON_NS;
import static io.kubeshark.store.Records.SECOND_NS;
import static io.kubeshark.store.Records.clock;
import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.core.Connection;
import io.kubeshark.core.LinkType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PacketStoreTest {
  private static final Retention LARGE = new Retention(0, 256 << 20, 8 << 20);

  @TempDir Path directory;
  private final AtomicLong clock = clock();

  private PacketStore open(Retention retention, int captureLength, StoreMode mode) throws IOException {
    return new PacketStore(directory, retention, captureLength, mode, 1, clock::get);
  }

  private static Connection connection(long id) {
    return new Connection(id, Connection.TCP, false, 0, 1);
  }

  /** A frame whose bytes tell which it is. */
  private static byte[] frame(long id, int number, int length) {
    byte[] frame = new byte[length + 5]; // from offset 5, to see that offsets are kept
    for (int i = 0; i < length; i++) frame[5 + i] = (byte) (id * 7 + number * 3L + i);
    return frame;
  }

  private static void record(PacketRecorder recorder, long id, int number, int length) {
    Connection connection = id < 0 ? null : connection(id);
    recorder.onPacket(connection, number & 1, frame(id, number, length), 5, length, length + 10, NOON_NS + number, LinkType.ETHERNET);
  }

  @Test
  void givesAConnectionsPacketsInOrderAndWhole() throws Exception {
    Random random = new Random(5);
    try (PacketStore store = open(LARGE, 2000, StoreMode.FILE)) {
      PacketRecorder recorder = store.recorder();
      int[] lengths = new int[40_000];
      for (int i = 0; i < lengths.length; i++) record(recorder, i % 7 == 6 ? -1 : i % 7, i, lengths[i] = 1 + random.nextInt(1500));
      recorder.close();

      for (long id = -1; id < 6; id++) {
        List<Integer> numbers = new ArrayList<>();
        ScanResult result = store.packetsOf(id, Long.MAX_VALUE, (connection, end, array, offset, captured, wire, timeNs, link) -> {
          int number = (int) (timeNs - NOON_NS);
          numbers.add(number);
          byte[] expected = frame(connection, number, captured);
          return captured == lengths[number] && wire == captured + 10 && end == (number & 1) && link == LinkType.ETHERNET
              && java.util.Arrays.equals(array, offset, offset + captured, expected, 5, 5 + captured);
        });
        assertThat(result.end()).as("connection %d: every packet as it was recorded", id).isEqualTo(ScanResult.End.COMPLETE);
        long wanted = id < 0 ? 6 : id;
        List<Integer> expected = new ArrayList<>();
        for (int i = (int) wanted; i < lengths.length; i += 7) expected.add(i);
        assertThat(numbers.equals(expected)).as("connection %d: %d of %d packets, or out of order", id, numbers.size(), expected.size()).isTrue();
      }
      assertThat(store.packetsOf(0, 3, (c, e, a, o, l, w, t, k) -> true).matched()).isEqualTo(3);
      assertThat(store.scan(PacketQuery.ALL.times(NOON_NS + 100, NOON_NS + 200), (c, e, a, o, l, w, t, k) -> true).matched()).isEqualTo(100);
    }
  }

  @Test
  void aConnectionIsFoundWithoutReadingTheOthersBuffers() throws Exception {
    try (PacketStore store = open(LARGE, 2000, StoreMode.FILE)) {
      PacketRecorder recorder = store.recorder();
      for (int i = 0; i < 40_000; i++) record(recorder, i / 10, i, 1000);
      recorder.close();
      ScanResult result = store.packetsOf(2000, 100, (c, e, a, o, l, w, t, k) -> c == 2000);
      assertThat(result.matched()).isEqualTo(10);
      assertThat(result.bytesScanned()).as("of 40 MB").isLessThan(4 << 20);
    }
  }

  @Test
  void aQuerySeesThePacketsOfTheLastMilliseconds() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    try (PacketStore store = open(LARGE, 2000, StoreMode.LIVE)) {
      PacketRecorder recorder = store.recorder();
      record(recorder, 3, 0, 100);
      Thread pipeline = Thread.ofPlatform().start(() -> {
        while (!stop.get()) recorder.tick(NOON_NS);
        recorder.close();
      });
      assertThat(store.packetsOf(3, 10, (c, e, a, o, l, w, t, k) -> true).matched()).isEqualTo(1);
      assertThat(store.stats().records()).isEqualTo(1);
      stop.set(true);
      pipeline.join();
    }
  }

  @Test
  void aRecorderThatDoesNotAnswerHoldsAQueryUpOnlyForAWhile() throws Exception {
    try (PacketStore store = open(LARGE, 2000, StoreMode.LIVE)) {
      PacketRecorder recorder = store.recorder();
      record(recorder, 3, 0, 100);
      assertThat(store.flush()).isFalse();
      recorder.tick(NOON_NS); // obeys now
      store.drain();
      assertThat(store.packetsOf(3, 10, (c, e, a, o, l, w, t, k) -> true).matched()).as("late, but there").isEqualTo(1);
      recorder.close();
      assertThat(store.flush()).as("one that is closed holds nobody up").isTrue();
    }
  }

  @Test
  void aSlowTrickleIsHandedOverAfterASecond() throws Exception {
    try (PacketStore store = open(LARGE, 2000, StoreMode.LIVE)) {
      PacketRecorder recorder = store.recorder();
      record(recorder, 3, 0, 100);
      recorder.tick(NOON_NS);
      recorder.tick(NOON_NS + SECOND_NS - 1);
      store.drain();
      assertThat(store.stats().records()).isZero();
      recorder.tick(NOON_NS + SECOND_NS);
      store.drain();
      assertThat(store.stats().records()).isEqualTo(1);
    }
  }

  @Test
  void withoutAFreeBufferPacketsAreNotRecordedButCounted() throws Exception {
    // The disk's first call waits, so the writer holds one buffer and all others fill up behind it.
    java.util.concurrent.CountDownLatch stalled = new java.util.concurrent.CountDownLatch(1);
    Segment.Disk disk = path -> {
      try {
        stalled.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      return Segment.Disk.REAL.create(path);
    };
    try (PacketStore store = new PacketStore(directory, LARGE, 2000, StoreMode.LIVE, 3, clock::get, disk)) {
      PacketRecorder recorder = store.recorder();
      int perBuffer = PacketStore.BUFFER_BYTES / (PacketLayout.HEADER_LENGTH + 1000);
      for (int i = 0; i < 4 * perBuffer; i++) record(recorder, 1, i, 1000);
      assertThat(store.unrecordedPackets()).isEqualTo(perBuffer);
      assertThat(store.unrecordedBytes()).isEqualTo(perBuffer * 1010L);
      stalled.countDown();
      store.drain();
      record(recorder, 1, 4 * perBuffer, 1000);
      recorder.close();
      store.drain();
      assertThat(store.stats().records()).as("it goes on").isEqualTo(3L * perBuffer + 1);
    }
  }

  @Test
  void keepsOnlyTheFirstBytesOfAPacketAndItsLengthOnTheWire() throws Exception {
    try (PacketStore store = open(LARGE, 96, StoreMode.LIVE)) {
      PacketRecorder recorder = store.recorder();
      record(recorder, 1, 0, 96);
      record(recorder, 1, 1, 97);
      recorder.close();
      List<String> lengths = new ArrayList<>();
      store.packetsOf(1, 10, (c, e, a, o, captured, wire, t, k) -> lengths.add(captured + " of " + wire));
      assertThat(lengths).containsExactly("96 of 106", "96 of 107");
      assertThat(store.cutPackets()).isEqualTo(1);
    }
  }

  @Test
  void packetsLeaveByTimeAndBySize() throws Exception {
    Retention retention = new Retention(10 * SECOND_NS, 8 << 20, 1 << 20);
    try (PacketStore store = open(retention, 2000, StoreMode.FILE)) {
      PacketRecorder recorder = store.recorder();
      for (int i = 0; i < 20_000; i++) record(recorder, 1, i, 1000);
      recorder.tick(NOON_NS);
      recorder.tick(NOON_NS + SECOND_NS);
      store.drain();
      LogStats stats = store.stats();
      assertThat(stats.bytes()).isBetween(6L << 20, 8L << 20);
      assertThat(stats.size().records()).isPositive();
      assertThat(stats.records() + stats.size().records()).isEqualTo(20_000);
      clock.addAndGet(10 * SECOND_NS);
      assertThat(store.packetsOf(1, 10, (c, e, a, o, l, w, t, k) -> true).matched()).isZero();
      record(recorder, 2, 0, 100);
      recorder.close();
      store.drain();
      assertThat(store.stats().records()).as("what is expired went with the next write").isEqualTo(1);
    }
  }

  @Test
  void aRestartBeginsEmpty() throws Exception {
    try (PacketStore store = open(LARGE, 2000, StoreMode.LIVE)) {
      PacketRecorder recorder = store.recorder();
      record(recorder, 1, 0, 100);
      recorder.close();
    }
    assertThat(Recovery.paths(directory, RecordFormat.PACKETS)).hasSize(1);
    try (PacketStore store = open(LARGE, 2000, StoreMode.LIVE)) {
      assertThat(Recovery.paths(directory, RecordFormat.PACKETS)).isEmpty();
      assertThat(store.stats().records()).isZero();
    }
  }

  @Test
  void packetsThatTheDiskRefusesAreCounted() throws Exception {
    FaultyDisk disk = new FaultyDisk(3);
    disk.failuresPerMille = 1000;
    try (PacketStore store = new PacketStore(directory, LARGE, 2000, StoreMode.LIVE, 4, clock::get, disk)) {
      PacketRecorder recorder = store.recorder();
      for (int i = 0; i < 10; i++) record(recorder, 1, i, 100);
      recorder.close();
      store.drain();
      assertThat(store.stats().failed()).isEqualTo(new LogStats.Count(10, 10 * 128));
      disk.failuresPerMille = 0;
      record(recorder, 1, 10, 100);
      recorder.close();
      assertThat(store.packetsOf(1, 100, (c, e, a, o, l, w, t, k) -> true).matched()).isEqualTo(1);
      assertThat(store.failures()).isZero();
    }
  }
}
