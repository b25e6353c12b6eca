package io.kubeshark.render;

/** Addresses as text without a String: what {@link io.kubeshark.core.IpAddress#text} answers, byte for byte. */
final class IpText {
  private IpText() {}

  static final int LENGTH_MAX = 40;
  private static final byte[] HEX = "0123456789abcdef".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

  /** @return index after the last character */
  static int write(byte[] source, int offset, byte[] target, int at) {
    return isV4(source, offset) ? v4(source, offset + 12, target, at) : v6(source, offset, target, at);
  }

  private static boolean isV4(byte[] source, int offset) {
    for (int i = 0; i < 10; i++) if (source[offset + i] != 0) return false;
    return source[offset + 10] == -1 && source[offset + 11] == -1;
  }

  private static int v4(byte[] source, int from, byte[] target, int at) {
    for (int i = 0; i < 4; i++) {
      if (i > 0) target[at++] = '.';
      int value = source[from + i] & 0xff;
      if (value >= 100) target[at++] = (byte) ('0' + value / 100);
      if (value >= 10) target[at++] = (byte) ('0' + value / 10 % 10);
      target[at++] = (byte) ('0' + value % 10);
    }
    return at;
  }

  /** RFC 5952: the first longest run of at least two zero groups becomes "::". */
  private static int v6(byte[] source, int offset, byte[] target, int at) {
    int bestStart = -1;
    int bestLength = 1;
    for (int i = 0; i < 8; i++) {
      int run = 0;
      while (i + run < 8 && group(source, offset, i + run) == 0) run++;
      if (run > bestLength) {
        bestStart = i;
        bestLength = run;
      }
    }
    boolean separate = false;
    for (int i = 0; i < 8; i++) {
      if (i == bestStart) {
        target[at++] = ':';
        target[at++] = ':';
        separate = false;
        i += bestLength - 1;
        continue;
      }
      if (separate) target[at++] = ':';
      int group = group(source, offset, i);
      for (int shift = group > 0xfff ? 12 : group > 0xff ? 8 : group > 0xf ? 4 : 0; shift >= 0; shift -= 4) target[at++] = HEX[group >>> shift & 15];
      separate = true;
    }
    return at;
  }

  private static int group(byte[] source, int offset, int index) {
    return (source[offset + 2 * index] & 0xff) << 8 | source[offset + 2 * index + 1] & 0xff;
  }
}
