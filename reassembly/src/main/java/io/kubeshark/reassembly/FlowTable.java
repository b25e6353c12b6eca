package io.kubeshark.reassembly;

import java.util.Arrays;
import java.util.Comparator;

/**
 * Flows by their addresses and ports, both directions in one place: open addressing with linear probing, at most half full, growing
 * up to the limit. The key has neither interface nor VLAN nor tunnel: copies of a packet must meet.
 *
 * <p>Recency is kept the way of a clock: flows stand in a list; when room is needed, the head goes back to the tail if it was used since
 * it was listed, and is the victim otherwise. Packets touch no list.
 */
final class FlowTable {
  private static final int CAPACITY_MIN = 1024;
  /** Heads that get a second chance per eviction; then the head goes, used or not. */
  private static final int SECOND_CHANCES_MAX = 16;

  private final int limit;
  private final long seed;
  private Flow[] slots = new Flow[CAPACITY_MIN];
  private int mask = CAPACITY_MIN - 1;
  private int size;
  private Flow oldest;
  private Flow newest;

  /** @param seed makes collisions unpredictable; where a flow sits never changes what comes out */
  FlowTable(int limit, long seed) {
    this.limit = limit;
    this.seed = seed;
  }

  int size() {
    return size;
  }

  boolean full() {
    return size >= limit;
  }

  /** The same for both directions. */
  int hash(Packet p, int transport) {
    long a = end(p.srcHigh, p.srcLow, p.srcPort);
    long b = end(p.dstHigh, p.dstLow, p.dstPort);
    long h = (a + b ^ transport) * 0x9fb21c651e98df25L;
    return (int) (h ^ h >>> 32);
  }

  private long end(long high, long low, int port) {
    long h = (low ^ seed ^ (long) port << 40 ^ Long.rotateLeft(high * 0xc2b2ae3d27d4eb4fL, 29)) * 0x9e3779b97f4a7c15L;
    return (h ^ h >>> 29) * 0xbf58476d1ce4e5b9L;
  }

  /** The packet's flow (and sets its sender), or null. */
  Flow find(Packet p, int hash, int transport) {
    for (int i = hash & mask; ; i = i + 1 & mask) {
      Flow flow = slots[i];
      if (flow == null) return null;
      if (flow.hash == hash) {
        int sender = flow.senderOf(p, transport);
        if (sender >= 0) {
          p.sender = sender;
          return flow;
        }
      }
    }
  }

  void add(Flow flow, long nowNs) {
    if (size * 2 >= slots.length) grow();
    place(flow);
    size++;
    append(flow, nowNs);
  }

  void remove(Flow flow) {
    int hole = flow.hash & mask;
    while (slots[hole] != flow) hole = hole + 1 & mask;
    // Backward shift: whoever probed past the hole moves into it, so that no search stops early.
    for (int i = hole + 1 & mask; slots[i] != null; i = i + 1 & mask) {
      int home = slots[i].hash & mask;
      if ((i - home & mask) >= (i - hole & mask)) {
        slots[hole] = slots[i];
        hole = i;
      }
    }
    slots[hole] = null;
    size--;
    unlist(flow);
  }

  /** The least recently used flow, about. */
  Flow victim() {
    for (int i = 0; i < SECOND_CHANCES_MAX && oldest != newest && oldest.connection.lastNs > oldest.listedNs; i++) {
      Flow head = oldest;
      unlist(head);
      append(head, head.connection.lastNs);
    }
    return oldest;
  }

  /** All flows, in the order in which they appeared. For the end only: allocates. */
  Flow[] all() {
    Flow[] flows = new Flow[size];
    int count = 0;
    for (Flow flow = oldest; flow != null; flow = flow.newer) flows[count++] = flow;
    Arrays.sort(flows, Comparator.comparingLong(flow -> flow.connection.id));
    return flows;
  }

  private void place(Flow flow) {
    int i = flow.hash & mask;
    while (slots[i] != null) i = i + 1 & mask;
    slots[i] = flow;
  }

  private void grow() {
    Flow[] old = slots;
    slots = new Flow[old.length * 2];
    mask = slots.length - 1;
    for (Flow flow : old) if (flow != null) place(flow);
  }

  private void append(Flow flow, long nowNs) {
    flow.listedNs = nowNs;
    flow.older = newest;
    flow.newer = null;
    if (newest == null) oldest = flow;
    else newest.newer = flow;
    newest = flow;
  }

  private void unlist(Flow flow) {
    if (flow.older == null) oldest = flow.newer;
    else flow.older.newer = flow.newer;
    if (flow.newer == null) newest = flow.older;
    else flow.newer.older = flow.older;
    flow.older = null;
    flow.newer = null;
  }
}
