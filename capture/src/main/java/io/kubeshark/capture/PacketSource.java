package io.kubeshark.capture;

import io.kubeshark.core.PacketHandler;
import java.io.IOException;
import java.util.List;

/** Where packets come from: a ring of the kernel, or a file. One thread polls; any thread may close and ask for statistics. */
public interface PacketSource extends AutoCloseable {
  /** What {@link #poll} answers when no packet will ever come again. */
  int END = -1;

  /**
   * Hands over what is there, at least one packet unless the time is up.
   *
   * @param timeoutMs how long to wait for the first packet, milliseconds
   * @return packets handed over; 0: nothing in time; {@link #END}: the source is exhausted or closed
   * @throws IOException the source is broken; its message says what, where and what to do. Packets before the fault were handed over
   */
  int poll(PacketHandler handler, int timeoutMs) throws IOException;

  /** Counted since the source was opened. Any thread. */
  CaptureStatistics statistics();

  /** Sentences for the operator: what is read differently from what one might expect. Bounded. Any thread. */
  List<String> notes();

  /** Wakes a waiting {@link #poll}. Any thread, any number of times. */
  @Override
  void close();
}
