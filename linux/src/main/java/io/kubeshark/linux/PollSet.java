package io.kubeshark.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Waits until one of several descriptors has something to read: poll(2). One thread at a time. */
public final class PollSet {
  private static final int ENTRY_BYTES = 8; // struct pollfd: int fd, short events, short revents
  private static final short POLLIN = 1;
  private static final short POLLERR_HUP_NVAL = 8 | 16 | 32;

  private final MemorySegment entries;
  private final int count;

  public PollSet(int... descriptors) {
    this.count = descriptors.length;
    this.entries = Arena.ofAuto().allocate((long) count * ENTRY_BYTES, 4);
    for (int i = 0; i < count; i++) {
      entries.set(JAVA_INT, (long) i * ENTRY_BYTES, descriptors[i]);
      entries.set(JAVA_SHORT, (long) i * ENTRY_BYTES + 4, POLLIN);
    }
  }

  /** @return how many are ready; 0 when the time is up or a signal came */
  public int await(int timeoutMs) throws SystemCallException {
    int ready;
    try {
      ready = (int) Libc.POLL.invokeExact(Libc.errnoSlot(), entries, (long) count, timeoutMs);
    } catch (Throwable e) {
      throw Libc.unexpected(e);
    }
    if (ready < 0 && Libc.errno() == SystemCallException.EINTR) return 0;
    return Libc.checked(ready, "poll", count + " descriptors");
  }

  /** After {@link #await}: whether there is something to read. */
  public boolean readable(int index) {
    return (result(index) & POLLIN) != 0;
  }

  /** After {@link #await}: whether an error is pending, or the other side is gone. */
  public boolean failed(int index) {
    return (result(index) & POLLERR_HUP_NVAL) != 0;
  }

  private short result(int index) {
    return entries.get(JAVA_SHORT, (long) index * ENTRY_BYTES + 6);
  }
}
