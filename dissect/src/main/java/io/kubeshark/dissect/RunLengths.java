package io.kubeshark.dissect;

/**
 * How many requests a client sends at once, at most: tells one that waits for all answers before it sends its next run from one that
 * keeps a window of requests in flight, after a loss that hid how the connection began.
 *
 * <pre>
 *   run      requests that were sent when the client had received the same bytes
 *   window   of 4:   q0 q1 q2 q3 | r0 r1 | q4 q5 | r2 r3 | q6 q7 | …     4 at first, then always fewer
 *   drained          q0 q1 q2 q3 | r0 r1 r2 r3 | q4 q5 q6 q7 | …         4 again
 * </pre>
 *
 * A window that is not empty leaves room for fewer than it holds. So who sends as many again as ever before had no request in flight. What
 * a hole may hold of a run counts as requests of the smallest size that was seen.
 */
final class RunLengths {
  /** So many requests must have been seen before their sizes say anything of what is in a hole. */
  private static final int SIZES_MIN = 16;

  /** Requests of the longest run without a hole. */
  private int most;
  /** Bytes of the longest run with one, the hole before it included. */
  private long mostBytes;
  private int sizeMin = Integer.MAX_VALUE;
  private int sizes;

  void request(long bytes) {
    if (bytes < sizeMin) sizeMin = (int) bytes;
    sizes++;
  }

  /**
   * A run is over.
   *
   * @param seen its requests that were captured
   * @param bytes from the end of the last run's requests
   * @return whether nothing was in flight when it began, for certain
   */
  boolean drained(int seen, long bytes, boolean hole) {
    boolean drained = seen > 1 && most() > 1 && seen >= most();
    if (hole) mostBytes = Math.max(mostBytes, bytes);
    else most = Math.max(most, seen);
    return drained;
  }

  private long most() {
    if (mostBytes == 0) return most;
    return sizes < SIZES_MIN ? Long.MAX_VALUE : Math.max(most, mostBytes / sizeMin);
  }
}
