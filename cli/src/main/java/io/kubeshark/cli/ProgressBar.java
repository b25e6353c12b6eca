package io.kubeshark.cli;

import java.io.PrintStream;

/** One line on a terminal that says how far a file is read. Nothing where standard error is not a terminal. */
final class ProgressBar {
  private static final int CELLS = 30;
  private static final long INTERVAL_NS = 100_000_000L;

  private final PrintStream terminal;
  private final long startNs = System.nanoTime();
  private long drawnNs = startNs;
  private boolean drawn;

  /** @param terminal null to draw nothing */
  ProgressBar(PrintStream terminal) {
    this.terminal = terminal;
  }

  void update(long nowNs, long done, long total, long entries) {
    if (terminal == null || nowNs - drawnNs < INTERVAL_NS) return;
    drawnNs = nowNs;
    drawn = true;
    double share = total > 0 ? Math.min(1, (double) done / total) : 0;
    int full = (int) (share * CELLS);
    String bar = total > 0 ? "█".repeat(full) + "░".repeat(CELLS - full) + String.format(" %3.0f %%", share * 100) : "";
    long perSecond = (long) (done / Math.max(0.001, (nowNs - startNs) / 1e9));
    terminal.print("\r\033[K" + bar + "  " + Sizes.bytes(done) + "  " + Sizes.count(entries) + " entries  " + Sizes.bytes(perSecond) + "/s");
    terminal.flush();
  }

  void clear() {
    if (drawn) terminal.print("\r\033[K");
  }
}
