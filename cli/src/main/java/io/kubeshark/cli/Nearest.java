package io.kubeshark.cli;

import java.util.Collection;
import java.util.Locale;

/** "Did you mean": the known name that a wrong one is a slip of. */
final class Nearest {
  private Nearest() {}

  /** @return the nearest dotted name, or null if none is near: another's place of the same last word is near, too */
  static String of(String wrong, Collection<String> known) {
    String nearest = null;
    int best = Math.max(2, wrong.length() / 4) + 1;
    for (String name : known) {
      int distance = distance(wrong.toLowerCase(Locale.ROOT), name.toLowerCase(Locale.ROOT));
      if (distance > 1 && last(name).equalsIgnoreCase(last(wrong))) distance = 1;
      if (distance < best) {
        best = distance;
        nearest = name;
      }
    }
    return nearest;
  }

  private static String last(String name) {
    return name.substring(name.lastIndexOf('.') + 1);
  }

  /** Insertions, deletions, replacements; two neighbours that changed places count as one. */
  static int distance(String a, String b) {
    int[] before = new int[b.length() + 1];
    int[] previous = new int[b.length() + 1];
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) previous[j] = j;
    for (int i = 1; i <= a.length(); i++) {
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        row[j] = Math.min(Math.min(row[j - 1], previous[j]) + 1, previous[j - 1] + change);
        boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        if (swapped) row[j] = Math.min(row[j], before[j - 2] + 1);
      }
      int[] free = before;
      before = previous;
      previous = row;
      row = free;
    }
    return previous[b.length()];
  }
}
