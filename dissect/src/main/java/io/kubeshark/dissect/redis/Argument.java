package io.kubeshark.dissect.redis;

/** One bulk string in the array, perhaps cut by the end of what is here. */
final class Argument {
  int from;
  int to;
  int next;
  long declared;

  /** @param upper in upper case */
  boolean is(byte[] array, String upper) {
    if (to - from != upper.length()) return false;
    for (int i = 0; i < upper.length(); i++) if ((array[from + i] & 0xdf) != upper.charAt(i)) return false;
    return true;
  }

  boolean read(byte[] array, int at, int end) {
    if (at >= end) return false;
    int lineEnd = RespScanner.lineEnd(array, at, end);
    if (lineEnd < 0) return false;
    if (array[at] == '$') {
      declared = RespScanner.number(array, at + 1, lineEnd);
      if (declared < 0) return false;
      from = lineEnd + 2;
      to = (int) Math.min(end, from + declared);
      next = (int) Math.min(end, from + declared + 2);
    } else {
      from = at + 1;
      to = lineEnd;
      declared = to - from;
      next = lineEnd + 2;
    }
    return from <= to;
  }
}
