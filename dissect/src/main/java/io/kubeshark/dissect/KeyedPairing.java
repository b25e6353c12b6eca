package io.kubeshark.dissect;

import io.kubeshark.core.Anomaly;
import io.kubeshark.core.Direction;
import java.util.Arrays;

/**
 * Pairs by a key of the protocol's (DNS id and question). Open addressing with linear probing over at most {@value #WAITING_MAX} waiting
 * messages; over it, and after {@value #TIMEOUT_NS} ns, the oldest goes without its other half.
 */
final class KeyedPairing {
  static final int WAITING_MAX = 4096;
  static final long TIMEOUT_NS = 10_000_000_000L;
  /** A response may come this much before its request, as captures of several queues reorder. */
  private static final long INVERTED_NS_MAX = 1_000_000L;

  private final InOrderPairing.Emitter emitter;
  private Message[] table = new Message[16];
  /** Waiting messages in order of arrival; {@code null} where one has left. */
  private Message[] order = new Message[16];
  private int head;
  private int tail;
  private int size;

  KeyedPairing(InOrderPairing.Emitter emitter) {
    this.emitter = emitter;
  }

  int waiting() {
    return size;
  }

  void request(Message request) {
    expire(request.startNs);
    Message waiting = take(request.key);
    if (waiting != null) {
      boolean answer = waiting.sender != request.sender;
      if (answer && request.startNs - waiting.startNs <= INVERTED_NS_MAX) {
        if (request.startNs > waiting.startNs) waiting.anomaly(Anomaly.TIMING_INVERTED);
        emitter.exchange(request, waiting);
        return;
      }
      if (!answer) waiting.anomaly(Anomaly.DUPLICATE_ID);
      leave(waiting);
    }
    put(request);
  }

  void response(Message response) {
    expire(response.startNs);
    Message waiting = take(response.key);
    if (waiting == null) {
      put(response);
    } else if (waiting.sender != response.sender) {
      emitter.exchange(waiting, response);
    } else {
      leave(waiting);
      put(response);
    }
  }

  void expire(long nowNs) {
    while (head < tail) {
      Message oldest = order[head];
      if (oldest != null) {
        if (size < WAITING_MAX && nowNs - oldest.startNs < TIMEOUT_NS) return;
        if (size >= WAITING_MAX) emitter.evicted();
        take(oldest.key);
        leave(oldest);
      } else {
        head++;
      }
    }
  }

  void close() {
    while (head < tail) {
      Message oldest = order[head];
      if (oldest == null) {
        head++;
      } else {
        take(oldest.key);
        leave(oldest);
      }
    }
  }

  private void leave(Message message) {
    boolean request = message.sender == Direction.CLIENT;
    emitter.exchange(request ? message : null, request ? null : message);
  }

  private void put(Message message) {
    if ((size + 1) * 2 > table.length) grow();
    int slot = slot(message.key, table.length);
    while (table[slot] != null) slot = slot + 1 & table.length - 1;
    table[slot] = message;
    size++;
    if (tail == order.length) compact();
    message.orderSlot = tail;
    order[tail++] = message;
  }

  private Message take(long key) {
    int slot = slot(key, table.length);
    while (table[slot] != null && table[slot].key != key) slot = slot + 1 & table.length - 1;
    Message found = table[slot];
    if (found == null) return null;
    removeSlot(slot);
    size--;
    order[found.orderSlot] = null;
    while (head < tail && order[head] == null) head++;
    return found;
  }

  /** Deletes without tombstones: moves back what probing put behind. */
  private void removeSlot(int slot) {
    int mask = table.length - 1;
    int free = slot;
    for (int i = slot + 1 & mask; table[i] != null; i = i + 1 & mask) {
      int home = slot(table[i].key, table.length);
      if ((i - home & mask) >= (i - free & mask)) {
        table[free] = table[i];
        free = i;
      }
    }
    table[free] = null;
  }

  private void grow() {
    Message[] old = table;
    table = new Message[old.length * 2];
    for (Message message : old) {
      if (message == null) continue;
      int slot = slot(message.key, table.length);
      while (table[slot] != null) slot = slot + 1 & table.length - 1;
      table[slot] = message;
    }
  }

  private void compact() {
    Message[] target = size * 2 > order.length ? new Message[order.length * 2] : order;
    int count = 0;
    for (int i = head; i < tail; i++) {
      if (order[i] == null) continue;
      order[i].orderSlot = count;
      target[count++] = order[i];
    }
    if (target == order) Arrays.fill(order, count, tail, null);
    order = target;
    head = 0;
    tail = count;
  }

  private static int slot(long key, int length) {
    long mixed = key * 0x9e3779b97f4a7c15L;
    return (int) (mixed >>> 40) & length - 1;
  }
}
