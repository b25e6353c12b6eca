package io.kubeshark.kube;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * Values by IP address. Any thread reads, without lock or allocation; writers take turns (the caller's lock). A reader that comes during a
 * change sees the state before or after it.
 */
final class AddressMap<V> {
  /** Of a slot whose value was taken away; the key stays until the next rebuild, so that probing goes on behind it. */
  private static final Object REMOVED = new Object();
  private static final int SLOTS_MIN = 64;

  /** A key is written before its value is published and never changes. */
  private record Slots(long[] keys, AtomicReferenceArray<Object> values) {
    static Slots of(int count) {
      return new Slots(new long[count * 2], new AtomicReferenceArray<>(count));
    }
  }

  private volatile Slots slots = Slots.of(SLOTS_MIN);
  private int used;
  private volatile int size;

  int size() {
    return size;
  }

  @SuppressWarnings("unchecked")
  V get(long high, long low) {
    Slots now = slots;
    int mask = now.values.length() - 1;
    // Each slot is read once: one that was empty may have another address's value a moment later.
    for (int slot = hash(high, low) & mask;; slot = slot + 1 & mask) {
      Object value = now.values.getAcquire(slot);
      if (value == null) return null;
      if (now.keys[slot * 2] == high && now.keys[slot * 2 + 1] == low) return value == REMOVED ? null : (V) value;
    }
  }

  void put(long high, long low, V value) {
    Slots now = slots;
    int slot = slot(now, high, low);
    Object old = now.values.getPlain(slot);
    if (old == null) {
      if ((used + 1) * 2 > now.values.length()) {
        rebuild(_ -> true);
        put(high, low, value);
        return;
      }
      now.keys[slot * 2] = high;
      now.keys[slot * 2 + 1] = low;
      used++;
    }
    if (old == null || old == REMOVED) size++;
    now.values.setRelease(slot, value);
  }

  /** Each value becomes another; null: it is taken away. */
  @SuppressWarnings("unchecked")
  void replaceAll(UnaryOperator<V> change) {
    AtomicReferenceArray<Object> values = slots.values;
    for (int i = 0; i < values.length(); i++) {
      Object value = values.getPlain(i);
      if (value == null || value == REMOVED) continue;
      V changed = change.apply((V) value);
      if (changed == value) continue;
      values.setRelease(i, changed == null ? REMOVED : changed);
      if (changed == null) size--;
    }
  }

  /** Copies what is to be kept into new slots, at most a quarter full. */
  @SuppressWarnings("unchecked")
  void rebuild(Predicate<V> keep) {
    Slots old = slots;
    int kept = 0;
    boolean[] keeps = new boolean[old.values.length()];
    for (int i = 0; i < keeps.length; i++) {
      Object value = old.values.getPlain(i);
      keeps[i] = value != null && value != REMOVED && keep.test((V) value);
      if (keeps[i]) kept++;
    }
    int count = SLOTS_MIN;
    while (count < kept * 4) count *= 2;
    Slots fresh = Slots.of(count);
    for (int i = 0; i < keeps.length; i++) {
      if (!keeps[i]) continue;
      int slot = slot(fresh, old.keys[i * 2], old.keys[i * 2 + 1]);
      fresh.keys[slot * 2] = old.keys[i * 2];
      fresh.keys[slot * 2 + 1] = old.keys[i * 2 + 1];
      fresh.values.setPlain(slot, old.values.getPlain(i));
    }
    slots = fresh;
    used = kept;
    size = kept;
  }

  /** The key's slot, or the empty one where it would go. For writers. */
  private static int slot(Slots slots, long high, long low) {
    int mask = slots.values.length() - 1;
    int slot = hash(high, low) & mask;
    while (slots.values.getPlain(slot) != null && (slots.keys[slot * 2] != high || slots.keys[slot * 2 + 1] != low)) slot = slot + 1 & mask;
    return slot;
  }

  static int hash(long high, long low) {
    long mixed = (high * 0x9e3779b97f4a7c15L ^ low) * 0xff51afd7ed558ccdL;
    return (int) (mixed >>> 32 ^ mixed >>> 15);
  }
}
