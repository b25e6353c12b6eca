package io.kubeshark.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CreditWindowsTest {
  private final CreditWindows credit = new CreditWindows();

  @Test
  void oneBusySourceAmongManyGetsItsWholeWindow() {
    List<CreditWindows.Window> windows = open(200);
    long granted = windows.getFirst().bytes();
    for (int i = 0; i < 20; i++) granted += credit.skipped(windows.getFirst());
    assertThat(granted).isEqualTo(windows.getFirst().bytes()).isEqualTo(CreditWindows.WINDOW_BYTES_MAX);
  }

  @Test
  void allTogetherStayBelowTheLimit() {
    List<CreditWindows.Window> windows = open(200);
    for (int i = 0; i < 20; i++) windows.forEach(credit::skipped);
    assertThat(windows.stream().mapToLong(CreditWindows.Window::bytes).sum()).isEqualTo(CreditWindows.WINDOWS_BYTES_MAX);
  }

  @Test
  void whileMuchWaitsWindowsShrinkToWhatTheyWere() {
    List<CreditWindows.Window> windows = open(200);
    CreditWindows.Window busy = windows.getFirst();
    long first = busy.bytes();
    for (int i = 0; i < 20; i++) credit.skipped(busy);
    credit.hold(3 * CreditWindows.HELD_BYTES_WANTED);
    assertThat(credit.skipped(busy)).isZero();
    long kept = 0;
    for (int i = 0; i < 100; i++) kept += 100_000 - credit.back(busy, 100_000);
    assertThat(kept).isEqualTo(CreditWindows.WINDOW_BYTES_MAX - first);
    assertThat(busy.bytes()).isEqualTo(first);
    credit.release(3 * CreditWindows.HELD_BYTES_WANTED);
    assertThat(credit.back(busy, 100)).isEqualTo(100);
    assertThat(credit.skipped(busy)).isPositive();
  }

  @Test
  void aSourceThatGoesLeavesItsRoom() {
    List<CreditWindows.Window> windows = open(40);
    for (int i = 0; i < 20; i++) windows.forEach(credit::skipped);
    CreditWindows.Window late = credit.open(41);
    assertThat(credit.skipped(late)).isZero();
    credit.close(windows.getFirst());
    assertThat(credit.skipped(late)).isPositive();
  }

  private List<CreditWindows.Window> open(int sources) {
    List<CreditWindows.Window> windows = new ArrayList<>();
    for (int i = 0; i < sources; i++) windows.add(credit.open(sources));
    return windows;
  }
}
