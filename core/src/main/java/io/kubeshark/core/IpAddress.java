package io.kubeshark.core;

/** IP addresses as 16 bytes; IPv4 is mapped (::ffff:a.b.c.d, RFC 4291 section 2.5.5.2). */
public final class IpAddress {
  private IpAddress() {}

  public static final long V4_MAPPED_LOW_PREFIX = 0x0000ffff00000000L;

  public static boolean isV4(long high, long low) {
    return high == 0 && (low & 0xffffffff00000000L) == V4_MAPPED_LOW_PREFIX;
  }

  public static String text(byte[] array, int offset) {
    long high = 0;
    long low = 0;
    for (int i = 0; i < 8; i++) {
      high = high << 8 | array[offset + i] & 0xff;
      low = low << 8 | array[offset + 8 + i] & 0xff;
    }
    return text(high, low);
  }

  /** Dotted quad, or RFC 5952 form. */
  public static String text(long high, long low) {
    if (isV4(high, low)) return (low >>> 24 & 255) + "." + (low >>> 16 & 255) + "." + (low >>> 8 & 255) + "." + (low & 255);
    int[] groups = new int[8];
    for (int i = 0; i < 4; i++) {
      groups[i] = (int) (high >>> 48 - 16 * i) & 0xffff;
      groups[4 + i] = (int) (low >>> 48 - 16 * i) & 0xffff;
    }
    int bestStart = -1;
    int bestLength = 1; // a single zero group is not shortened (section 4.2.2)
    for (int i = 0; i < 8; i++) {
      int run = 0;
      while (i + run < 8 && groups[i + run] == 0) run++;
      if (run > bestLength) {
        bestStart = i;
        bestLength = run;
      }
    }
    StringBuilder text = new StringBuilder(39);
    for (int i = 0; i < 8; i++) {
      if (i == bestStart) {
        text.append("::");
        i += bestLength - 1;
        continue;
      }
      if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') text.append(':');
      text.append(Integer.toHexString(groups[i]));
    }
    return text.toString();
  }
}
