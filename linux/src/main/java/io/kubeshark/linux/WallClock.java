package io.kubeshark.linux;

import java.time.Instant;

/** The clock that packets are stamped with: CLOCK_REALTIME. */
public final class WallClock {
  private WallClock() {}

  /** Epoch nanoseconds. */
  public static long nowNs() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }
}
