package io.kubeshark.dissect.redis;

import io.kubeshark.core.ByteCursor;

/**
 * Finds the end of a RESP value without recursion: an aggregate of n elements is n more values to come, so one counter is enough.
 *
 * <pre>
 *   value     := simple | bulk | aggregate
 *   simple    := one of + - : _ , # (  text CR LF
 *   bulk      := one of $ = !  length CR LF  bytes CR LF          length -1: null, no bytes follow
 *   aggregate := one of * % ~ &gt; |  count CR LF  values             % and | : count pairs; * -1: null
 * </pre>
 *
 * Streamed strings and aggregates ({@code $?}, {@code *?}), which no server sends, are malformed. Resumable: what was scanned is not
 * scanned again when more bytes are there.
 */
final class RespScanner {
  /** A line: simple strings and errors are short; the server's own limit for inline commands is 64 KiB. */
  static final int LINE_BYTES_MAX = 64 << 10;
  /** Redis allows bulk strings of 512 MiB (proto-max-bulk-len) and a million arguments. */
  static final long BULK_BYTES_MAX = 512L << 20;
  static final long COUNT_MAX = 1L << 20;

  static final int BROKEN = -2;

  /** What a value may begin with. */
  static final String TYPES = "+-!:$*_#,(=%~>|";

  /** What {@link #scan} found. */
  enum Result {
    WHOLE, NEED_MORE, MALFORMED
  }

  /** Values still to come; 0: whole. */
  private long missing;
  /** Bytes of the current bulk string still to come, its CR LF included. */
  private long bulkLeft;
  /** Relative to where the value began. */
  private int scanned;
  int needed;

  void start() {
    start(1);
  }

  /** So many values one behind the other. */
  void start(long values) {
    missing = values;
    bulkLeft = 0;
    scanned = 0;
  }

  /** Whether the bytes scanned so far may go: the value is longer than what one wants to keep. Scanning goes on at 0. */
  void forget() {
    scanned = 0;
  }

  /** Whether more than one value is still to come. */
  boolean withinAggregate() {
    return missing > 1;
  }

  int scanned() {
    return scanned;
  }

  /** Goes on from where it stopped. {@code start} is the array index where the value (or, after {@link #forget}, its rest) begins. */
  Result scan(byte[] array, int start, int limit) {
    int at = start + scanned;
    while (missing > 0) {
      if (bulkLeft > 0) {
        int take = (int) Math.min(bulkLeft, limit - at);
        at += take;
        bulkLeft -= take;
        scanned = at - start;
        if (bulkLeft > 0) return needs(scanned + bulkLeft);
        missing--;
        continue;
      }
      int lineEnd = lineEnd(array, at, limit);
      if (lineEnd < 0) return lineEnd == BROKEN || limit - at > LINE_BYTES_MAX ? Result.MALFORMED : needs(limit - start + 1L);
      if (!line(array, at, lineEnd)) return Result.MALFORMED;
      at = lineEnd + 2;
      scanned = at - start;
    }
    return Result.WHOLE;
  }

  private boolean line(byte[] array, int at, int lineEnd) {
    switch (array[at]) {
      case '+', '-', ':', '_', ',', '#', '(' -> missing--;
      case '$', '=', '!' -> {
        long length = number(array, at + 1, lineEnd);
        if (length < -1 || length > BULK_BYTES_MAX) return false;
        if (length < 0) missing--;
        else bulkLeft = length + 2;
      }
      case '*', '~', '>', '%', '|' -> {
        long count = number(array, at + 1, lineEnd);
        if (count < -1 || count > COUNT_MAX || missing > COUNT_MAX * 8) return false;
        boolean pairs = array[at] == '%' || array[at] == '|';
        // An attribute comes before the value that it belongs to, it is not one itself.
        missing += Math.max(0, count) * (pairs ? 2 : 1) - (array[at] == '|' ? 0 : 1);
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private Result needs(long bytes) {
    needed = (int) Math.min(Integer.MAX_VALUE, bytes);
    return Result.NEED_MORE;
  }

  /** Index of the CR of the line's end, -1 if it is not here, or {@link #BROKEN}: no line of this protocol holds a LF without CR. */
  static int lineEnd(byte[] array, int from, int limit) {
    int lineFeed = ByteCursor.indexOf(array, (byte) '\n', from, Math.min(limit, from + LINE_BYTES_MAX + 2));
    if (lineFeed < 0) return -1;
    return lineFeed > from && array[lineFeed - 1] == '\r' ? lineFeed - 1 : BROKEN;
  }

  /** The integer in [from, to), or {@link Long#MIN_VALUE} if there is none. */
  static long number(byte[] array, int from, int to) {
    boolean negative = from < to && array[from] == '-';
    int digits = negative ? from + 1 : from;
    if (digits >= to || to - digits > 18) return Long.MIN_VALUE;
    long value = 0;
    for (int i = digits; i < to; i++) {
      int digit = array[i] - '0';
      if (digit < 0 || digit > 9) return Long.MIN_VALUE;
      value = value * 10 + digit;
    }
    return negative ? -value : value;
  }

  static boolean startsWith(byte[] array, int from, int to, String prefix) {
    if (to - from < prefix.length()) return false;
    for (int i = 0; i < prefix.length(); i++) if (array[from + i] != prefix.charAt(i)) return false;
    return true;
  }
}
