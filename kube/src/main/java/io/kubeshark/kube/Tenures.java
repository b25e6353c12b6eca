package io.kubeshark.kube;

import io.kubeshark.core.Identity;
import java.util.ArrayList;
import java.util.List;

/** Who had one address when. Immutable. */
final class Tenures {
  /** Owners remembered per address. */
  static final int HISTORY_MAX = 8;
  /** What ended longer ago is forgotten. */
  static final long HISTORY_NS = 15 * 60_000_000_000L;
  /**
   * Packets that come this late, before anyone else is known to have the address, are still its last owner's: for a while, others call what is
   * gone. But what calls from an address whose containers have ended for certain is somebody who is not known yet.
   */
  static final long LINGER_NS = 30_000_000_000L;
  /** Clocks differ, and the API tells whole seconds: this early it is the first owner's already. */
  static final long EARLY_NS = 2_000_000_000L;

  static final Tenures NONE = new Tenures(List.of());

  /** From inclusive, to exclusive; {@link Long#MAX_VALUE}: still. */
  private record Tenure(Owner owner, long fromNs, long toNs, boolean endIsCertain) {
    static Tenure open(Owner owner, long fromNs) {
      return new Tenure(owner, fromNs, Long.MAX_VALUE, false);
    }

    boolean has(int port, long timeNs) {
      return timeNs < toNs || !(port == 0 && endIsCertain) && timeNs - toNs < LINGER_NS;
    }
  }

  /** Newest first; they don't overlap. */
  private final Tenure[] list;

  private Tenures(List<Tenure> list) {
    this.list = list.subList(0, Math.min(HISTORY_MAX, list.size())).toArray(new Tenure[0]);
  }

  /** @param port 0: of who calls */
  Identity find(int port, long timeNs) {
    for (int i = 0; i < list.length; i++) {
      Tenure tenure = list[i];
      if (timeNs < tenure.fromNs) continue;
      if (tenure.has(port, timeNs)) return tenure.owner.find(port, timeNs);
      return i > 0 ? early(list[i - 1], port, timeNs) : null;
    }
    return list.length > 0 ? early(list[list.length - 1], port, timeNs) : null;
  }

  private static Identity early(Tenure next, int port, long timeNs) {
    return next.fromNs - timeNs <= EARLY_NS ? next.owner.find(port, timeNs) : null;
  }

  /** The owner of now, or null. */
  Owner current() {
    return list.length > 0 && list[0].toNs == Long.MAX_VALUE ? list[0].owner : null;
  }

  /**
   * The owner turns out to have the address. It has had it since its start, if nobody else had: a pod gets its address after its start and
   * tells later, so the one before loses it at that moment.
   */
  Tenures claim(Owner owner, long nowNs) {
    if (current() == owner) return this;
    List<Tenure> changed = new ArrayList<>(List.of(list));
    long startNs = Math.min(owner.startNs, nowNs);
    if (current() == null) {
      changed.addFirst(Tenure.open(owner, list.length == 0 ? startNs : Math.max(startNs, list[0].toNs)));
      return new Tenures(changed);
    }
    Tenure last = list[0];
    if (owner.startNs < last.owner.startNs) return before(owner, changed);
    long handover = Math.max(startNs, last.fromNs);
    changed.set(0, new Tenure(last.owner, last.fromNs, handover, false));
    changed.addFirst(Tenure.open(owner, handover));
    return new Tenures(changed);
  }

  /** An older owner is heard of after the younger one: it had the address before that. */
  private Tenures before(Owner owner, List<Tenure> changed) {
    for (Tenure tenure : list) if (tenure.owner == owner) return this;
    long fromNs = list.length > 1 ? Math.max(owner.startNs, list[1].toNs) : owner.startNs;
    if (fromNs >= list[0].fromNs) return this;
    changed.add(1, new Tenure(owner, fromNs, list[0].fromNs, false));
    return new Tenures(changed);
  }

  /** The owner had it from its start until then, and nobody knew. Who has it now, or had it for longer, had it after that. */
  Tenures past(Owner owner, long endNs) {
    int later = 0;
    for (Tenure tenure : list) {
      if (tenure.owner.samePod(owner)) return this;
      if (tenure.toNs > endNs) later++;
    }
    long fromNs = later < list.length ? Math.max(owner.startNs, list[later].toNs) : owner.startNs;
    if (fromNs >= endNs) return this;
    List<Tenure> changed = new ArrayList<>(List.of(list));
    if (later > 0) {
      Tenure next = list[later - 1];
      changed.set(later - 1, new Tenure(next.owner, Math.max(next.fromNs, endNs), next.toNs, next.endIsCertain));
    }
    changed.add(later, new Tenure(owner, fromNs, endNs, true));
    return new Tenures(changed);
  }

  /** The owner has given it back. @param certain nobody used it any more from then on */
  Tenures release(Owner owner, long endNs, boolean certain) {
    if (current() != owner) return this;
    List<Tenure> changed = new ArrayList<>(List.of(list));
    changed.set(0, new Tenure(owner, list[0].fromNs, Math.max(list[0].fromNs, endNs), certain));
    return new Tenures(changed);
  }

  /** Without what ended before; null if nothing is left. */
  Tenures since(long forgetNs) {
    int kept = list.length;
    while (kept > 0 && list[kept - 1].toNs < forgetNs) kept--;
    if (kept == 0) return null;
    return kept == list.length ? this : new Tenures(List.of(list).subList(0, kept));
  }
}
