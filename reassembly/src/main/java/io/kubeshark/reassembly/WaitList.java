package io.kubeshark.reassembly;

/** Flows that wait for bytes, the longest waiting first. */
final class WaitList {
  private TcpFlow first;
  private TcpFlow last;
  private int size;

  TcpFlow first() {
    return first;
  }

  int size() {
    return size;
  }

  void append(TcpFlow flow) {
    flow.waitList = this;
    flow.waitPrevious = last;
    flow.waitNext = null;
    if (last == null) first = flow;
    else last.waitNext = flow;
    last = flow;
    size++;
  }

  void remove(TcpFlow flow) {
    if (flow.waitPrevious == null) first = flow.waitNext;
    else flow.waitPrevious.waitNext = flow.waitNext;
    if (flow.waitNext == null) last = flow.waitPrevious;
    else flow.waitNext.waitPrevious = flow.waitPrevious;
    flow.waitList = null;
    flow.waitPrevious = null;
    flow.waitNext = null;
    size--;
  }
}
