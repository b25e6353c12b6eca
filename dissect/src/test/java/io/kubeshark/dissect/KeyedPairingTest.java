package io.kubeshark.dissect;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.core.Anomaly;
import io.kubeshark.core.Direction;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Against a model that searches a plain list: random keys, duplicates, time-outs, responses that come first, the limit. */
class KeyedPairingTest {
  private static final long SEED = 20_251_116;
  private static final int ROUNDS = 400;
  private static final int MESSAGES = 400;
  private static final long SECOND_NS = 1_000_000_000;

  /** What became of a message, in the order in which it did. */
  private record Outcome(Message request, Message response) {}

  private final List<Outcome> outcomes = new ArrayList<>();
  private int evicted;
  private final KeyedPairing pairing = new KeyedPairing(new InOrderPairing.Emitter() {
    @Override
    public void exchange(Message request, Message response) {
      outcomes.add(new Outcome(request, response));
    }

    @Override
    public void evicted() {
      evicted++;
    }
  });

  @Test
  void agreesWithTheModel() {
    for (int round = 0; round < ROUNDS; round++) {
      long seed = SEED + round;
      Random random = new Random(seed);
      outcomes.clear();
      List<Outcome> expected = new ArrayList<>();
      Deque<Message> waiting = new ArrayDeque<>();
      int keys = 1 + random.nextInt(200);
      long stepNs = random.nextInt(4) == 0 ? SECOND_NS / 2 : 300_000;
      long timeNs = 0;
      for (int i = 0; i < MESSAGES; i++) {
        timeNs += (long) (random.nextDouble() * stepNs);
        Direction sender = random.nextBoolean() ? Direction.CLIENT : Direction.SERVER;
        Message message = message(sender, random.nextInt(keys) * 0x9e3779b97f4a7c15L, timeNs - random.nextInt(2) * random.nextInt(2_000_000));
        model(waiting, expected, message);
        add(message);
        assertThat(outcomes).as("seed %d, message %d", seed, i).isEqualTo(expected);
        assertThat(pairing.waiting()).as("seed %d, message %d", seed, i).isEqualTo(waiting.size());
      }
      while (!waiting.isEmpty()) leave(expected, waiting.poll());
      pairing.close();
      assertThat(outcomes).as("seed %d, closed", seed).isEqualTo(expected);
      assertThat(pairing.waiting()).isZero();
    }
  }

  private static void model(Deque<Message> waiting, List<Outcome> outcomes, Message message) {
    while (!waiting.isEmpty() && message.startNs - waiting.peek().startNs >= KeyedPairing.TIMEOUT_NS) leave(outcomes, waiting.poll());
    for (Iterator<Message> it = waiting.iterator(); it.hasNext(); ) {
      Message other = it.next();
      if (other.key != message.key) continue;
      it.remove();
      boolean request = message.sender == Direction.CLIENT;
      boolean tooEarly = request && message.startNs - other.startNs > 1_000_000;
      if (other.sender != message.sender && !tooEarly) {
        outcomes.add(request ? new Outcome(message, other) : new Outcome(other, message));
        return;
      }
      leave(outcomes, other);
      break;
    }
    waiting.add(message);
  }

  private static void leave(List<Outcome> outcomes, Message message) {
    outcomes.add(message.sender == Direction.CLIENT ? new Outcome(message, null) : new Outcome(null, message));
  }

  /** Whatever comes, so many wait at most, and finding one costs the same whether ten or four thousand wait. */
  @Test
  void theOldestMakesRoom() {
    int count = KeyedPairing.WAITING_MAX * 3;
    for (int i = 0; i < count; i++) {
      add(message(Direction.CLIENT, i, i));
      assertThat(pairing.waiting()).isLessThanOrEqualTo(KeyedPairing.WAITING_MAX);
    }
    assertThat(evicted).isEqualTo(count - KeyedPairing.WAITING_MAX);
    for (int i = 0; i < evicted; i++) assertThat(outcomes.get(i).request().key).isEqualTo(i);
    outcomes.clear();
    for (int i = count - 1; i >= evicted; i--) {
      add(message(Direction.SERVER, i, count));
      assertThat(outcomes.getLast().request().key).isEqualTo(i);
    }
    assertThat(pairing.waiting()).isZero();
  }

  @Test
  void oddThingsAreSaid() {
    add(message(Direction.SERVER, 1, 10));
    Message late = message(Direction.CLIENT, 1, 500_010);
    add(late);
    Message response = outcomes.getFirst().response();
    assertThat(outcomes).containsExactly(new Outcome(late, response));
    assertThat(response.anomalies).isEqualTo(Anomaly.TIMING_INVERTED.bit());

    Message first = message(Direction.CLIENT, 2, SECOND_NS);
    add(first);
    add(message(Direction.CLIENT, 2, 2 * SECOND_NS));
    assertThat(outcomes.getLast()).isEqualTo(new Outcome(first, null));
    assertThat(first.anomalies).isEqualTo(Anomaly.DUPLICATE_ID.bit());

    // A response long before is no answer, and is not called a duplicate either.
    Message stray = message(Direction.SERVER, 3, 2 * SECOND_NS);
    add(stray);
    add(message(Direction.CLIENT, 3, 3 * SECOND_NS));
    assertThat(outcomes.getLast()).isEqualTo(new Outcome(null, stray));
    assertThat(stray.anomalies).isZero();
  }

  private void add(Message message) {
    if (message.sender == Direction.CLIENT) pairing.request(message);
    else pairing.response(message);
  }

  private static Message message(Direction sender, long key, long startNs) {
    Message message = new Message(2048);
    message.reset(sender);
    message.key = key;
    message.startNs = startNs;
    return message;
  }
}
