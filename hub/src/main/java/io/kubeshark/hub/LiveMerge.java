package io.kubeshark.hub;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Live rows of several sources: each waits {@link #WINDOW_MS} from its arrival, then goes out together with all that began before it. So rows
 * that arrive within the window come out by time, and one source's late rows keep nobody else's waiting. Holds what sources have
 * credit for. Guarded by its feed.
 */
final class LiveMerge {
  static final long WINDOW_MS = 200;

  private final PriorityQueue<Held> byStart = new PriorityQueue<>(Comparator.comparingLong((Held held) -> held.startNs).thenComparingLong(held -> held.sequence));
  private final ArrayDeque<Held> byArrival = new ArrayDeque<>();
  /** Calls that another record may be the other leg of. */
  private final Map<Long, Held> legs = new HashMap<>();
  /** Rows that began up to here may go. */
  private long releasedNs = Long.MIN_VALUE;

  void add(Held held) {
    byStart.add(held);
    byArrival.add(held);
    if (held.natKey == Nat.NO_KEY) return;
    Held other = legs.get(held.natKey);
    if (other == null || !held.join(other)) legs.put(held.natKey, held);
    else legs.remove(held.natKey);
  }

  /** The next row whose time has come ({@link Held#row} may be null), or null. */
  Held poll(long nowMs) {
    for (Held first = byArrival.peek(); first != null && (first.out || first.arrivedMs <= nowMs - WINDOW_MS); first = byArrival.peek()) {
      byArrival.poll();
      if (!first.out) releasedNs = Math.max(releasedNs, first.startNs);
    }
    Held next = byStart.peek();
    if (next == null || next.startNs > releasedNs) return null;
    byStart.poll();
    next.out = true;
    if (next.natKey != Nat.NO_KEY) legs.remove(next.natKey, next);
    return next;
  }

  boolean isEmpty() {
    return byStart.isEmpty();
  }
}
