package io.kubeshark.hub;

import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** Several sources' matches, newest first, by when they were complete. */
final class BackwardMerge {
  private final PriorityQueue<Backward> readers =
      new PriorityQueue<>(Comparator.comparingLong((Backward reader) -> -reader.peek().endNs()).thenComparing(reader -> reader.source().name()));

  BackwardMerge(List<Backward> all) {
    for (Backward reader : all) if (reader.peek() != null) readers.add(reader);
  }

  /** The next match, or null at the end. */
  Backward.Match peek() {
    return readers.isEmpty() ? null : readers.peek().peek();
  }

  Backward.Match poll() {
    Backward reader = readers.poll();
    if (reader == null) return null;
    Backward.Match match = reader.poll();
    if (reader.peek() != null) readers.add(reader);
    return match;
  }
}
