package io.kubeshark.reassembly;

import static io.kubeshark.reassembly.Frames.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.kubeshark.core.LedgerCode;
import io.kubeshark.core.LinkType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random conversations against a model that knows everything: what was sent, which packets the capture saw. Sequence numbers wrap,
 * segments overlap and come again, neighbours are swapped, packets are lost to the network (and sent again) or to the capture alone.
 */
class TcpModelTest {
  private static final int CONVERSATIONS = Boolean.getBoolean("kubeshark.fast") ? 60 : 400;

  /** What the capture does to the packets that pass it. */
  private record Weather(double swapped, double duplicated, double missed, double lostBefore, double lostAfter, double cut) {}

  private static final class Conversation {
    final Random random;
    final Weather weather;
    final List<byte[]> wire = new ArrayList<>();
    final byte[][] sent = new byte[2][];
    final boolean[][] captured = new boolean[2][];
    /** Captured before the receiver acknowledged them: these must not be lost. */
    final boolean[][] inTime = new boolean[2][];
    final int[] acked = new int[2]; // what the receiver has in order
    final int[] isn = new int[2];

    Conversation(Random random, Weather weather) {
      this.random = random;
      this.weather = weather;
      for (int end = 0; end < 2; end++) {
        sent[end] = new byte[random.nextInt(6000)];
        captured[end] = new boolean[sent[end].length];
        inTime[end] = new boolean[sent[end].length];
        for (int i = 0; i < sent[end].length; i++) sent[end][i] = (byte) ('a' + random.nextInt(26));
        isn[end] = random.nextInt(4) == 0 ? -random.nextInt(3000) : random.nextInt();
      }
    }

    private byte[] frame(int end, int from, int to, int received, int flags) {
      byte[] payload = slice(sent[end], from, to - from);
      int sequence = isn[end] + ((flags & SYN) != 0 ? 0 : 1 + from);
      int acknowledgment = (flags & ACK) != 0 ? isn[1 - end] + 1 + received : 0;
      byte[] segment = tcp(end == 0 ? 40_000 : 80, end == 0 ? 80 : 40_000, sequence, acknowledgment, flags, payload);
      return ethernet(ipv4(end == 0 ? Rig.A : Rig.B, end == 0 ? Rig.B : Rig.A, 6, segment));
    }

    /** One copy passes the capture: it may miss it. */
    private void capture(int end, int from, int to, byte[] frame) {
      if (random.nextDouble() < weather.missed) return;
      for (int i = from; i < to; i++) {
        captured[end][i] = true;
        inTime[end][i] |= i >= acked[end];
      }
      wire.add(frame);
      if (random.nextDouble() < weather.duplicated) wire.add(frame);
    }

    /** Both ends send all they have; each acknowledges what it received in order. */
    void run() {
      wire.add(frame(0, 0, 0, 0, SYN));
      wire.add(frame(1, 0, 0, 0, SYN | ACK));
      wire.add(frame(0, 0, 0, 0, ACK));
      boolean[][] received = {new boolean[sent[0].length], new boolean[sent[1].length]};
      int rounds = 0;
      while (acked[0] < sent[0].length || acked[1] < sent[1].length) {
        if (++rounds > 100_000) fail("the model does not end");
        int end = random.nextInt(2);
        if (acked[end] == sent[end].length) {
          capture(end, 0, 0, frame(end, sent[end].length, sent[end].length, acked[1 - end], ACK));
          continue;
        }
        int burst = 1 + random.nextInt(4);
        int from = acked[end];
        for (int i = 0; i < burst && from < sent[end].length; i++) {
          if (random.nextInt(6) == 0) from = Math.max(0, from - random.nextInt(200)); // repackaged, overlapping what was sent
          int to = Math.min(sent[end].length, from + 1 + random.nextInt(1400));
          byte[] frame = frame(end, from, to, acked[1 - end], ACK);
          if (random.nextDouble() >= weather.lostBefore) {
            capture(end, from, to, frame);
            if (random.nextDouble() >= weather.lostAfter) for (int j = from; j < to; j++) received[end][j] = true;
          }
          from = to;
        }
        while (acked[end] < sent[end].length && received[end][acked[end]]) acked[end]++;
        capture(1 - end, 0, 0, frame(1 - end, acked[1 - end], acked[1 - end], acked[end], ACK));
      }
    }

    void swapNeighbours() {
      for (int i = 4; i + 1 < wire.size(); i++) {
        if (random.nextDouble() >= weather.swapped) continue;
        byte[] first = wire.get(i);
        wire.set(i, wire.get(i + 1));
        wire.set(i + 1, first);
        i++;
      }
    }

    /** Every byte that was captured in time is there, at its place; what was never captured is a hole; between the two both may be. */
    void check(Recorder.Seen seen, Rig rig) {
      long holes = 0;
      for (int end = 0; end < 2; end++) {
        byte[] got = seen.bytes(end);
        for (int i = 0; i < sent[end].length; i++) {
          if (i >= got.length) { // what nobody captured at the end of a stream shows only if somebody acknowledged it
            assertThat(captured[end][i]).as("byte %d of end %d is missing", i, end).isFalse();
          } else if (got[i] == Recorder.HOLE) {
            assertThat(inTime[end][i]).as("byte %d of end %d was captured in time", i, end).isFalse();
            holes++;
          } else {
            assertThat(got[i]).as("byte %d of end %d", i, end).isEqualTo(sent[end][i]);
          }
        }
      }
      assertThat(rig.booked(LedgerCode.GAP) + rig.booked(LedgerCode.LATE)).as("bytes of holes").isEqualTo(holes);
      if (weather.missed == 0) assertThat(holes).isZero();
    }
  }

  private static void run(String name, Weather weather, long seed) {
    Conversation conversation = new Conversation(new Random(seed), weather);
    Rig rig = new Rig();
    try {
      conversation.run();
      conversation.swapNeighbours();
      for (byte[] frame : conversation.wire) rig.frame(LinkType.ETHERNET, frame, frame.length);
      rig.flush();
      conversation.check(rig.seen.only(), rig);
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(name + ", seed " + seed + ": " + e.getMessage(), e);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6})
  void random(int kind) {
    Weather weather = switch (kind) {
      case 0 -> new Weather(0, 0, 0, 0, 0, 0);
      case 1 -> new Weather(0.3, 0, 0, 0, 0, 0);
      case 2 -> new Weather(0, 0, 0, 0.2, 0, 0);
      case 3 -> new Weather(0.1, 0.1, 0, 0.1, 0.1, 0);
      case 4 -> new Weather(0, 0, 0.1, 0, 0, 0);
      case 5 -> new Weather(0.1, 0.1, 0.1, 0.1, 0.1, 0);
      default -> new Weather(0.5, 0.3, 0.3, 0.3, 0.3, 0);
    };
    for (int i = 0; i < CONVERSATIONS; i++) run("weather " + kind, weather, kind * 1_000_003L + i);
  }

  /** Segments of one direction in any order at all, with overlaps: everything waits for the first byte. */
  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14, 15})
  void anyOrder(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      byte[] sent = new byte[1 + random.nextInt(2000)];
      random.nextBytes(sent);
      int isn = random.nextInt();
      List<byte[]> frames = new ArrayList<>();
      for (int from = 0; from < sent.length; ) {
        int to = Math.min(sent.length, from + 1 + random.nextInt(100));
        int overlap = Math.max(0, from - random.nextInt(150));
        byte[] segment = tcp(40_000, 80, isn + 1 + overlap, 501, ACK, slice(sent, overlap, to - overlap));
        frames.add(ethernet(ipv4(Rig.A, Rig.B, 6, segment)));
        from = to;
      }
      java.util.Collections.shuffle(frames, random);
      Rig rig = new Rig();
      rig.client(isn, 0, SYN, "").server(500, isn + 1, SYN | ACK, "").client(isn + 1, 501, ACK, "");
      frames.forEach(rig::frame);
      assertThat(rig.seen.only().bytes(0)).as("seed " + seed + " round " + round).isEqualTo(sent);
      rig.flush();
    }
  }

  /** The same traffic with next to no memory: bytes may be lost to gaps, but the ledger stays exact and memory bounded. */
  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23})
  void underTinyBudget(long seed) {
    Random random = new Random(seed);
    Rig rig = new Rig(ReassemblyLimits.DEFAULT.withBufferedBytes(4096));
    for (int i = 0; i < 100; i++) {
      Conversation conversation = new Conversation(random, new Weather(0.3, 0.1, 0.1, 0.3, 0.1, 0));
      conversation.run();
      conversation.swapNeighbours();
      for (byte[] frame : conversation.wire) {
        rig.frame(frame);
        assertThat(rig.reassembler.bufferBytesUsed()).isLessThanOrEqualTo(4096);
      }
    }
    rig.flush();
    assertThat(rig.reassembler.forcedByBudget()).isPositive();
  }
}
