package io.kubeshark.hub;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The newest stored rows of several sources. Each gives a share of its newest; they are taken from the newest end, source by source in its
 * own order, until there are enough; a source whose share is used up is asked for more. So what is taken of a source is always its
 * newest without a gap, and a cursor can go on from there. Guarded by its feed.
 */
final class HistoryMerge {
  /** A source gives at least so many rows at once, and at most. */
  private static final int SHARE_ROWS_MIN = 64;
  static final int SHARE_ROWS_MAX = 5000;
  /** Rows as JSON of one feed; over it history is cut, and the answer says so. */
  static final long BYTES_MAX = 32 << 20;

  private final int wanted;
  private final List<Held> chosen = new ArrayList<>();
  private long bytes;
  private boolean cut;

  HistoryMerge(int wanted) {
    this.wanted = wanted;
  }

  /** Twice a fair part, so that most are not asked again. */
  static int share(int wanted, int sources) {
    return Math.min(wanted, Math.clamp(2L * wanted / Math.max(1, sources), SHARE_ROWS_MIN, SHARE_ROWS_MAX));
  }

  /** One source's rows that are not chosen yet. */
  static final class Rows {
    final ArrayDeque<Held> waiting = new ArrayDeque<>();
    /** It has older ones that match. */
    boolean more;
    /** Of the oldest row that it gave; 0: none. */
    long oldestSequence;
    /** Of the oldest that was chosen; 0: none. */
    private long chosenSequence;
    /** Its store's newest when history was asked for; 0: not said. */
    long endSequence;

    /** Where a page of older rows begins. */
    long before() {
      if (chosenSequence > 0) return chosenSequence;
      if (!waiting.isEmpty()) return waiting.getLast().sequence + 1;
      return endSequence + 1;
    }
  }

  /** A row of the source's share, older ones first. */
  void add(Rows rows, Held held) {
    if (rows.oldestSequence == 0) rows.oldestSequence = held.sequence;
    rows.waiting.add(held);
    bytes += held.row.length;
    while (bytes > BYTES_MAX && rows.waiting.size() > 1) { // its oldest go; they can be read as a page
      bytes -= rows.waiting.poll().row.length;
      rows.oldestSequence = rows.waiting.getFirst().sequence;
      rows.more = true;
    }
  }

  /** A row that was asked for in addition, older than all that the source gave before. */
  void addOlder(Rows rows, Held held) {
    rows.oldestSequence = held.sequence;
    rows.waiting.addFirst(held);
    bytes += held.row.length;
  }

  /** Goes on choosing. @return the source that must give more rows first, or null: history is complete */
  Rows choose(List<Rows> sources) {
    while (chosen.size() < wanted) {
      Rows newest = null;
      for (Rows rows : sources) {
        if (rows.waiting.isEmpty()) {
          if (!rows.more) continue;
          if (bytes < BYTES_MAX) return rows;
          cut = true;
          return null;
        }
        if (newest == null || rows.waiting.getLast().endNs > newest.waiting.getLast().endNs) newest = rows;
      }
      if (newest == null) return null;
      Held held = newest.waiting.pollLast();
      newest.chosenSequence = held.sequence;
      chosen.add(held);
    }
    return null;
  }

  /** Whether there are older ones. */
  boolean truncated(List<Rows> sources) {
    boolean truncated = cut;
    for (Rows rows : sources) truncated |= rows.more || !rows.waiting.isEmpty();
    return truncated;
  }

  /** What was chosen, by time; the two legs of a call are one row. */
  ArrayDeque<Held> result() {
    chosen.sort(Comparator.comparingLong(held -> held.startNs));
    Map<Long, Held> legs = new HashMap<>();
    for (Held held : chosen) {
      if (held.natKey == Nat.NO_KEY) continue;
      Held other = legs.put(held.natKey, held);
      if (other != null) held.join(other);
    }
    chosen.removeIf(held -> held.row == null);
    ArrayDeque<Held> rows = new ArrayDeque<>(chosen);
    chosen.clear();
    return rows;
  }
}
