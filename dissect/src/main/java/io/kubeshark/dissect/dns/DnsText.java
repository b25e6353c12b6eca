package io.kubeshark.dissect.dns;

import io.kubeshark.core.FieldSpec;
import io.kubeshark.core.FieldWriter;

/** Scratch for the text of one value; reused, so that reading a message allocates nothing. Cut at {@value #BYTES_MAX} bytes. */
final class DnsText {
  private static final int BYTES_MAX = 8 << 10;

  private final byte[] array = new byte[BYTES_MAX];
  private int length;
  private boolean limitReached;

  /** A message begins. */
  void begin() {
    limitReached = false;
  }

  /** Something of the message is not shown. */
  void reachLimit() {
    limitReached = true;
  }

  boolean limitReached() {
    return limitReached;
  }

  DnsText clear() {
    length = 0;
    return this;
  }

  boolean isEmpty() {
    return length == 0;
  }

  void cutTo(int newLength) {
    length = newLength;
  }

  int length() {
    return length;
  }

  DnsText ascii(String text) {
    for (int i = 0; i < text.length(); i++) ascii(text.charAt(i));
    return this;
  }

  DnsText ascii(char character) {
    if (length < BYTES_MAX) array[length++] = (byte) character;
    else limitReached = true;
    return this;
  }

  DnsText bytes(byte[] source, int offset, int count) {
    int fits = Math.min(count, BYTES_MAX - length);
    limitReached |= fits < count;
    System.arraycopy(source, offset, array, length, fits);
    length += fits;
    return this;
  }

  DnsText number(long value) {
    if (value >= 10) number(value / 10);
    return ascii((char) ('0' + value % 10));
  }

  DnsText hex(byte[] source, int offset, int count) {
    for (int i = offset; i < offset + count; i++) ascii(digit(source[i] >> 4)).ascii(digit(source[i]));
    return this;
  }

  private static char digit(int nibble) {
    return "0123456789abcdef".charAt(nibble & 15);
  }

  /** One byte of a label or character string, escaped as in zone files (RFC 1035 section 5.1). */
  void escaped(int value, char special) {
    if (value == special || value == '\\') {
      ascii('\\').ascii((char) value);
    } else if (value < 0x21 || value > 0x7e) {
      ascii('\\').ascii((char) ('0' + value / 100)).ascii((char) ('0' + value / 10 % 10)).ascii((char) ('0' + value % 10));
    } else {
      ascii((char) value);
    }
  }

  DnsText ipv4(byte[] source, int offset) {
    for (int i = 0; i < 4; i++) {
      if (i > 0) ascii('.');
      number(source[offset + i] & 0xff);
    }
    return this;
  }

  /** RFC 5952: the longest run of two or more zero groups is left out, the first of equals. */
  DnsText ipv6(byte[] source, int offset) {
    int zerosAt = -1;
    int zeros = 1;
    for (int i = 0; i < 8; i++) {
      int behind = i;
      while (behind < 8 && group(source, offset, behind) == 0) behind++;
      if (behind - i > zeros) {
        zerosAt = i;
        zeros = behind - i;
      }
    }
    for (int i = 0; i < 8; i++) {
      if (i == zerosAt) {
        ascii(':').ascii(':');
        i += zeros - 1;
        continue;
      }
      if (i > 0 && i != zerosAt + zeros) ascii(':');
      int group = group(source, offset, i);
      for (int shift = Math.max(0, (31 - Integer.numberOfLeadingZeros(group | 1)) & ~3); shift >= 0; shift -= 4) ascii(digit(group >> shift));
    }
    return this;
  }

  private static int group(byte[] source, int offset, int index) {
    return (source[offset + 2 * index] & 0xff) << 8 | source[offset + 2 * index + 1] & 0xff;
  }

  void field(FieldWriter out, FieldSpec spec) {
    out.stringField(spec, array, 0, length);
  }

  void item(FieldWriter out) {
    out.listItem(array, 0, length);
  }

  void cell(FieldWriter out) {
    out.cell(array, 0, length);
  }
}
