package io.kubeshark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QuietAfterWorkTest {
  private static final long LOAD = 50_000;

  private final QuietAfterWork quiet = new QuietAfterWork(0);

  @Test
  void isOnceAfterALoad() {
    assertThat(quiet.isNow(10 * LOAD, LOAD, 70_000)).as("7,000 packets a second").isFalse();
    assertThat(quiet.isNow(10 * LOAD + 100, LOAD, 75_000)).isTrue();
    assertThat(quiet.isNow(10 * LOAD + 200, LOAD, 200_000)).as("nothing was done since").isFalse();
  }

  @Test
  void isNotAfterLittleWork() {
    assertThat(quiet.isNow(100, QuietAfterWork.WORK_ENTRIES - 1, 100_000)).isFalse();
    assertThat(quiet.isNow(100, QuietAfterWork.WORK_ENTRIES, 105_000)).isTrue();
  }

  @Test
  void isNoSoonerThanThePause() {
    assertThat(quiet.isNow(100, LOAD, QuietAfterWork.PAUSE_MS - 1)).isFalse();
    assertThat(quiet.isNow(100, LOAD, QuietAfterWork.PAUSE_MS)).isTrue();
    assertThat(quiet.isNow(200, 2 * LOAD, 2 * QuietAfterWork.PAUSE_MS - 1)).isFalse();
    assertThat(quiet.isNow(200, 2 * LOAD, 2 * QuietAfterWork.PAUSE_MS)).isTrue();
  }
}
