package io.kubeshark.store;

import io.kubeshark.core.EntryView;
import java.util.function.Predicate;

/**
 * What to look for, and how much work that may be. Start from {@link #ALL}.
 *
 * @param fromSequence first sequence number
 * @param toSequence last sequence number
 * @param fromNs entries that start at this time or later (epoch ns)
 * @param toNs entries that start before this time
 * @param newestFirst by falling sequence number; else by rising
 * @param limit matches at most
 * @param filter called with a view that is valid only during the call
 * @param deadlineNs by the store's clock; checked once a block (256 KiB), so a slow visitor can overrun it
 * @param bytesScannedMax bytes read from disk at most, but one block at least
 */
public record Query(
    long fromSequence, long toSequence, long fromNs, long toNs, boolean newestFirst, long limit, Predicate<EntryView> filter, long deadlineNs,
    long bytesScannedMax) {
  public static final Query ALL =
      new Query(0, Long.MAX_VALUE, Long.MIN_VALUE, Long.MAX_VALUE, false, Long.MAX_VALUE, entry -> true, Long.MAX_VALUE, Long.MAX_VALUE);

  public Query sequences(long from, long to) {
    return new Query(from, to, fromNs, toNs, newestFirst, limit, filter, deadlineNs, bytesScannedMax);
  }

  public Query times(long from, long to) {
    return new Query(fromSequence, toSequence, from, to, newestFirst, limit, filter, deadlineNs, bytesScannedMax);
  }

  public Query fromNewest() {
    return new Query(fromSequence, toSequence, fromNs, toNs, true, limit, filter, deadlineNs, bytesScannedMax);
  }

  public Query limited(long matchesMax) {
    return new Query(fromSequence, toSequence, fromNs, toNs, newestFirst, matchesMax, filter, deadlineNs, bytesScannedMax);
  }

  public Query matching(Predicate<EntryView> wanted) {
    return new Query(fromSequence, toSequence, fromNs, toNs, newestFirst, limit, wanted, deadlineNs, bytesScannedMax);
  }

  public Query until(long deadline) {
    return new Query(fromSequence, toSequence, fromNs, toNs, newestFirst, limit, filter, deadline, bytesScannedMax);
  }

  public Query scanning(long bytesMax) {
    return new Query(fromSequence, toSequence, fromNs, toNs, newestFirst, limit, filter, deadlineNs, bytesMax);
  }
}
