package io.kubeshark.hub;

import io.kubeshark.core.EntryView;
import io.kubeshark.render.JsonWriter;

/** A row that waits for its place among those of other sources. */
final class Held {
  final long startNs;
  /** By which a source's own order is: it stores an entry when it is complete. */
  final long endNs;
  final long sequence;
  final long arrivedMs;
  /** Credit that its source gets back when the row goes out; 0 for history: it got it back when the record came. */
  final int creditBytes;
  final long natKey;
  /** Of the leg to a service's address ({@link Nat#json}), else null. */
  final byte[] nat;
  /** Null: it went into another row. */
  byte[] row;
  /** It went out before its time, with one that began later. */
  boolean out;
  final RowFeed.Part part;

  /** @param scratch cleared and used */
  Held(RowFeed.Part part, WorkerView worker, EntryView record, boolean history, long arrivedMs, JsonWriter scratch) {
    this.part = part;
    this.startNs = record.startNs();
    this.endNs = record.endNs();
    this.sequence = record.sequence();
    this.arrivedMs = arrivedMs;
    this.creditBytes = history ? 0 : record.length();
    this.natKey = Nat.key(record);
    this.nat = natKey != Nat.NO_KEY && Nat.toService(record) ? Nat.json(worker, record) : null;
    scratch.clear();
    worker.rows().write(record, scratch);
    this.row = scratch.toByteArray();
  }

  /** Whether both are the same call; then the one row stands for both, and the other's is null. */
  boolean join(Held other) {
    if (natKey == Nat.NO_KEY || natKey != other.natKey || row == null || other.row == null || (nat == null) == (other.nat == null)) return false;
    if (Math.abs(startNs - other.startNs) > Nat.APART_NS_MAX) return false;
    Held service = nat == null ? other : this;
    Held pod = nat == null ? this : other;
    pod.row = Nat.joined(pod.row, service.nat);
    service.row = null;
    return true;
  }
}
