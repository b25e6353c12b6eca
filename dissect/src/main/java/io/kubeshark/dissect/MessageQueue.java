package io.kubeshark.dissect;

/** Messages in order of arrival: a queue with indexes. Grows by doubling; nothing is allocated while it does not. */
final class MessageQueue {
  private static final int INITIAL = 4;

  private Message[] ring = new Message[INITIAL];
  private int head;
  private int size;

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** The oldest has index 0. */
  Message get(int index) {
    return ring[head + index & ring.length - 1];
  }

  /** Null if there is none. */
  Message first() {
    return size == 0 ? null : ring[head];
  }

  Message last() {
    return size == 0 ? null : get(size - 1);
  }

  void add(Message message) {
    if (size == ring.length) grow();
    ring[head + size++ & ring.length - 1] = message;
  }

  Message removeFirst() {
    Message first = ring[head];
    ring[head] = null;
    head = head + 1 & ring.length - 1;
    size--;
    return first;
  }

  void removeLast() {
    ring[head + --size & ring.length - 1] = null;
  }

  private void grow() {
    Message[] larger = new Message[ring.length * 2];
    for (int i = 0; i < size; i++) larger[i] = get(i);
    ring = larger;
    head = 0;
  }
}
