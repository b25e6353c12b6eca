package io.kubeshark.hub;

import io.kubeshark.wire.proto.Hello;
import io.kubeshark.wire.proto.Stats;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Which workers began anew while this hub knew them: what such a worker had stored went with it, and that must not look like silence. Told by
 * the store's instance, so a container that restarts counts as a pod that is replaced. Guarded by its owner.
 */
final class Restarts {
  /** Longer than this it is no news, where entries are kept until the store is full. */
  static final long SHOWN_MS_MAX = 3_600_000;

  /**
   * @param atMs when the new store began, by the node's clock
   * @param lastSeenMs when the earlier worker last answered: what it took in after that is not counted
   * @param entriesLost stored at that time; of several restarts that are still news, together
   * @param times since this hub knows the worker
   */
  record Restart(long atMs, long lastSeenMs, long entriesLost, int times) {}

  private record Known(long instance, long seenMs, long entries, Restart last) {}

  private final Map<String, Known> known = new LinkedHashMap<>(16, 0.75f, true) {
    @Override
    protected boolean removeEldestEntry(Map.Entry<String, Known> eldest) {
      return size() > Workers.WORKERS_MAX;
    }
  };

  /** The worker answered. One that does not name its store (instance 0) is never said to have restarted. */
  void saw(String worker, Hello hello, Stats stats, long nowMs) {
    Known earlier = known.get(worker);
    Restart last = earlier == null ? null : earlier.last;
    if (earlier != null && earlier.instance != 0 && hello.getInstance() != 0 && earlier.instance != hello.getInstance()) {
      long atMs = hello.getStoreBeganMs() == 0 ? nowMs : hello.getStoreBeganMs();
      boolean news = isNews(last, stats, nowMs);
      last = new Restart(atMs, earlier.seenMs, earlier.entries + (news ? last.entriesLost : 0), last == null ? 1 : last.times + 1);
    }
    known.put(worker, new Known(hello.getInstance(), nowMs, stats.getStore().getEntries(), last));
  }

  /** The worker's last restart, or null once what was lost would have been too old to be kept anyway. */
  Restart of(String worker, Stats stats, long nowMs) {
    Known now = known.get(worker);
    return now != null && isNews(now.last, stats, nowMs) ? now.last : null;
  }

  private static boolean isNews(Restart restart, Stats stats, long nowMs) {
    long ttlMs = stats.getStore().getEntriesTtlMs();
    return restart != null && nowMs - restart.atMs <= (ttlMs == 0 ? SHOWN_MS_MAX : ttlMs);
  }
}
