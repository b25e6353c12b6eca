package io.kubeshark.kfl;

import io.kubeshark.core.ByteCursor;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A text as UTF-8 bytes inside somebody's array: compared and searched without becoming a String. */
final class Slice {
  private static final int LONG_SCAN = 32;

  byte[] array;
  int at;
  int length;

  void set(byte[] array, int at, int length) {
    this.array = array;
    this.at = at;
    this.length = length;
  }

  void set(byte[] whole) {
    set(whole, 0, whole.length);
  }

  boolean is(byte[] other) {
    return length == other.length && Arrays.equals(array, at, at + length, other, 0, length);
  }

  boolean is(Slice other) {
    return Arrays.equals(array, at, at + length, other.array, other.at, other.at + other.length);
  }

  boolean isIgnoringCase(byte[] other) {
    if (length != other.length) return false;
    for (int i = 0; i < length; i++) if (lower(array[at + i]) != lower(other[i])) return false;
    return true;
  }

  private static int lower(byte b) {
    return b >= 'A' && b <= 'Z' ? b + 32 : b;
  }

  boolean startsWith(Slice head) {
    return length >= head.length && Arrays.equals(array, at, at + head.length, head.array, head.at, head.at + head.length);
  }

  boolean endsWith(Slice tail) {
    int from = at + length - tail.length;
    return length >= tail.length && Arrays.equals(array, from, from + tail.length, tail.array, tail.at, tail.at + tail.length);
  }

  boolean contains(Slice needle) {
    if (needle.length == 0) return true;
    int last = at + length - needle.length;
    byte first = needle.array[needle.at];
    for (int i = at; i <= last; i++) {
      if (last - i >= LONG_SCAN) {
        i = ByteCursor.indexOf(array, first, i, last + 1);
        if (i < 0) return false;
      } else if (array[i] != first) {
        continue;
      }
      int k = 1; // needles are short: a plain loop beats a call
      while (k < needle.length && array[i + k] == needle.array[needle.at + k]) k++;
      if (k == needle.length) return true;
    }
    return false;
  }

  /** By code points, which in UTF-8 is by unsigned bytes. */
  int compare(Slice other) {
    return Arrays.compareUnsigned(array, at, at + length, other.array, other.at, other.at + other.length);
  }

  /** Characters (code points). */
  int size() {
    int count = 0;
    for (int i = at; i < at + length; i++) if ((array[i] & 0xc0) != 0x80) count++;
    return count;
  }

  byte[] bytes() {
    return at == 0 && length == array.length ? array : Arrays.copyOfRange(array, at, at + length);
  }

  String text() {
    return new String(array, at, length, StandardCharsets.UTF_8);
  }
}
