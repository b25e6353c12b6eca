package io.kubeshark.core;

/**
 * Where each byte on the wire went: {@code wire = dissected + opaque(reason) + lost(reason) + pending}, exactly.
 *
 * <p>{@link #wire} is counted where packets come in (and, for gaps, where sequence numbers prove the loss); the accounts where bytes are
 * disposed of. What is buffered in between is pending: the two are counted independently, so that the equation can fail.
 * Not thread-safe: one owner; others read copies.
 */
public final class Ledger {
  private final long[] bytes = new long[LedgerCode.count()];
  /** Null where packets are not counted. */
  private final long[] packets;
  private long wire;

  public Ledger() {
    this(true);
  }

  private Ledger(boolean countsPackets) {
    packets = countsPackets ? new long[LedgerCode.count()] : null;
  }

  /** One that does not count packets: one of 100,000. */
  public static Ledger ofBytes() {
    return new Ledger(false);
  }

  /** Bytes came: a frame's length on the wire, or the length of a proven gap. */
  public void wire(long count) {
    wire += count;
  }

  public void add(LedgerCode code, long byteCount) {
    bytes[code.ordinal()] += byteCount;
  }

  public void add(LedgerCode code, long byteCount, long packetCount) {
    bytes[code.ordinal()] += byteCount;
    if (packets != null) packets[code.ordinal()] += packetCount;
  }

  /** Bytes that were booked on one account turn out to belong to another (an entry that could not be stored). */
  public void move(LedgerCode from, LedgerCode to, long byteCount) {
    bytes[from.ordinal()] -= byteCount;
    bytes[to.ordinal()] += byteCount;
  }

  public long wire() {
    return wire;
  }

  public long bytes(LedgerCode code) {
    return bytes[code.ordinal()];
  }

  public long packets(LedgerCode code) {
    return packets == null ? 0 : packets[code.ordinal()];
  }

  public long total(LedgerCode.Kind kind) {
    long sum = 0;
    for (LedgerCode code : LedgerCode.values()) if (code.kind == kind) sum += bytes[code.ordinal()];
    return sum;
  }

  /** Bytes on the wire that no account has yet. Zero once everything is flushed; anything else then is a bug. */
  public long pending() {
    long sum = wire;
    for (long account : bytes) sum -= account;
    return sum;
  }

  /** Adds another ledger's counts to this one. */
  public void addAll(Ledger other) {
    wire += other.wire;
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] += other.bytes[i];
      if (packets != null && other.packets != null) packets[i] += other.packets[i];
    }
  }

  public Ledger copy() {
    Ledger copy = new Ledger();
    copy.addAll(this);
    return copy;
  }
}
