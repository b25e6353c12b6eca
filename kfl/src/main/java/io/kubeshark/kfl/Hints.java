package io.kubeshark.kfl;

import java.util.Collection;
import java.util.Map;

/** What somebody probably meant: near names, and words of the first version of the language. */
final class Hints {
  private Hints() {}

  private static final Map<String, String> OPERATORS = Map.of("and", "&&", "or", "||", "not", "!", "AND", "&&", "OR", "||", "NOT", "!");

  /** Names of KFL1 and of other tools. */
  private static final Map<String, String> RENAMED = Map.ofEntries(
      Map.entry("response.status", "status_code"), Map.entry("response.statusCode", "status_code"), Map.entry("response.code", "status_code"),
      Map.entry("status", "status_code"), Map.entry("statusCode", "status_code"), Map.entry("request.path", "path"),
      Map.entry("request.method", "method"), Map.entry("request.url", "url"), Map.entry("request.queryString", "query_string"),
      Map.entry("request.query", "query_string"), Map.entry("request.headers_size", "request_headers_size"), Map.entry("proto", "protocol"),
      Map.entry("protocol.name", "protocol"), Map.entry("elapsedTime", "elapsed_time"), Map.entry("latency", "elapsed_time"),
      Map.entry("requestSize", "request_size"), Map.entry("responseSize", "response_size"), Map.entry("source.ip", "src.ip"),
      Map.entry("destination.ip", "dst.ip"), Map.entry("ip.src", "src.ip"), Map.entry("ip.dst", "dst.ip"), Map.entry("tcp.port", "dst.port"),
      Map.entry("src.pod", "src.pod.name"), Map.entry("dst.pod", "dst.pod.name"), Map.entry("src.service", "src.service.name"),
      Map.entry("dst.service", "dst.service.name"), Map.entry("headers", "request.headers"), Map.entry("node", "node.name"));

  private static final Map<String, String> REMOVED_FUNCTIONS = Map.of(
      "redact", "redact is not part of filters any more", "limit", "how many rows are shown is not part of the filter",
      "record", "recording is not part of filters any more", "datetime", "write timestamp(\"2026-01-31T12:00:00Z\")", "xml",
          "XML paths are not supported",
      "seconds", "write duration(\"5s\")", "minutes", "write duration(\"5m\")", "hours", "write duration(\"5h\")", "days", "write duration(\"24h\")");

  static String operatorFor(String word) {
    return OPERATORS.get(word);
  }

  static String removedFunction(String name) {
    return REMOVED_FUNCTIONS.get(name);
  }

  /** The name that was probably meant, or null. */
  static String nearest(String wrong, Collection<String> names) {
    String renamed = RENAMED.get(wrong);
    if (renamed != null && names.contains(renamed)) return renamed;
    String best = null;
    int bestDistance = Math.min(3, Math.max(1, wrong.length() / 3)) + 1;
    for (String name : names) {
      int distance = distance(wrong.toLowerCase(java.util.Locale.ROOT), name.toLowerCase(java.util.Locale.ROOT), bestDistance);
      if (distance < bestDistance) {
        bestDistance = distance;
        best = name;
      }
    }
    return best;
  }

  /** Edit distance in which two swapped neighbours are one edit; anything from {@code limit} on is the same. */
  static int distance(String a, String b, int limit) {
    if (Math.abs(a.length() - b.length()) >= limit) return limit;
    int[][] row = new int[3][b.length() + 1];
    for (int j = 0; j <= b.length(); j++) row[0][j] = j;
    for (int i = 1; i <= a.length(); i++) {
      int[] current = row[i % 3];
      int[] above = row[(i + 2) % 3];
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        boolean same = a.charAt(i - 1) == b.charAt(j - 1);
        current[j] = Math.min(Math.min(above[j], current[j - 1]) + 1, above[j - 1] + (same ? 0 : 1));
        boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        if (swapped) current[j] = Math.min(current[j], row[(i + 1) % 3][j - 2] + 1);
      }
    }
    return Math.min(limit, row[a.length() % 3][b.length()]);
  }
}
