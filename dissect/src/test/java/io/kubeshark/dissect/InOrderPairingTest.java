package io.kubeshark.dissect;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.core.Direction;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Random clients, random losses: no pair is ever wrong, and none is missing that can be known. */
class InOrderPairingTest {
  private static final int ROUNDS = Boolean.getBoolean("kubeshark.fast") ? 1_000 : 10_000;
  private static final long SEED = 20_251_115;
  private static final int EXCHANGES_MAX = 60;

  @Test
  void nothingLostNothingMissing() {
    for (int round = 0; round < ROUNDS / 4; round++) {
      long seed = SEED + round;
      for (PairingModel.Client client : PairingModel.Client.values()) {
        Random random = new Random(seed);
        PairingModel model = new PairingModel(random, client, 1 + random.nextInt(EXCHANGES_MAX));
        model.capture(0);
        assertNoneWrong(model, client + ", seed " + seed);
        assertFound(model, model.truths, client + ", seed " + seed);
      }
    }
  }

  /** One by one: whatever came whole is found, unless both halves of its two neighbours are lost. */
  @Test
  void oneByOne() {
    for (int round = 0; round < ROUNDS; round++) {
      long seed = SEED + round;
      Random random = new Random(seed);
      PairingModel model = new PairingModel(random, PairingModel.Client.ONE_BY_ONE, 1 + random.nextInt(EXCHANGES_MAX));
      model.lose(0, random.nextDouble() * 0.2);
      model.capture(0);
      assertNoneWrong(model, "seed " + seed);
      List<PairingModel.Truth> knowable = arrived(model);
      knowable.removeIf(truth -> leavesNothing(model, truth.number() - 1) && leavesNothing(model, truth.number() + 1));
      assertFound(model, knowable, "seed " + seed);
    }
  }

  /** In runs: found is what came whole, of each run that lost bytes in one direction only and there only in one place. */
  @Test
  void inRuns() {
    int checked = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long seed = SEED + round;
      Random random = new Random(seed);
      PairingModel model = new PairingModel(random, PairingModel.Client.RUNS, 1 + random.nextInt(EXCHANGES_MAX));
      int learnt = packetsUntilItIsKnownToDrain(model);
      model.lose(learnt, random.nextDouble() * 0.1);
      model.capture(0);
      assertNoneWrong(model, "seed " + seed);
      List<PairingModel.Truth> knowable = arrived(model);
      knowable.removeIf(truth -> !oneHoleAtMost(model, truth.run()));
      assertFound(model, knowable, "seed " + seed);
      checked += knowable.size();
    }
    assertThat(checked).isGreaterThan(ROUNDS * 10);
  }

  /** In runs, losses from the first packet on: whether the client drains may never be known. */
  @Test
  void inRunsUnknown() {
    int arrived = 0;
    int found = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long seed = SEED + round;
      Random random = new Random(seed);
      PairingModel model = new PairingModel(random, PairingModel.Client.RUNS, 1 + random.nextInt(EXCHANGES_MAX));
      model.lose(0, random.nextDouble() * 0.1);
      model.capture(0);
      assertNoneWrong(model, "seed " + seed);
      arrived += arrived(model).size();
      found += found(model, arrived(model)).size();
    }
    assertThat(found).isGreaterThan(arrived / 4 * 3);
  }

  /** Several in flight all the time: what a hole between counted responses leaves is known wherever the bounds meet. */
  @Test
  void inWindows() {
    int arrived = 0;
    int found = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long seed = SEED + round;
      Random random = new Random(seed);
      PairingModel model = new PairingModel(random, PairingModel.Client.WINDOW, 8 + random.nextInt(EXCHANGES_MAX));
      model.lose(packetsUntilItIsKnownNotToDrain(model), random.nextDouble() * 0.1);
      model.capture(0);
      assertNoneWrong(model, "seed " + seed);
      arrived += arrived(model).size();
      found += found(model, arrived(model)).size();
    }
    assertThat(found).isGreaterThan(arrived / 4);
  }

  /**
   * Several in flight, losses from the first packet on: no pair is wrong if two requests of the first window came. (If not, nothing tells
   * such a client from one that asks one by one.)
   */
  @Test
  void inWindowsUnknown() {
    int pairs = 0;
    int wrong = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long seed = SEED + round;
      Random random = new Random(seed);
      PairingModel model = new PairingModel(random, PairingModel.Client.WINDOW, 8 + random.nextInt(EXCHANGES_MAX));
      model.lose(0, random.nextDouble() * 0.1);
      model.capture(0);
      long first = model.packets.stream()
          .filter(packet -> packet.sender() == Direction.CLIENT && packet.peer() == 0 && packet.bytes()[0] == 'Q')
          .filter(packet -> !model.lost().contains(packet)).count();
      if (first >= 2) assertNoneWrong(model, "seed " + seed);
      pairs += model.pairs.size();
      wrong += (int) model.pairs.stream().filter(pair -> pair[0] != pair[1]).count();
    }
    assertThat(wrong).isLessThan(pairs / 50);
  }

  /** In runs of one length and of requests of one size: the loss of all requests of one of the first two runs is no loss to the others. */
  @Test
  void firstRunsLost() {
    int checked = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long seed = SEED + round;
      Random random = new Random(seed);
      PairingModel model = new PairingModel(random, PairingModel.Client.RUNS, 60);
      if (model.requestSpread > 1 || !model.sameRuns) continue;
      int lostRun = random.nextInt(2);
      int run = lostRun + 1;
      for (PairingModel.Truth truth : model.truths) {
        if (truth.run() == lostRun) model.lose(Direction.CLIENT, truth.requestStart(), truth.requestEnd());
      }
      // Before the next run is over, one of its answers is lost as well.
      List<PairingModel.Truth> next = model.truths.stream().filter(truth -> truth.run() == run).toList();
      PairingModel.Truth hit = next.get(random.nextInt(next.size()));
      model.lose(Direction.SERVER, hit.responseStart(), hit.responseEnd());
      if (model.truths.getLast().run() < run + 3) continue;
      model.capture(0);
      assertNoneWrong(model, "seed " + seed);
      List<PairingModel.Truth> knowable = arrived(model);
      assertFound(model, knowable, "seed " + seed);
      checked += knowable.size();
    }
    assertThat(checked).isGreaterThan(ROUNDS);
  }

  /** The capture, or the connection, is over before all is answered. */
  @Test
  void inRunsCutOff() {
    for (int round = 0; round < ROUNDS; round++) {
      long seed = SEED + round;
      Random random = new Random(seed);
      PairingModel model = new PairingModel(random, PairingModel.Client.RUNS, 20 + random.nextInt(EXCHANGES_MAX));
      model.packets.subList(model.packets.size() - random.nextInt(model.packets.size() / 2), model.packets.size()).clear();
      model.lose(packetsUntilItIsKnownToDrain(model), random.nextDouble() * 0.1);
      model.capture(0);
      assertNoneWrong(model, "seed " + seed);
    }
  }

  @Test
  void joinedInTheMiddle() {
    for (int round = 0; round < ROUNDS; round++) {
      long seed = SEED + round;
      Random random = new Random(seed);
      boolean runs = random.nextBoolean();
      PairingModel model =
          new PairingModel(random, runs ? PairingModel.Client.RUNS : PairingModel.Client.ONE_BY_ONE, 4 + random.nextInt(EXCHANGES_MAX));
      int from = 1 + random.nextInt(model.packets.size() - 1);
      boolean lossy = random.nextBoolean();
      if (lossy) model.lose(from, 0.05);
      model.capture(from);
      assertNoneWrong(model, "seed " + seed);
      if (runs || lossy) continue;
      List<PairingModel.Truth> knowable = arrived(model);
      knowable.removeIf(truth -> truth.requestStart() < position(model, Direction.CLIENT, from));
      assertFound(model, knowable, "seed " + seed);
    }
  }

  private static long position(PairingModel model, Direction sender, int from) {
    for (PairingModel.Packet packet : model.packets.subList(from, model.packets.size())) if (packet.sender() == sender) return packet.position();
    return Long.MAX_VALUE;
  }

  /** Packets up to and with the first request behind a run of two or more. */
  private static int packetsUntilItIsKnownToDrain(PairingModel model) {
    for (int i = 2; i < model.truths.size(); i++) {
      PairingModel.Truth last = model.truths.get(i - 1);
      PairingModel.Truth next = model.truths.get(i);
      if (last.run() == next.run() || model.truths.get(i - 2).run() != last.run()) continue;
      return packetsThrough(model, next.requestEnd());
    }
    return model.packets.size();
  }

  private static int packetsUntilItIsKnownNotToDrain(PairingModel model) {
    for (int i = 0; i < model.packets.size(); i++) {
      PairingModel.Packet packet = model.packets.get(i);
      if (packet.sender() == Direction.CLIENT && packet.peer() > 0) return i + 1;
    }
    return model.packets.size();
  }

  private static int packetsThrough(PairingModel model, long clientPosition) {
    for (int i = 0; i < model.packets.size(); i++) {
      PairingModel.Packet packet = model.packets.get(i);
      if (packet.sender() == Direction.CLIENT && packet.end() >= clientPosition) return i + 1;
    }
    return model.packets.size();
  }

  private static boolean leavesNothing(PairingModel model, int number) {
    if (number < 0 || number >= model.truths.size()) return false;
    PairingModel.Truth truth = model.truths.get(number);
    return model.isLost(Direction.CLIENT, truth.requestStart(), truth.requestEnd())
        && model.isLost(Direction.SERVER, truth.responseStart(), truth.responseEnd());
  }

  private static boolean oneHoleAtMost(PairingModel model, int run) {
    List<PairingModel.Truth> exchanges = model.truths.stream().filter(truth -> truth.run() == run).toList();
    int requests = 0;
    int responses = 0;
    boolean lastRequest = false;
    boolean lastResponse = false;
    PairingModel.Truth last = exchanges.getLast();
    for (PairingModel.Truth truth : exchanges) {
      boolean request = model.isLost(Direction.CLIENT, truth.requestStart(), truth.requestEnd());
      boolean response = model.isLost(Direction.SERVER, truth.responseStart(), truth.responseEnd());
      if (request && !lastRequest) requests++;
      if (response && !lastResponse) responses++;
      lastRequest = request;
      lastResponse = response;
    }
    boolean nextSeen = true;
    for (PairingModel.Truth truth : model.truths) {
      if (truth.number() == last.number() + 1) nextSeen &= !model.isLost(Direction.CLIENT, truth.requestStart(), truth.requestEnd());
      if (truth.number() == exchanges.getFirst().number() - 1) {
        nextSeen &= !model.isLost(Direction.CLIENT, truth.requestStart(), truth.requestEnd());
        nextSeen &= !model.isLost(Direction.SERVER, truth.responseStart(), truth.responseEnd());
      }
    }
    // Whether the last run was answered to its end, nothing says.
    boolean sure = last.number() < model.truths.size() - 1 || requests + responses == 0;
    return requests + responses <= 1 && nextSeen && sure;
  }

  private static List<PairingModel.Truth> arrived(PairingModel model) {
    List<PairingModel.Truth> arrived = new ArrayList<>(model.truths);
    arrived.removeIf(truth -> model.isLost(Direction.CLIENT, truth.requestStart(), truth.requestEnd())
        || model.isLost(Direction.SERVER, truth.responseStart(), truth.responseEnd()));
    return arrived;
  }

  private static Set<Integer> found(PairingModel model, List<PairingModel.Truth> wanted) {
    Set<Integer> found = new HashSet<>();
    for (int[] pair : model.pairs) found.add(pair[0]);
    Set<Integer> numbers = new HashSet<>();
    for (PairingModel.Truth truth : wanted) if (found.contains(truth.number())) numbers.add(truth.number());
    return numbers;
  }

  private static void assertFound(PairingModel model, List<PairingModel.Truth> wanted, String seed) {
    Set<Integer> found = found(model, wanted);
    if (found.size() == wanted.size()) return;
    List<PairingModel.Truth> missing = new ArrayList<>(wanted);
    missing.removeIf(truth -> found.contains(truth.number()));
    assertThat(missing).as("missing, %s, lost %s", seed, describe(model)).isEmpty();
  }

  private static void assertNoneWrong(PairingModel model, String seed) {
    for (int[] pair : model.pairs) {
      if (pair[0] != pair[1]) assertThat(pair[1]).as("answer to %d, %s, lost %s", pair[0], seed, describe(model)).isEqualTo(pair[0]);
    }
  }

  private static String describe(PairingModel model) {
    StringBuilder text = new StringBuilder();
    for (PairingModel.Packet packet : model.packets) {
      text.append(model.lost().contains(packet) ? "\n  LOST " : "\n       ").append(packet.sender()).append(' ').append(packet.position()).append("..")
          .append(packet.end()).append(" has ").append(packet.peer()).append(' ').append(new String(packet.bytes()).replace(".", ""));
    }
    return text.toString();
  }
}
