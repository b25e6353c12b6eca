package io.kubeshark.dissect;

import java.util.LinkedHashSet;

/**
 * Connections of one thread with a request that waits for its answer. Whoever looks for a call that hangs, or for a stream, does not want to
 * wait for its end: after a while there is an entry of the call as it is then ({@link io.kubeshark.core.Anomaly#WAITING}, and
 * {@link io.kubeshark.core.Anomaly#IN_PROGRESS} while one of its messages is under way).
 *
 * <p>Each connection is looked at some time after it began to wait, and again as long as it does: what is answered at once costs nothing more
 * than one place here in that time.
 */
final class Unfinished {
  /** Above what a slow call takes; below the minute after which most proxies give up. */
  static final long TOLD_AFTER_NS = 30_000_000_000L;
  /**
   * These entries' index is that of the next exchange, from here on: both legs of a NATed call count their exchanges alike, though one may be told of
   * and the other just not.
   */
  static final int WAITING_INDEX = 1_000_000_000;
  static final int IN_PROGRESS_INDEX = 1_500_000_000;
  private static final long LOOK_AFTER_NS = 5_000_000_000L;

  /** By {@link Exchanges#lookAtNs}. */
  private final LinkedHashSet<Exchanges> watched = new LinkedHashSet<>();

  void add(Exchanges exchanges, long timeNs) {
    exchanges.lookAtNs = timeNs + LOOK_AFTER_NS;
    watched.addLast(exchanges);
  }

  void remove(Exchanges exchanges) {
    watched.remove(exchanges);
  }

  void onTime(long nowNs) {
    while (!watched.isEmpty() && watched.getFirst().lookAtNs <= nowNs) {
      Exchanges longest = watched.removeFirst();
      if (longest.tellUnfinished(nowNs, TOLD_AFTER_NS)) add(longest, nowNs);
    }
  }
}
