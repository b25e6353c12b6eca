package io.kubeshark.reassembly;

/**
 * A wheel of flows by the tick at which somebody looks at them. Packets do not move a flow: when its tick comes, the owner finds out
 * whether it is really over and puts it back if not. So a timeout costs nothing per packet and is late by at most one tick.
 *
 * <pre>
 * slot   0      1      2    …   8191      one tick is 250 ms, one turn 2048 s; what is due later is looked at once a turn
 *        │      └─ flow ⇄ flow
 *        └─ (none)         ▲ tick % 8192
 * </pre>
 */
final class Timers {
  static final long TICK_NS = 250_000_000L;
  private static final int SLOTS = 8192;

  /** Called for each flow whose tick has come; the flow is off the wheel then. */
  interface Expiry {
    void onTick(Flow flow, long nowNs);
  }

  private final Flow[] slots = new Flow[SLOTS];
  private long tick = Long.MIN_VALUE;

  /** @param deadlineNs when to look, not before the next tick */
  void schedule(Flow flow, long deadlineNs) {
    if (flow.timerSlot >= 0) cancel(flow);
    long at = Math.max(tick + 1, Math.min(Math.floorDiv(deadlineNs, TICK_NS) + 1, tick + SLOTS - 1));
    int slot = (int) Math.floorMod(at, (long) SLOTS);
    flow.timerSlot = slot;
    flow.timerPrevious = null;
    flow.timerNext = slots[slot];
    if (flow.timerNext != null) flow.timerNext.timerPrevious = flow;
    slots[slot] = flow;
  }

  void cancel(Flow flow) {
    if (flow.timerSlot < 0) return;
    if (flow.timerPrevious == null) slots[flow.timerSlot] = flow.timerNext;
    else flow.timerPrevious.timerNext = flow.timerNext;
    if (flow.timerNext != null) flow.timerNext.timerPrevious = flow.timerPrevious;
    flow.timerSlot = -1;
    flow.timerPrevious = null;
    flow.timerNext = null;
  }

  /** Time goes on; at most one turn of the wheel, however far it jumps. */
  void advance(long nowNs, Expiry expiry) {
    long target = Math.floorDiv(nowNs, TICK_NS);
    if (tick == Long.MIN_VALUE) tick = target - 1;
    if (target - tick > SLOTS) tick = target - SLOTS;
    while (tick < target) {
      tick++;
      fire((int) Math.floorMod(tick, (long) SLOTS), nowNs, expiry);
    }
  }

  private void fire(int slot, long nowNs, Expiry expiry) {
    // Detached first: what is put back while firing must not fire again at once.
    Flow flow = slots[slot];
    slots[slot] = null;
    for (Flow f = flow; f != null; f = f.timerNext) f.timerSlot = -1;
    while (flow != null) {
      Flow next = flow.timerNext;
      flow.timerNext = null;
      flow.timerPrevious = null;
      expiry.onTick(flow, nowNs);
      flow = next;
    }
  }
}
