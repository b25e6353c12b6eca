package io.kubeshark.render;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Well-formed UTF-8 (Unicode 15, table 3-7), and how much to replace where it is not: the maximal subpart, as browsers and the JDK do. */
public final class Utf8 {
  private Utf8() {}

  private static final VarHandle LE64 = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /**
   * Length of the well-formed sequence at {@code at} (1–4), or minus the count of bytes to replace by one U+FFFD.
   */
  static int sequenceLength(byte[] source, int at, int end) {
    int first = source[at];
    if (first >= 0) return 1;
    first &= 0xff;
    if (first < 0xc2 || first > 0xf4) return -1;
    int length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    int low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    int high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    for (int i = 1; i < length; i++) {
      if (at + i >= end) return -i;
      int next = source[at + i] & 0xff;
      if (next < low || next > high) return -i;
      low = 0x80;
      high = 0xbf;
    }
    return length;
  }

  /**
   * Whether bytes are UTF-8 that a person may read: well-formed and without control characters other than tab and line ends. A sequence
   * that the end cuts counts as well-formed if {@code cut} says that the bytes were cut there.
   */
  public static boolean isText(byte[] source, int offset, int byteCount, boolean cut) {
    int at = offset;
    int end = offset + byteCount;
    while (at < end) {
      if (at + 8 <= end) {
        long x = (long) LE64.get(source, at);
        if (((x - 0x2020202020202020L | x) & 0x8080808080808080L) == 0) {
          at += 8;
          continue;
        }
      }
      byte b = source[at];
      if (b >= 0x20) {
        at++;
        continue;
      }
      if (b >= 0) {
        if (b != '\n' && b != '\r' && b != '\t' && b != '\f' && b != 0x1b) return false;
        at++;
        continue;
      }
      int sequence = sequenceLength(source, at, end);
      if (sequence < 0) return cut && at - sequence == end;
      at += sequence;
    }
    return true;
  }

  static boolean wellFormed(byte[] source, int offset, int byteCount) {
    int end = offset + byteCount;
    for (int at = offset; at < end; ) {
      int sequence = sequenceLength(source, at, end);
      if (sequence < 0) return false;
      at += sequence;
    }
    return true;
  }
}
