package io.kubeshark.kube;

import static io.kubeshark.kube.Some.SECOND;
import static io.kubeshark.kube.Some.T0;
import static io.kubeshark.kube.Some.name;
import static io.kubeshark.kube.Some.phase;
import static io.kubeshark.kube.Some.pod;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Who had an address when. */
class HistoryTest {
  private final ClusterTable table = new ClusterTable("node1");

  @Test
  void anAddressThatIsUsedAgainDoesNotRenameWhatWasBefore() {
    table.put(pod("shop", "old", "1", T0, "10.0.0.5"), T0 + SECOND);
    table.removePod("shop", "old", T0 + 100 * SECOND);
    table.put(pod("shop", "new", "2", T0 + 101 * SECOND, "10.0.0.5"), T0 + 103 * SECOND);

    assertThat(name(table, "10.0.0.5", 80, T0 + 50 * SECOND)).isEqualTo("old");
    assertThat(name(table, "10.0.0.5", 80, T0 + 100 * SECOND - 1)).isEqualTo("old");
    assertThat(name(table, "10.0.0.5", 80, T0 + 101 * SECOND)).isEqualTo("new");
    assertThat(name(table, "10.0.0.5", 80, T0 + 200 * SECOND)).isEqualTo("new");
  }

  @Test
  void aPodHasItsAddressFromItsStartOnThoughItIsToldLater() {
    table.put(pod("shop", "young", "1", T0, "10.0.0.5"), T0 + 2 * SECOND);
    assertThat(name(table, "10.0.0.5", 0, T0)).isEqualTo("young");
    assertThat(name(table, "10.0.0.5", 0, T0 - SECOND)).as("whole seconds, other clocks").isEqualTo("young");
    assertThat(name(table, "10.0.0.5", 0, T0 - 10 * SECOND)).isEqualTo("?");
  }

  @Test
  void whoComesLaterTakesTheAddressAtItsStart() {
    table.put(pod("shop", "old", "1", T0, "10.0.0.5"), T0);
    table.put(pod("shop", "new", "2", T0 + 60 * SECOND, "10.0.0.5"), T0 + 62 * SECOND);
    assertThat(name(table, "10.0.0.5", 0, T0 + 59 * SECOND)).isEqualTo("old");
    assertThat(name(table, "10.0.0.5", 0, T0 + 60 * SECOND)).isEqualTo("new");
    // The old one's last words do not take it back.
    table.put(phase(pod("shop", "old", "1", T0, "10.0.0.5"), "Running", 0), T0 + 63 * SECOND);
    assertThat(name(table, "10.0.0.5", 0, T0 + 64 * SECOND)).isEqualTo("new");
    table.removePod("shop", "old", T0 + 65 * SECOND);
    assertThat(name(table, "10.0.0.5", 0, T0 + 66 * SECOND)).isEqualTo("new");
    assertThat(name(table, "10.0.0.5", 0, T0 + 30 * SECOND)).isEqualTo("old");
  }

  @Test
  void theOlderOfTwoThatIsListedSecondHadItBefore() {
    table.put(pod("shop", "new", "2", T0 + 60 * SECOND, "10.0.0.5"), T0 + 100 * SECOND);
    table.put(pod("shop", "old", "1", T0, "10.0.0.5"), T0 + 100 * SECOND);
    assertThat(name(table, "10.0.0.5", 0, T0 + 59 * SECOND)).isEqualTo("old");
    assertThat(name(table, "10.0.0.5", 0, T0 + 61 * SECOND)).isEqualTo("new");
  }

  @Test
  void aPodThatIsOverGaveItsAddressBackWhenItsContainersEnded() {
    Pod job = pod("shop", "job", "1", T0, "10.0.0.5");
    table.put(job, T0);
    table.put(phase(job, "Succeeded", T0 + 10 * SECOND), T0 + 40 * SECOND);
    table.put(pod("shop", "next", "2", T0 + 20 * SECOND, "10.0.0.5"), T0 + 41 * SECOND);
    assertThat(name(table, "10.0.0.5", 0, T0 + 10 * SECOND)).isEqualTo("job");
    assertThat(name(table, "10.0.0.5", 0, T0 + 25 * SECOND)).isEqualTo("next");
  }

  /** Kubelet skips states: of a short job, the first one with an address may be the last one. */
  @Test
  void aPodThatIsToldToBeOverBeforeItsAddressWasKnownHadItAllTheSame() {
    Pod starting = phase(pod("shop", "job", "1", T0 + SECOND), "Pending", 0);
    Pod over = phase(pod("shop", "job", "1", T0 + SECOND, "10.0.0.5"), "Succeeded", T0 + 3 * SECOND);
    table.put(starting, T0 + SECOND);
    for (int told = 0; told < 3; told++) table.put(over, T0 + 4 * SECOND);
    table.removePod("shop", "job", T0 + 5 * SECOND);
    assertThat(name(table, "10.0.0.5", 0, T0 + 2 * SECOND)).isEqualTo("job");
    assertThat(table.pods()).isEmpty();
    assertThat(table.counts().addresses()).isEqualTo(1);
    table.put(pod("shop", "next", "2", T0 + 2 * SECOND, "10.0.0.5"), T0 + 9 * SECOND);
    assertThat(name(table, "10.0.0.5", 0, T0 + 3 * SECOND)).isEqualTo("job");
    assertThat(name(table, "10.0.0.5", 0, T0 + 5 * SECOND)).isEqualTo("next");
  }

  @Test
  void aPodThatWasOverBeforeTheListDoesNotTakeTheAddressFromWhoHasItNow() {
    table.put(pod("shop", "now", "2", T0 + 5 * SECOND, "10.0.0.5"), T0 + 60 * SECOND);
    table.put(phase(pod("shop", "job", "1", T0, "10.0.0.5"), "Succeeded", T0 + 10 * SECOND), T0 + 60 * SECOND);
    table.put(phase(pod("shop", "before", "0", T0 - 5 * SECOND, "10.0.0.5"), "Failed", T0 + SECOND), T0 + 60 * SECOND);
    assertThat(name(table, "10.0.0.5", 0, T0)).isEqualTo("before");
    assertThat(name(table, "10.0.0.5", 0, T0 + 6 * SECOND)).isEqualTo("job");
    assertThat(name(table, "10.0.0.5", 0, T0 + 12 * SECOND)).isEqualTo("now");
    assertThat(name(table, "10.0.0.5", 0, T0 + 61 * SECOND)).isEqualTo("now");
  }

  @Test
  void whatWasOverLongAgoIsNotKept() {
    table.put(phase(pod("shop", "job", "1", T0, "10.0.0.5"), "Succeeded", T0 + SECOND), T0 + SECOND + Tenures.HISTORY_NS);
    table.put(phase(pod("shop", "evicted", "2", T0, "10.0.0.6"), "Failed", 0), T0 + SECOND);
    assertThat(table.counts().addresses()).isZero();
  }

  @Test
  void lastPacketsBelongToWhoHadItLastUnlessTheyComeTooLate() {
    table.put(pod("shop", "gone", "1", T0, "10.0.0.5"), T0);
    table.removePod("shop", "gone", T0 + 10 * SECOND);
    assertThat(name(table, "10.0.0.5", 0, T0 + 10 * SECOND + Tenures.LINGER_NS - 1)).isEqualTo("gone");
    assertThat(name(table, "10.0.0.5", 0, T0 + 10 * SECOND + Tenures.LINGER_NS)).isEqualTo("?");
  }

  /** The address may be another pod's already, of which the API server has not told yet: its name is waited for. */
  @Test
  void aPodWhoseContainersHaveEndedDoesNotCallAnyMore() {
    Pod job = pod("shop", "job", "1", T0, "10.0.0.5");
    table.put(job, T0);
    table.put(phase(job, "Running", T0 + 10 * SECOND), T0 + 11 * SECOND);
    table.removePod("shop", "job", T0 + 12 * SECOND);
    assertThat(name(table, "10.0.0.5", 0, T0 + 10 * SECOND)).isEqualTo("job");
    assertThat(name(table, "10.0.0.5", 0, T0 + 12 * SECOND)).isEqualTo("?");
    assertThat(name(table, "10.0.0.5", 80, T0 + 12 * SECOND)).as("but it is still called").isEqualTo("job");
    table.put(pod("shop", "next", "2", T0 + 11 * SECOND, "10.0.0.5"), T0 + 14 * SECOND);
    assertThat(name(table, "10.0.0.5", 0, T0 + 12 * SECOND)).isEqualTo("next");
  }

  @Test
  void aNewPodOfTheSameNameIsAnotherOne() {
    table.put(pod("shop", "redis-0", "1", T0, "10.0.0.5"), T0);
    table.put(pod("shop", "redis-0", "2", T0 + 50 * SECOND, "10.0.0.6"), T0 + 51 * SECOND);
    assertThat(name(table, "10.0.0.5", 0, T0 + 20 * SECOND)).isEqualTo("redis-0");
    assertThat(name(table, "10.0.0.6", 0, T0 + 52 * SECOND)).isEqualTo("redis-0");
    assertThat(name(table, "10.0.0.5", 0, T0 + 51 * SECOND + Tenures.LINGER_NS)).isEqualTo("?");
  }

  @Test
  void historyIsBoundedInLengthAndAge() {
    for (int i = 0; i < 20; i++) {
      table.put(pod("shop", "pod" + i, "uid" + i, T0 + i * 10 * SECOND, "10.0.0.5"), T0 + i * 10 * SECOND);
      table.removePod("shop", "pod" + i, T0 + (i * 10 + 9) * SECOND);
    }
    assertThat(name(table, "10.0.0.5", 0, T0 + 195 * SECOND)).isEqualTo("pod19");
    assertThat(name(table, "10.0.0.5", 0, T0 + (20 - Tenures.HISTORY_MAX) * 10 * SECOND)).isEqualTo("pod12");
    assertThat(name(table, "10.0.0.5", 0, T0 + 105 * SECOND)).isEqualTo("?");
    assertThat(table.counts().addresses()).isOne();
    table.refresh(T0 + 199 * SECOND + Tenures.HISTORY_NS - SECOND);
    assertThat(table.counts().addresses()).isOne();
    table.refresh(T0 + 199 * SECOND + Tenures.HISTORY_NS + 70 * SECOND);
    assertThat(table.counts().addresses()).isZero();
  }

  private record Life(String pod, String ip, long from, long to) {}

  /** Pods in random order on few addresses, each told some time after it began, against a list of what was true. */
  @Test
  void manyPodsOnFewAddresses() {
    Random random = new Random(1);
    List<Life> lives = new ArrayList<>();
    long now = T0;
    for (int i = 0; i < 60; i++) {
      String ip = "10.0.0." + random.nextInt(8);
      String name = "pod" + i;
      long from = now;
      long told = from + random.nextInt(1, 3) * SECOND;
      long to = told + random.nextInt(1, 50) * SECOND;
      table.put(pod("shop", name, "uid" + i, from), from);
      table.put(pod("shop", name, "uid" + i, from, ip), told);
      table.removePod("shop", name, to);
      lives.add(new Life(name, ip, from, to));
      now = to + random.nextInt(0, 3) * SECOND;
    }
    // What was true in the last history's worth of time.
    long since = now - 300 * SECOND;
    List<Life> late = lives.stream().filter(life -> life.from > since).toList();
    assertThat(late).hasSizeGreaterThan(8);
    for (Life life : late) {
      for (int i = 0; i < 20; i++) {
        long time = life.from + (long) (random.nextDouble() * (life.to - life.from));
        assertThat(name(table, life.ip, 80, time)).as("%s at %d s", life.ip, (time - T0) / SECOND).isEqualTo(life.pod);
      }
    }
  }
}
