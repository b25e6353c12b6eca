package io.kubeshark.dissect;

import java.util.Arrays;

/**
 * Numbers the messages of one direction of a run, some of which are lost. A message has the same rank as its other half.
 *
 * <pre>
 *   messages    m0 m1 ## m2 m3 ## m4         ##: a hole, which swallowed a number of messages that may be known or not
 *   ranks        0  1     ?  ?    B-1        from the front 0, 1, …; from the back B - 1, B - 2, …
 * </pre>
 *
 * If the length of the run is known, it is the B of the picture, and one number line is left.
 */
final class Ranks {
  static final int UNKNOWN = -1;
  /** Beyond all ranks from the front. */
  private static final int BACK = 1 << 20;

  /** Messages swallowed before message i, and, last, behind them all; {@link #UNKNOWN} where it cannot be told. */
  final int[] swallowed;
  /** Of the hole at i: messages at least, and as their sizes on this connection say ({@link #UNKNOWN} if they do not agree). */
  final int[] least;
  final int[] bySize;

  Ranks(int messages) {
    swallowed = new int[messages + 1];
    least = new int[messages + 1];
    bySize = new int[messages + 1];
  }

  void hole(int index, int leastMessages, int messagesBySize) {
    swallowed[index] = UNKNOWN;
    least[index] = leastMessages;
    bySize[index] = messagesBySize;
  }

  boolean whole() {
    for (int each : swallowed) if (each == UNKNOWN) return false;
    return true;
  }

  /** All holes together swallowed {@code missing} messages. */
  void distribute(int missing) {
    int holes = 0;
    int hole = 0;
    int sumLeast = 0;
    int sumBySize = 0;
    boolean sized = true;
    for (int i = 0; i < swallowed.length; i++) {
      if (swallowed[i] != UNKNOWN) continue;
      holes++;
      hole = i;
      sumLeast += least[i];
      sumBySize += bySize[i];
      sized &= bySize[i] != UNKNOWN;
    }
    if (holes == 0 || missing < sumLeast) return;
    if (holes == 1) swallowed[hole] = missing;
    else if (sumLeast == missing) fill(least);
    else if (sized && sumBySize == missing) fill(bySize);
  }

  private void fill(int[] from) {
    for (int i = 0; i < swallowed.length; i++) if (swallowed[i] == UNKNOWN) swallowed[i] = from[i];
  }

  /** The rank of each message. @param length of the run, or {@link #UNKNOWN} */
  int[] ranks(int length) {
    int count = swallowed.length - 1;
    int[] ranks = new int[count];
    Arrays.fill(ranks, UNKNOWN);
    int rank = 0;
    for (int i = 0; i < count && swallowed[i] != UNKNOWN; i++) {
      rank += swallowed[i];
      ranks[i] = rank++;
    }
    rank = length == UNKNOWN ? BACK : length;
    for (int i = count - 1; i >= 0 && ranks[i] == UNKNOWN && swallowed[i + 1] != UNKNOWN; i--) {
      rank -= swallowed[i + 1] + 1;
      ranks[i] = rank;
    }
    return ranks;
  }
}
