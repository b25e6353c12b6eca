package io.kubeshark.hub;

/**
 * How many bytes of live records each of a feed's several sources may send ahead of the browser. Small shares for all to begin with; a source
 * that skips for want of credit gets more while little waits here, and gives some back when much does: so one busy worker among two hundred
 * is shown whole, and two hundred busy ones do not pile up seconds of rows. Guarded by its feed.
 */
final class CreditWindows {
  /** Shared out at the start. */
  private static final long FIRST_BYTES_ALL = 4 << 20;
  private static final long FIRST_BYTES_MIN = 16 << 10;
  private static final long FIRST_BYTES_MAX = 512 << 10;
  /** The most for one source, and for all of a feed. */
  static final long WINDOW_BYTES_MAX = 2 << 20;
  static final long WINDOWS_BYTES_MAX = 32 << 20;
  /** Windows grow while less waits here, and shrink while twice as much does. About 1,500 rows: what comes in a fifth of a second of more than anybody reads. */
  static final long HELD_BYTES_WANTED = 1 << 20;

  private long windows;
  private long held;

  /** One source's. */
  static final class Window {
    private final long first;
    private long bytes;

    private Window(long first) {
      this.first = first;
      this.bytes = first;
    }

    long bytes() {
      return bytes;
    }
  }

  Window open(int sources) {
    Window window = new Window(Math.clamp(FIRST_BYTES_ALL / Math.max(1, sources), FIRST_BYTES_MIN, FIRST_BYTES_MAX));
    windows += window.bytes;
    return window;
  }

  void close(Window window) {
    if (window != null) windows -= window.bytes;
  }

  /** Records that wait from now on. */
  void hold(long bytes) {
    held += bytes;
  }

  /** The source skipped entries. @return credit for it, beyond what it had */
  long skipped(Window window) {
    if (held > HELD_BYTES_WANTED) return 0;
    long more = Math.max(0, Math.min(window.bytes, Math.min(WINDOW_BYTES_MAX - window.bytes, WINDOWS_BYTES_MAX - windows)));
    window.bytes += more;
    windows += more;
    return more;
  }

  /** A record no longer waits. */
  void release(long bytes) {
    held -= bytes;
  }

  /** @return what the source gets back of {@code taken} bytes */
  long back(Window window, long taken) {
    if (held <= 2 * HELD_BYTES_WANTED) return taken;
    long kept = Math.max(0, Math.min(taken / 2, window.bytes - window.first));
    window.bytes -= kept;
    windows -= kept;
    return taken - kept;
  }
}
