package io.kubeshark.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Wakes a thread that waits in {@link PollSet}: once signalled, it stays readable. */
public final class EventFd implements AutoCloseable {
  private static final int EFD_CLOEXEC = 0x80000;
  private static final int EFD_NONBLOCK = 0x800;

  private final int fd;
  private boolean closed;

  private EventFd(int fd) {
    this.fd = fd;
  }

  public static EventFd open() throws SystemCallException {
    int fd;
    try {
      fd = (int) Libc.EVENTFD.invokeExact(Libc.errnoSlot(), 0, EFD_CLOEXEC | EFD_NONBLOCK);
    } catch (Throwable e) {
      throw Libc.unexpected(e);
    }
    return new EventFd(Libc.checked(fd, "eventfd", "a new descriptor"));
  }

  /** Any thread. After {@link #close} it does nothing: the number may already be another file's. */
  public synchronized void signal() {
    if (closed) return;
    try (Arena local = Arena.ofConfined()) {
      MemorySegment one = local.allocateFrom(JAVA_LONG, 1L);
      // Can only fail when 2^64 - 2 signals are pending, and then it is readable anyway.
      long ignored = (long) Libc.WRITE.invokeExact(Libc.errnoSlot(), fd, one, 8L);
    } catch (Throwable e) {
      throw Libc.unexpected(e);
    }
  }

  public int descriptor() {
    return fd;
  }

  @Override
  public synchronized void close() {
    if (closed) return;
    closed = true;
    Libc.close(fd);
  }
}
