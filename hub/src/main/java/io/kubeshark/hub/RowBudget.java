package io.kubeshark.hub;

/**
 * How many live rows one browser is sent: {@value #ROWS_PER_SECOND_MAX} a second, a second's worth at once after a pause. Rows go out as they
 * come, but sources get the credit for them back no faster than this; what they cannot send meanwhile they skip and count. Guarded by its feed.
 */
final class RowBudget {
  /** More than anybody reads, and what a dashboard still draws smoothly. */
  static final int ROWS_PER_SECOND_MAX = 5000;

  private double allowed = ROWS_PER_SECOND_MAX;
  private double unpaid;
  private long paidMs;

  void spend(int rows) {
    unpaid += rows;
  }

  boolean paid() {
    return unpaid < 1;
  }

  /** @return the share of what was unpaid, in 0 to 1, that is paid by {@code nowMs} */
  double pay(long nowMs) {
    allowed = Math.min(ROWS_PER_SECOND_MAX, allowed + Math.max(0, nowMs - paidMs) * (ROWS_PER_SECOND_MAX / 1000.0));
    paidMs = nowMs;
    double share = unpaid <= allowed ? 1 : allowed / unpaid;
    double now = Math.min(unpaid, allowed);
    unpaid -= now;
    allowed -= now;
    return share;
  }
}
