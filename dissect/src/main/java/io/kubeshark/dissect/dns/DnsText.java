package io.kubeshark.dissect.dns;

import io.kubeshark.core.FieldSpec;
import io.kubeshark.core.FieldWriter;
import io.kubeshark.core.IpAddress;

/** Scratch for the text of one value; reused, so that reading a message allocates nothing. Cut at {@value #BYTES_MAX} bytes. */
final class DnsText {
  private static final int BYTES_MAX = 8 << 10;

  private final byte[] array = new byte[BYTES_MAX];
  private int length;

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
    return this;
  }

  DnsText bytes(byte[] source, int offset, int count) {
    int fits = Math.min(count, BYTES_MAX - length);
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

  DnsText ipv6(byte[] source, int offset) {
    return ascii(IpAddress.text(source, offset));
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
