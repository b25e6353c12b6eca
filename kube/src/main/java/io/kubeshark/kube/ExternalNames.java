package io.kubeshark.kube;

import io.kubeshark.core.Identity;
import java.util.concurrent.atomic.AtomicLong;

/** Names that captured DNS answers gave to addresses outside of the cluster. Any thread; questions without lock or allocation. */
final class ExternalNames {
  /** Addresses with a name. Over it, those are forgotten whose names were told longest ago. */
  static final int ADDRESSES_MAX = 16_384;
  /** Names in a row for one address: hosts of one CDN share theirs. */
  private static final int CHAIN_MAX = 4;
  private static final int NAME_LENGTH_MAX = 253;
  /** A connection outlives the answer that it was opened by. */
  static final long KEEP_MIN_NS = 3_600_000_000_000L;
  static final long KEEP_MAX_NS = 24 * KEEP_MIN_NS;

  /** Names of one address, newest first. */
  private static final class Told {
    final Identity identity;
    final long fromNs;
    final Told older;
    volatile long untilNs;

    Told(Identity identity, long fromNs, long untilNs, Told older) {
      this.identity = identity;
      this.fromNs = fromNs;
      this.untilNs = untilNs;
      this.older = older;
    }
  }

  private final AddressMap<Told> names = new AddressMap<>();
  private final AtomicLong shed = new AtomicLong();

  Identity find(long high, long low, long timeNs) {
    Told told = names.get(high, low);
    while (told != null && timeNs < told.fromNs) told = told.older;
    return told != null && timeNs < told.untilNs ? told.identity : null;
  }

  void learn(long high, long low, String name, long timeNs, long ttlNs) {
    if (name.isEmpty() || name.length() > NAME_LENGTH_MAX) return;
    long untilNs = timeNs + Math.clamp(ttlNs, KEEP_MIN_NS, KEEP_MAX_NS);
    Told known = names.get(high, low);
    if (known != null && known.identity.name().equals(name)) {
      if (untilNs > known.untilNs) known.untilNs = untilNs;
      return;
    }
    synchronized (this) {
      known = names.get(high, low);
      if (known == null && names.size() >= ADDRESSES_MAX) forget();
      names.put(high, low, new Told(Identity.external(name), timeNs, untilNs, cut(known, CHAIN_MAX - 1)));
    }
  }

  private static Told cut(Told told, int count) {
    return told == null || count == 0 ? null : new Told(told.identity, told.fromNs, told.untilNs, cut(told.older, count - 1));
  }

  /** A quarter at once, so that it is rarely needed. */
  private void forget() {
    int size = names.size();
    long[] ends = new long[size];
    int[] left = {0, size / 4};
    names.rebuild(told -> {
      ends[left[0]++] = told.untilNs;
      return true;
    });
    java.util.Arrays.sort(ends);
    long border = ends[size / 4];
    names.rebuild(told -> told.untilNs > border || left[1]-- <= 0);
    shed.addAndGet(size - names.size());
  }

  int size() {
    return names.size();
  }

  long shed() {
    return shed.get();
  }
}
