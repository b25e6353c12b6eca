package io.kubeshark.cli;

/**
 * When a worker should give back the heap that a load left: an idle JVM does not collect by itself, and what it holds is the node's. Only while
 * few packets come, as a collection stops capture's threads for tens of milliseconds: the ring then holds what comes meanwhile. One thread.
 */
final class QuietAfterWork {
  static final long QUIET_PACKETS_PER_SECOND = 2000;
  /** Less work leaves too little to be worth a collection. */
  static final long WORK_ENTRIES = 500;
  static final long PAUSE_MS = 30_000;

  private long collectedMs;
  private long collectedEntries;
  private long lastMs;
  private long lastPackets;

  QuietAfterWork(long nowMs) {
    collectedMs = lastMs = nowMs;
  }

  /** Asked every few seconds. @return true: collect now, at most once in {@link #PAUSE_MS} */
  boolean isNow(long packets, long entries, long nowMs) {
    long elapsedMs = Math.max(1, nowMs - lastMs);
    boolean quiet = (packets - lastPackets) * 1000 / elapsedMs < QUIET_PACKETS_PER_SECOND;
    lastMs = nowMs;
    lastPackets = packets;
    if (!quiet || entries - collectedEntries < WORK_ENTRIES || nowMs - collectedMs < PAUSE_MS) return false;
    collectedMs = nowMs;
    collectedEntries = entries;
    return true;
  }
}
