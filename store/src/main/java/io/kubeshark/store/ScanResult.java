package io.kubeshark.store;

/**
 * How a scan ended.
 *
 * @param entriesScanned entries looked at
 * @param bytesScanned bytes read from disk
 * @param lastSequence of the last entry looked at, from where a next scan goes on (the one after it; newest first: the one before); 0: none
 * @param gone entries that were there when the scan began, and evicted (or unreadable) when it came to them
 */
public record ScanResult(End end, long matched, long entriesScanned, long bytesScanned, long lastSequence, long gone) {
  public enum End {
    /** All that the query asks for was looked at. */
    COMPLETE,
    /** {@link Query#limit} matches were found. */
    LIMIT,
    /** The visitor had enough. */
    STOPPED,
    /** {@link Query#bytesScannedMax} was reached. */
    BYTES,
    /** {@link Query#deadlineNs} has passed. */
    DEADLINE,
    /** {@link ReadBuffers#READERS_MAX} other queries were under way until the deadline. */
    BUSY,
    /** The reading thread was interrupted. */
    INTERRUPTED
  }

  /** Whether there may be matches that were not looked at, against the asker's wish. */
  public boolean truncated() {
    return switch (end) {
      case COMPLETE, LIMIT, STOPPED -> false;
      case BYTES, DEADLINE, BUSY, INTERRUPTED -> true;
    };
  }
}
