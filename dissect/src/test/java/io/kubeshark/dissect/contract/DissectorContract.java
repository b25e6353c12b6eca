package io.kubeshark.dissect.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.core.Anomaly;
import io.kubeshark.core.Connection;
import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.dissect.ConnectionPolicy;
import io.kubeshark.dissect.DissectOptions;
import io.kubeshark.dissect.Protocols;
import io.kubeshark.dissect.Runner;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every dissector must do, whatever the protocol. To test one:
 *
 * <ol>
 *   <li>implement {@link Corpus} (conversations by hand, or {@link PcapConversations#of} from e2e/traffic/samples) and add its line to
 *       src/test/resources/META-INF/services/io.kubeshark.dissect.contract.Corpus. Each exchange of a conversation should say something
 *       that no other says, so that wrong pairs show, and the last one should have steps of its own;
 *   <li>extend this class: {@link #corpus}, {@link #steadyState}, {@link #allocatedBytesPerEntryMax};
 *   <li>run with {@code -Dgolden.update}, read src/test/resources/golden/PROTOCOL/*.json, and commit them.
 * </ol>
 *
 * Every single run goes through {@link Replay}: nothing thrown, each byte on exactly one account of the ledger, waiting bytes within
 * their limit. The lookalike matrix and the fuzz test pick the corpus up by themselves.
 */
public abstract class DissectorContract {
  /** Up to here every position is tried, beyond it so many random ones. */
  /** With check --fast positions are sampled, otherwise tried one by one. */
  private static final boolean FAST = Boolean.getBoolean("kubeshark.fast");
  private static final int EXHAUSTIVE_BYTES_MAX = FAST ? 64 : 6 << 10;
  private static final int SAMPLES = FAST ? 60 : 1500;
  private static final int MUTATIONS = 20_000;
  private static final int MUTATED_BYTES_MAX = 16 << 10;
  private static final int FLOOD_BYTES = 3 << 20;
  private static final int FLOOD_PIECE_BYTES = 1460;
  private static final long SEED = 20_251_114;
  private static final int[] HOLE_BYTES = {7, 1460};

  private static final DissectOptions OPTIONS = DissectOptions.DEFAULT;

  private Protocols protocols;
  private Replay replay;

  @BeforeEach
  void watchWhatIsRetained() {
    protocols = new RetainedProbe(retainedBytesMax()).around(Protocols.installed());
    replay = new Replay(protocols, OPTIONS);
  }

  /** The conversations of this protocol. */
  protected abstract Corpus corpus();

  /** A conversation that one connection may repeat for ever: its entries must cost {@link #allocatedBytesPerEntryMax} or less. */
  protected abstract Conversation steadyState();

  /** Heap allocated per entry once everything is warm. 0 is what to aim at. */
  protected abstract int allocatedBytesPerEntryMax();

  /** Greatest {@link io.kubeshark.dissect.Dissector#retainedBytes()} of a connection. */
  protected long retainedBytesMax() {
    return 0;
  }

  @Test
  void entriesAreAsExpected() {
    for (Conversation conversation : corpus().conversations()) {
      String text = replay.run(conversation).stream().map(EntryText::of).collect(Collectors.joining(",\n  ", "[\n  ", "\n]\n"));
      Golden.assertMatches(corpus().protocol() + "/" + conversation.name() + ".json", text);
    }
  }

  @Test
  void everySplitGivesTheSameEntries() {
    forStreams((conversation, segments, whole) -> positions(Segment.length(segments), at ->
        check(conversation, "split at " + at, () ->
            whole.assertSame(replay.run(conversation, Segment.split(segments, at), false)))));
  }

  @Test
  void piecesOfAnySizeGiveTheSameEntries() {
    Random random = new Random(SEED);
    forStreams((conversation, segments, whole) -> {
      for (int bytes : new int[] {1, 2, 3, 7, 64, 1460}) {
        check(conversation, "pieces of " + bytes, () ->
            whole.assertSame(replay.run(conversation, Segment.pieces(segments, bytes), false)));
      }
      for (int i = 0; i < 50; i++) {
        List<Segment> pieces = Segment.pieces(segments, 1 + random.nextInt(100), random);
        check(conversation, "random pieces, seed " + SEED + ", run " + i, () ->
            whole.assertSame(replay.run(conversation, pieces, false)));
      }
    });
  }

  @Test
  void cutAtEveryLengthNothingIsInvented() {
    forEach((conversation, segments, whole) -> positions(Segment.length(segments), at ->
        check(conversation, "cut at " + at, () -> {
          List<Entry> entries = replay.run(conversation, Segment.cut(segments, at), false);
          // A datagram that is cut within what it is paired by stays alone.
          assertThat(entries.size()).isLessThanOrEqualTo(whole.entries().size() + (conversation.datagrams() ? 1 : 0));
          if (conversation.cutShows()) whole.assertNothingInvented(entries);
        })));
  }

  @Test
  void afterAHoleMessagesComeBack() {
    forStreams((conversation, segments, whole) -> {
      for (int length : HOLE_BYTES) {
        positions(Segment.length(segments), at ->
            check(conversation, length + " bytes lost at " + at, () -> assertSurvives(conversation, segments, whole, at, length)));
      }
      int at = 0;
      for (Segment segment : segments) {
        int from = at;
        check(conversation, "segment lost at " + at, () -> assertSurvives(conversation, segments, whole, from, segment.length()));
        at += segment.length();
      }
    });
  }

  @Test
  void lostDatagramsLoseOnlyThemselves() {
    for (Conversation conversation : corpus().conversations()) {
      if (!conversation.datagrams()) continue;
      List<Segment> segments = Segment.of(conversation);
      Undisturbed whole = Undisturbed.of(replay.run(conversation));
      for (int i = 0; i < segments.size(); i++) {
        List<Segment> rest = new ArrayList<>(segments);
        rest.remove(i);
        check(conversation, "datagram " + i + " lost", () -> whole.assertNothingInvented(replay.run(conversation, rest, false)));
      }
    }
  }

  @Test
  void flippedBytesBreakNothing() {
    List<Conversation> conversations = corpus().conversations().stream().filter(each -> each.length() <= MUTATED_BYTES_MAX).toList();
    Random random = new Random(SEED);
    for (int i = 0; i < MUTATIONS; i++) {
      Conversation conversation = conversations.get(i % conversations.size());
      List<Segment> segments = Segment.flipped(Segment.of(conversation), random);
      List<Segment> pieces = conversation.datagrams() || random.nextBoolean() ? segments : Segment.pieces(segments, 1 + random.nextInt(2000), random);
      int run = i;
      check(conversation, "mutation " + run + " of seed " + SEED, () -> replay.run(conversation, pieces, run % 8 == 0));
    }
  }

  @Test
  void aCaptureMayBeginInTheMiddle() {
    forEach((conversation, segments, whole) -> {
      Entry last = whole.lastExchange();
      for (int from = 1; from < segments.size(); from++) {
        List<Segment> rest = Segment.joinedAt(segments, from);
        boolean comesBack = conversation.recovers() && last != null && segments.get(from).timeNs() <= last.view().startNs();
        check(conversation, "joined at step " + from, () -> {
          List<Entry> entries = replay.run(conversation, rest, true);
          if (conversation.recovers()) whole.assertPairsAreRight(entries);
          if (comesBack) whole.assertLastComesBack(entries);
        });
      }
      positions(segments.getFirst().length(), at -> {
        List<Segment> rest = Segment.joinedAt(Segment.split(segments, at), at == 0 ? 0 : 1);
        check(conversation, "joined at byte " + at, () -> {
          List<Entry> entries = replay.run(conversation, rest, true);
          if (conversation.recovers()) whole.assertPairsAreRight(entries);
        });
      });
    });
  }

  @Test
  void theServerMayBeSeenFirstOrAlone() {
    forEach((conversation, segments, whole) -> {
      for (Direction only : Direction.values()) {
        List<Segment> half = segments.stream().filter(segment -> segment.sender() == only).toList();
        for (boolean midStream : new boolean[] {false, true}) {
          check(conversation, "only the " + only, () ->
              assertThat(replay.run(conversation, half, midStream)).noneMatch(Entry::hasBoth));
        }
      }
      List<Segment> swapped = new ArrayList<>(segments);
      for (int i = 0; i < swapped.size(); i++) {
        if (swapped.get(i).sender() == Direction.SERVER) {
          swapped.addFirst(swapped.remove(i));
          break;
        }
      }
      check(conversation, "server first", () -> replay.run(conversation, swapped, true));
    });
  }

  /** After a good beginning each direction sends megabytes that end nothing: what waits must stay within its limit. */
  @Test
  void floodsAreShed() {
    Random random = new Random(SEED);
    Conversation conversation = corpus().conversations().getFirst();
    for (byte filler : new byte[] {'a', '0', '\n', ' ', '$', '*', 0, (byte) 0xff}) {
      for (Direction sender : Direction.values()) {
        List<Segment> segments = new ArrayList<>(Segment.cut(Segment.of(conversation), conversation.length() - 1 - random.nextInt(20)));
        long position = segments.stream().filter(each -> each.sender() == sender).mapToLong(Segment::length).sum();
        byte[] bytes = new byte[FLOOD_PIECE_BYTES];
        java.util.Arrays.fill(bytes, filler);
        for (int sent = 0; sent < FLOOD_BYTES; sent += bytes.length, position += bytes.length) {
          segments.add(new Segment(sender, bytes, false, position, -1, segments.getLast().timeNs() + 1));
        }
        check(conversation, "flood of " + filler + " from the " + sender, () -> replay.run(conversation, segments, false));
      }
    }
  }

  @Test
  void aWarmConnectionAllocatesNothingToSpeakOf() {
    Conversation conversation = steadyState();
    List<Segment> segments = Segment.of(conversation);
    int[] entries = {0};
    Runner runner = new Runner(protocols, OPTIONS, EntryLayout.Capture.FILE, false, ConnectionPolicy.ALL, (record, offset, length) -> {
      entries[0]++;
      return true;
    }, (protocol, connection, failure, reproducer) -> {
      throw failure;
    });
    Connection connection = Replay.connection(conversation.transport(), conversation.serverPort(), false);
    runner.onOpen(connection);
    int rounds = 4_000;
    long allocated = Long.MAX_VALUE;
    long[] positions = new long[2];
    // The least of several rounds: the compiler may allocate on our thread, and warms up as it likes.
    for (int round = 0; round < 12; round++) {
      entries[0] = 0;
      long before = allocatedBytes();
      for (int i = 0; i < rounds; i++) repeat(runner, connection, segments, positions);
      allocated = Math.min(allocated, allocatedBytes() - before);
    }
    assertThat(entries[0]).as("entries").isGreaterThanOrEqualTo(rounds);
    assertThat((double) allocated / entries[0]).as("heap bytes per entry").isLessThanOrEqualTo(allocatedBytesPerEntryMax() + 0.5);
  }

  private static void repeat(Runner runner, Connection connection, List<Segment> segments, long[] positions) {
    for (int i = 0; i < segments.size(); i++) {
      Segment segment = segments.get(i);
      int end = segment.sender() == Direction.CLIENT ? 0 : 1;
      if (connection.transport == Connection.UDP) {
        runner.onDatagram(connection, end, segment.bytes(), 0, segment.length(), segment.length(), segment.timeNs());
      } else {
        runner.onData(connection, end, segment.bytes(), 0, segment.length(), positions[end], positions[1 - end], segment.timeNs());
        positions[end] += segment.length();
      }
    }
  }

  private static long allocatedBytes() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }

  // --- what must hold ---

  private void assertSurvives(Conversation conversation, List<Segment> segments, Undisturbed whole, int at, int length) {
    List<Entry> entries = replay.run(conversation, Segment.hole(segments, at, length), false);
    if (!conversation.recovers()) return;
    whole.assertNothingInvented(entries);
    Entry last = whole.lastExchange();
    if (last == null || at >= startOf(last, segments)) return;
    whole.assertLastComesBack(entries);
    assertThat(entries.stream().anyMatch(entry -> entry.has(EntryLayout.FLAG_AFTER_GAP) || entry.has(Anomaly.BODY_HOLE)))
        .as("an entry owns up to the hole").isTrue();
  }

  /** Index of the first byte of the step that the exchange begins in. */
  private static int startOf(Entry exchange, List<Segment> segments) {
    int at = 0;
    for (Segment segment : segments) {
      if (segment.timeNs() >= exchange.view().startNs()) break;
      at += segment.length();
    }
    return at;
  }

  // --- over the corpus ---

  private interface Case {
    void run(Conversation conversation, List<Segment> segments, Undisturbed whole);
  }

  private void forEach(Case test) {
    for (Conversation conversation : corpus().conversations()) test.run(conversation, Segment.of(conversation), Undisturbed.of(replay.run(conversation)));
  }

  private void forStreams(Case test) {
    for (Conversation conversation : corpus().conversations()) {
      if (!conversation.datagrams()) test.run(conversation, Segment.of(conversation), Undisturbed.of(replay.run(conversation)));
    }
  }

  private static void positions(int length, IntConsumer test) {
    if (length <= EXHAUSTIVE_BYTES_MAX) {
      for (int at = 0; at < length; at++) test.accept(at);
      return;
    }
    new Random(SEED).ints(SAMPLES, 0, length).forEach(test);
  }

  private static void check(Conversation conversation, String what, Runnable test) {
    try {
      test.run();
    } catch (AssertionError failure) {
      throw new AssertionError(conversation + ", " + what + ": " + failure.getMessage(), failure);
    }
  }
}
