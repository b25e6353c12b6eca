package io.kubeshark.dissect.redis;

/**
 * Writes a RESP value as JSON into a bounded scratch, without recursion: a stack of how many values each open aggregate still expects.
 * Deeper than {@value #DEPTH_MAX} it stops, and when the scratch is full too; {@link #truncated()} says so.
 */
final class RespJson {
  private static final int DEPTH_MAX = 32;
  private static final int OBJECT = 1;

  private byte[] out = new byte[1024];
  private int length;
  private int bytesMax;
  private boolean truncated;
  private boolean tooDeep;
  private final long[] left = new long[DEPTH_MAX];
  private final byte[] kind = new byte[DEPTH_MAX];
  private int depth;

  byte[] array() {
    return out;
  }

  int length() {
    return length;
  }

  boolean truncated() {
    return truncated;
  }

  boolean tooDeep() {
    return tooDeep;
  }

  /** Renders the value in [at, limit), which may be cut off: what is open is closed. */
  void render(byte[] array, int at, int limit, int bytesMax) {
    this.bytesMax = bytesMax;
    length = depth = 0;
    truncated = tooDeep = false;
    while (at < limit && !truncated && !tooDeep) {
      int lineEnd = RespScanner.lineEnd(array, at, limit);
      if (lineEnd < 0) {
        truncated = true;
        break;
      }
      at = value(array, at, lineEnd, limit);
      while (depth > 0 && left[depth - 1] == 0) closeOne();
      if (depth == 0) break;
    }
    while (depth > 0) closeOne();
  }

  private int value(byte[] array, int at, int lineEnd, int limit) {
    byte type = array[at];
    int next = lineEnd + 2;
    if (type == '|') {
      // Attributes are told apart by clients, and rare: shown as an object before the value they belong to.
      separator();
      push(RespScanner.number(array, at + 1, lineEnd) * 2, '{');
      if (depth > 1) left[depth - 2]++;
      return next;
    }
    separator();
    switch (type) {
      case '$', '=', '!' -> {
        long count = RespScanner.number(array, at + 1, lineEnd);
        if (count < 0) {
          raw("null");
        } else {
          int end = (int) Math.min(limit, next + count);
          int from = type == '=' && end - next >= 4 ? next + 4 : next;
          text(array, from, end);
          next = (int) Math.min(limit, next + count + 2);
        }
      }
      case '*', '~', '>' -> push(RespScanner.number(array, at + 1, lineEnd), '[');
      case '%' -> push(RespScanner.number(array, at + 1, lineEnd) * 2, '{');
      case ':' -> number(array, at + 1, lineEnd);
      case '_' -> raw("null");
      case '#' -> raw(lineEnd > at + 1 && array[at + 1] == 't' ? "true" : "false");
      default -> text(array, at + 1, lineEnd);
    }
    return next;
  }

  /** What goes between the last value and this one; counts it. A map's key must be a string, so other keys are quoted by {@link #text}. */
  private void separator() {
    if (depth == 0) return;
    int top = depth - 1;
    boolean first = out[length - 1] == '[' || out[length - 1] == '{';
    if (kind[top] == 0) {
      if (!first) put(',');
    } else if (left[top] % 2 == 0) {
      if (!first) put(',');
    } else {
      put(':');
    }
    left[top]--;
  }

  private boolean isKey() {
    return depth > 0 && kind[depth - 1] == OBJECT && left[depth - 1] % 2 == 1;
  }

  private void push(long count, char bracket) {
    boolean key = isKey();
    if (count < 0) {
      raw(key ? "\"null\"" : "null");
      return;
    }
    if (depth == DEPTH_MAX || key) {
      tooDeep = true;
      raw("\"...\"");
      return;
    }
    left[depth] = count;
    kind[depth] = (byte) (bracket == '{' ? OBJECT : 0);
    depth++;
    put(bracket);
  }

  private void closeOne() {
    depth--;
    boolean keyWithoutValue = kind[depth] == OBJECT && left[depth] % 2 == 1;
    if (keyWithoutValue) raw(":null");
    force(kind[depth] == OBJECT ? '}' : ']');
  }

  private void number(byte[] array, int from, int to) {
    if (isKey() || RespScanner.number(array, from, to) == Long.MIN_VALUE) {
      text(array, from, to);
      return;
    }
    for (int i = from; i < to; i++) put((char) array[i]);
  }

  private void raw(String ascii) {
    boolean key = isKey() && ascii.charAt(0) != '"' && ascii.charAt(0) != ':';
    if (key) put('"');
    for (int i = 0; i < ascii.length(); i++) put(ascii.charAt(i));
    if (key) put('"');
  }

  private void text(byte[] array, int from, int to) {
    put('"');
    for (int i = from; i < to; i++) {
      byte each = array[i];
      if (each == '"' || each == '\\') {
        put('\\');
        putByte(each);
      } else if (each >= 0 && each < 0x20) {
        put('\\');
        put('u');
        put('0');
        put('0');
        put("0123456789abcdef".charAt(each >> 4));
        put("0123456789abcdef".charAt(each & 15));
      } else {
        putByte(each);
      }
      if (truncated) break;
    }
    force('"');
  }

  private void put(char ascii) {
    putByte((byte) ascii);
  }

  private void putByte(byte value) {
    if (length >= bytesMax) truncated = true;
    else force((char) (value & 0xff));
  }

  /** Closing brackets and quotes go over the limit: at most one for each open aggregate. */
  private void force(char value) {
    if (length == out.length) out = java.util.Arrays.copyOf(out, out.length * 2);
    out[length++] = (byte) value;
  }
}
