package io.kubeshark.reassembly;

import java.util.Arrays;

/** Sequence ranges that one end sent and the other has not acknowledged, oldest first: for round-trip times. */
final class UnackedSegments {
  /** Acknowledgements that are not captured must not make this grow; what comes beyond is not remembered. */
  static final int SEGMENTS_MAX = 8192;
  private static final int SEGMENTS_MIN = 8;

  private int[] starts = new int[SEGMENTS_MIN];
  private int[] ends = new int[SEGMENTS_MIN];
  private long[] timesNs = new long[SEGMENTS_MIN];
  private int first;
  private int size;
  /** Ends rise: an acknowledgement takes from the front. Otherwise all are looked at, until none is left. */
  private boolean sorted = true;

  void add(int start, int end, long timeNs) {
    if (size == SEGMENTS_MAX) return;
    if (size == starts.length) grow();
    if (size > 0 && end - ends[first + size - 1 & ends.length - 1] <= 0) sorted = false;
    int index = first + size++ & starts.length - 1;
    starts[index] = start;
    ends[index] = end;
    timesNs[index] = timeNs;
  }

  /** Forgets what is acknowledged. Returns when the oldest segment that ends exactly there was sent, or Long.MIN_VALUE. */
  long acknowledge(int acknowledgment) {
    if (!sorted) return acknowledgeAny(acknowledgment);
    int mask = starts.length - 1;
    long timeNs = Long.MIN_VALUE;
    while (size > 0 && ends[first] - acknowledgment <= 0) {
      if (ends[first] == acknowledgment) timeNs = timesNs[first];
      first = first + 1 & mask;
      size--;
    }
    if (size > 0 && acknowledgment - starts[first] > 0) starts[first] = acknowledgment;
    return timeNs;
  }

  private long acknowledgeAny(int acknowledgment) {
    int mask = starts.length - 1;
    long timeNs = Long.MIN_VALUE;
    int kept = 0;
    for (int i = 0; i < size; i++) {
      int from = first + i & mask;
      if (ends[from] == acknowledgment && timeNs == Long.MIN_VALUE) timeNs = timesNs[from];
      if (ends[from] - acknowledgment <= 0) continue;
      int to = first + kept++ & mask;
      starts[to] = acknowledgment - starts[from] > 0 ? acknowledgment : starts[from];
      ends[to] = ends[from];
      timesNs[to] = timesNs[from];
    }
    size = kept;
    if (size == 0) sorted = true;
    return timeNs;
  }

  private void grow() {
    int[] oldStarts = starts;
    int[] oldEnds = ends;
    long[] oldTimesNs = timesNs;
    int length = oldStarts.length;
    starts = Arrays.copyOf(oldStarts, length * 2);
    ends = Arrays.copyOf(oldEnds, length * 2);
    timesNs = Arrays.copyOf(oldTimesNs, length * 2);
    for (int i = 0; i < size; i++) {
      int from = first + i & length - 1;
      starts[i] = oldStarts[from];
      ends[i] = oldEnds[from];
      timesNs[i] = oldTimesNs[from];
    }
    first = 0;
  }
}
