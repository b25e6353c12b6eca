package io.kubeshark.hub;

import static io.kubeshark.hub.RowBudget.ROWS_PER_SECOND_MAX;
import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class RowBudgetTest {
  private static final long START_MS = 1_795_000_000_000L;
  private static final int TURN_MS = 100;

  private final RowBudget budget = new RowBudget();

  @Test
  void fewRowsArePaidAtOnce() {
    for (int turn = 0; turn < 100; turn++) {
      budget.spend(ROWS_PER_SECOND_MAX / 10);
      assertThat(budget.pay(START_MS + turn * TURN_MS)).isEqualTo(1);
      assertThat(budget.paid()).isTrue();
    }
  }

  /** A source that sends all that it has credit for: over ten seconds it gets to send ten seconds' rows, and one second's at the start. */
  @Test
  void manyRowsArePaidAtTheirRate() {
    double credit = 5 * ROWS_PER_SECOND_MAX;
    double sent = 0;
    double owed = 0;
    for (int turn = 0; turn < 100; turn++) {
      int rows = (int) credit;
      sent += rows;
      owed += rows;
      budget.spend(rows);
      double back = owed * budget.pay(START_MS + turn * TURN_MS);
      owed -= back;
      credit = credit - rows + back;
    }
    // What it had to begin with, a second's worth, and what ten seconds bring.
    assertThat(sent).isCloseTo((5 + 1 + 10) * ROWS_PER_SECOND_MAX, Offset.offset(0.2 * ROWS_PER_SECOND_MAX));
    assertThat(budget.paid()).isFalse();
  }

  @Test
  void aPauseSavesUpNoMoreThanASecond() {
    budget.pay(START_MS);
    budget.spend(10 * ROWS_PER_SECOND_MAX);
    assertThat(budget.pay(START_MS + 3_600_000)).isCloseTo(0.1, Offset.offset(1e-9));
  }

  @Test
  void aClockThatJumpsBackTakesNothing() {
    budget.pay(START_MS);
    budget.spend(ROWS_PER_SECOND_MAX);
    assertThat(budget.pay(START_MS - 10_000)).isEqualTo(1);
  }
}
