package io.kubeshark.kfl;

import io.kubeshark.core.EntryView;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** What the nodes of one filter share while it is held against one entry. */
final class Evaluation {
  static final VarHandle LE16 = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  static final VarHandle LE32 = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  static final VarHandle LE64 = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  /** Steps of exists, all, map, … per entry: nested ones multiply. */
  private static final int STEPS_MAX = 100_000;

  final Kfl.Origin origin;
  /** The capturing node's name. */
  final byte[] node;
  private final java.util.function.LongSupplier clockNs;
  EntryView view;
  byte[] array;
  int offset;
  /** Grows with each entry, so that what is kept about the last one is known to be stale. */
  long entry;
  /** Set by a node whose number could not be computed; whoever asked for the number clears it. */
  boolean failed;
  private int steps;
  private long nowNs;
  private boolean nowKnown;

  Evaluation(Kfl.Origin origin, java.util.function.LongSupplier clockNs) {
    this.origin = origin;
    this.node = origin.node().getBytes(StandardCharsets.UTF_8);
    this.clockNs = clockNs;
  }

  void begin(EntryView next) {
    view = next;
    array = next.array();
    offset = next.offset();
    entry++;
    failed = false;
    steps = 0;
    nowKnown = false;
  }

  /** The same instant throughout an entry. */
  long nowNs() {
    if (!nowKnown) nowNs = clockNs.getAsLong();
    nowKnown = true;
    return nowNs;
  }

  boolean step() {
    return ++steps <= STEPS_MAX;
  }

  int u16(int at) {
    return (short) LE16.get(array, offset + at) & 0xffff;
  }

  int i32(int at) {
    return (int) LE32.get(array, offset + at);
  }

  long i64(int at) {
    return (long) LE64.get(array, offset + at);
  }
}
