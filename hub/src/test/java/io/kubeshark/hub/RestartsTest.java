package io.kubeshark.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.wire.proto.Hello;
import io.kubeshark.wire.proto.Stats;
import io.kubeshark.wire.proto.StoreCounts;
import org.junit.jupiter.api.Test;

class RestartsTest {
  private static final long TTL_MS = 300_000;

  private final Restarts restarts = new Restarts();

  private static Hello hello(long instance, long beganMs) {
    return Hello.newBuilder().setInstance(instance).setStoreBeganMs(beganMs).build();
  }

  private static Stats stored(long entries, long ttlMs) {
    return Stats.newBuilder().setStore(StoreCounts.newBuilder().setEntries(entries).setEntriesTtlMs(ttlMs)).build();
  }

  private Restarts.Restart saw(long instance, long beganMs, long entries, long nowMs) {
    restarts.saw("a", hello(instance, beganMs), stored(entries, TTL_MS), nowMs);
    return restarts.of("a", stored(entries, TTL_MS), nowMs);
  }

  @Test
  void anotherStoreIsARestartAndWhatTheEarlierOneHeldIsLost() {
    assertThat(saw(7, 100, 10, 1000)).isNull();
    assertThat(saw(7, 100, 1200, 2000)).as("the same one").isNull();
    assertThat(saw(8, 2500, 0, 3000)).isEqualTo(new Restarts.Restart(2500, 2000, 1200, 1));
    assertThat(saw(8, 2500, 50, 4000)).as("still").isEqualTo(new Restarts.Restart(2500, 2000, 1200, 1));
    assertThat(restarts.of("b", stored(0, TTL_MS), 4000)).as("another worker").isNull();
  }

  @Test
  void losesAddUpWhileTheyAreNews() {
    saw(7, 100, 1200, 2000);
    saw(8, 2500, 50, 3000);
    assertThat(saw(9, 4000, 0, 4100)).isEqualTo(new Restarts.Restart(4000, 3000, 1250, 2));
    long later = 4000 + TTL_MS + 1;
    assertThat(saw(9, 4000, 30, later)).as("it would have expired by now").isNull();
    assertThat(saw(10, later + 1, 0, later + 2)).isEqualTo(new Restarts.Restart(later + 1, later, 30, 3));
  }

  @Test
  void withoutATimeToLiveItIsNewsForAnHour() {
    restarts.saw("a", hello(7, 0), stored(5, 0), 1000);
    restarts.saw("a", hello(8, 0), stored(0, 0), 2000); // a worker that does not say since when
    assertThat(restarts.of("a", stored(0, 0), 2000 + Restarts.SHOWN_MS_MAX)).isEqualTo(new Restarts.Restart(2000, 1000, 5, 1));
    assertThat(restarts.of("a", stored(0, 0), 2001 + Restarts.SHOWN_MS_MAX)).isNull();
  }

  @Test
  void aWorkerThatDoesNotNameItsStoreIsNotAccused() {
    saw(7, 100, 10, 1000);
    assertThat(saw(0, 0, 10, 2000)).isNull();
    assertThat(saw(7, 100, 10, 3000)).isNull();
  }

  @Test
  void knowsNoMoreWorkersThanTheHub() {
    for (int i = 0; i <= Workers.WORKERS_MAX; i++) restarts.saw("w" + i, hello(1, 0), stored(5, TTL_MS), 1000);
    for (int i : new int[] {0, Workers.WORKERS_MAX}) restarts.saw("w" + i, hello(2, 0), stored(5, TTL_MS), 2000);
    assertThat(restarts.of("w0", stored(0, TTL_MS), 2000)).as("forgotten").isNull();
    assertThat(restarts.of("w" + Workers.WORKERS_MAX, stored(0, TTL_MS), 2000)).isNotNull();
  }
}
