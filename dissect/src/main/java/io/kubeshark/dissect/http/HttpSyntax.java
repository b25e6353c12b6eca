package io.kubeshark.dissect.http;

import io.kubeshark.core.ByteCursor;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Characters and words of RFC 9110 and RFC 9112. All indexes are into the array given; {@code to} is behind the last byte. */
final class HttpSyntax {
  private HttpSyntax() {}

  private static final VarHandle LE32 = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LE64 = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** Header names that decide something here; everything else is {@link #OTHER}. */
  static final int OTHER = 0;
  static final int HOST = 1;
  static final int CONTENT_LENGTH = 2;
  static final int TRANSFER_ENCODING = 3;
  static final int CONTENT_TYPE = 4;
  static final int CONTENT_ENCODING = 5;
  static final int COOKIE = 6;
  static final int SET_COOKIE = 7;
  static final int UPGRADE = 8;

  /** "HTTP/1.d": what every version here looks like. */
  static final int VERSION_LENGTH = 8;
  private static final long HTTP_1_DOT = word("HTTP/1.");
  private static final long ONES = 0x0101_0101_0101_0101L;
  private static final long HIGH_BITS = 0x8080_8080_8080_8080L;
  private static final long COLONS = ONES * ':';
  private static final long PRINTABLE = ONES * 0x21;
  private static final long SEVEN_BYTES = 0x00ff_ffff_ffff_ffffL;

  /** Registered methods (IANA HTTP Method Registry, 2024-11, without PRI, which is HTTP/2's), the common ones first. */
  private static final byte[][] METHODS = words(
      "GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE", "QUERY", "ACL", "BASELINE-CONTROL", "BIND", "CHECKIN",
      "CHECKOUT", "COPY", "LABEL", "LINK", "LOCK", "MERGE", "MKACTIVITY", "MKCALENDAR", "MKCOL", "MKREDIRECTREF", "MKWORKSPACE", "MOVE",
      "ORDERPATCH", "PROPFIND", "PROPPATCH", "REBIND", "REPORT", "SEARCH", "UNBIND", "UNCHECKOUT", "UNLINK", "UNLOCK", "UPDATE",
      "UPDATEREDIRECTREF", "VERSION-CONTROL");
  /** Longer than the longest registered one, so that extension methods pass as well. */
  static final int METHOD_BYTES_MAX = 32;

  private static final boolean[] TOKEN = new boolean[256];
  private static final boolean[] METHOD_START = new boolean[256];

  static {
    for (char c : "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".toCharArray()) TOKEN[c] = true;
    for (byte[] method : METHODS) METHOD_START[method[0]] = true;
  }

  static boolean isToken(byte b) {
    return TOKEN[b & 0xff];
  }

  static boolean startsMethod(byte b) {
    return METHOD_START[b & 0xff];
  }

  static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }

  /** Whether "HTTP/1." and a digit lie at {@code at}; the caller checked that 8 bytes are there. */
  static boolean isVersion(byte[] array, int at) {
    long word = (long) LE64.get(array, at);
    return (word & SEVEN_BYTES) == HTTP_1_DOT && isDigit((byte) (word >>> 56));
  }

  /** Whether the bytes in [at, to) agree with "HTTP/1." as far as they reach. */
  static boolean mayBeVersion(byte[] array, int at, int to) {
    int count = Math.min(7, to - at);
    for (int i = 0; i < count; i++) if (array[at + i] != (byte) (HTTP_1_DOT >>> (8 * i))) return false;
    return true;
  }

  static boolean isRegistered(byte[] array, int from, int to) {
    for (byte[] method : METHODS) if (method.length == to - from && equal(array, from, method)) return true;
    return false;
  }

  /** Length of the registered method and the space behind it at {@code from}; 0: neither; -1: the bytes end before that is certain. */
  static int methodAndSpace(byte[] array, int from, int to) {
    boolean partial = false;
    for (byte[] method : METHODS) {
      if (array[from] != method[0]) continue;
      int count = Math.min(method.length, to - from);
      if (!Arrays.equals(array, from, from + count, method, 0, count)) continue;
      if (from + method.length >= to) partial = true;
      else if (array[from + method.length] == ' ') return method.length + 1;
    }
    return partial ? -1 : 0;
  }

  /** Which of the names that matter this is, in any case of letters. Longer than any of them costs one comparison. */
  static int headerKind(byte[] array, int from, int to) {
    return switch (to - from) {
      case 4 -> NAME_HOST.is(array, from) ? HOST : OTHER;
      case 6 -> NAME_COOKIE.is(array, from) ? COOKIE : OTHER;
      case 7 -> NAME_UPGRADE.is(array, from) ? UPGRADE : OTHER;
      case 10 -> NAME_SET_COOKIE.is(array, from) ? SET_COOKIE : OTHER;
      case 12 -> NAME_CONTENT_TYPE.is(array, from) ? CONTENT_TYPE : OTHER;
      case 14 -> NAME_CONTENT_LENGTH.is(array, from) ? CONTENT_LENGTH : OTHER;
      case 16 -> NAME_CONTENT_ENCODING.is(array, from) ? CONTENT_ENCODING : OTHER;
      case 17 -> NAME_TRANSFER_ENCODING.is(array, from) ? TRANSFER_ENCODING : OTHER;
      default -> OTHER;
    };
  }

  private static final Name NAME_HOST = Name.of("host");
  private static final Name NAME_COOKIE = Name.of("cookie");
  private static final Name NAME_UPGRADE = Name.of("upgrade");
  private static final Name NAME_SET_COOKIE = Name.of("set-cookie");
  private static final Name NAME_CONTENT_TYPE = Name.of("content-type");
  private static final Name NAME_CONTENT_LENGTH = Name.of("content-length");
  private static final Name NAME_CONTENT_ENCODING = Name.of("content-encoding");
  private static final Name NAME_TRANSFER_ENCODING = Name.of("transfer-encoding");

  /** A lower-case name as two or three words, compared with bit 0x20 set: letters of either case are equal. */
  private record Name(int length, long head, long middle, long tail) {
    private static final long FOLD = 0x2020_2020_2020_2020L;

    static Name of(String lowerCase) {
      byte[] bytes = ascii(lowerCase);
      int length = bytes.length;
      if (length < 8) return new Name(length, (int) LE32.get(bytes, 0), 0, (int) LE32.get(bytes, length - 4));
      return new Name(length, (long) LE64.get(bytes, 0), (long) LE64.get(bytes, (length - 8) / 2), (long) LE64.get(bytes, length - 8));
    }

    /** Whether it lies at {@code at}, where as many bytes are as it is long. */
    boolean is(byte[] array, int at) {
      if (length < 8) {
        return ((int) LE32.get(array, at) | (int) FOLD) == head && ((int) LE32.get(array, at + length - 4) | (int) FOLD) == tail;
      }
      return ((long) LE64.get(array, at) | FOLD) == head
          && ((long) LE64.get(array, at + length - 8) | FOLD) == tail
          && (length <= 16 || ((long) LE64.get(array, at + (length - 8) / 2) | FOLD) == middle);
    }
  }

  /** In {@link #nameEnd}: the name has characters that none may have. */
  static final int BAD_NAME = 1 << 31;

  /** Index of the colon that ends the name at {@code from}, {@code to} if there is none, with {@link #BAD_NAME} added. Eight bytes at a time. */
  static int nameEnd(byte[] array, int from, int to) {
    int i = from;
    for (; i + 8 <= to; i += 8) {
      long word = (long) LE64.get(array, i);
      long x = word ^ COLONS;
      long colon = (x - ONES) & ~x & HIGH_BITS;
      // Controls, blanks and what is not ASCII; bytes above the first hit may be hit wrongly, which changes nothing.
      long bad = (((word - PRINTABLE) & ~word) | word) & HIGH_BITS;
      if (colon == 0) {
        if (bad != 0) return badNameEnd(array, i, to);
        continue;
      }
      int end = i + (Long.numberOfTrailingZeros(colon) >>> 3);
      return (bad & (Long.lowestOneBit(colon) - 1)) == 0 ? end : end | BAD_NAME;
    }
    for (; i < to; i++) {
      if (array[i] == ':') return i;
      if (array[i] <= ' ') return badNameEnd(array, i, to);
    }
    return to;
  }

  private static int badNameEnd(byte[] array, int from, int to) {
    int colon = indexOf(array, ':', from, to);
    return (colon < 0 ? to : colon) | BAD_NAME;
  }

  /** Whether these bytes are this lower-case word, in any case of letters. */
  static boolean is(byte[] array, int from, byte[] lowerCase) {
    for (int i = 0; i < lowerCase.length; i++) {
      int c = array[from + i];
      if (c >= 'A' && c <= 'Z') c |= 0x20;
      if (c != lowerCase[i]) return false;
    }
    return true;
  }

  static boolean equal(byte[] array, int from, byte[] word) {
    return Arrays.equals(array, from, from + word.length, word, 0, word.length);
  }

  /** Skips spaces and tabs forward. */
  static int skipBlanks(byte[] array, int from, int to) {
    while (from < to && (array[from] == ' ' || array[from] == '\t')) from++;
    return from;
  }

  /** Skips spaces, tabs, CR and LF backward: the end of the value before them. */
  static int trimEnd(byte[] array, int from, int to) {
    while (to > from && array[to - 1] <= ' ' && isBlank(array[to - 1])) to--;
    return to;
  }

  static boolean isBlank(byte b) {
    return b == ' ' || b == '\t' || b == '\r' || b == '\n';
  }

  static int hexDigit(byte b) {
    if (b >= '0' && b <= '9') return b - '0';
    int c = b | 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  }

  static int indexOf(byte[] array, char wanted, int from, int to) {
    return ByteCursor.indexOf(array, (byte) wanted, from, to);
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static long word(String ascii) {
    long word = 0;
    for (int i = 0; i < ascii.length(); i++) word |= (long) ascii.charAt(i) << (8 * i);
    return word;
  }

  private static byte[][] words(String... texts) {
    return Arrays.stream(texts).map(HttpSyntax::ascii).toArray(byte[][]::new);
  }
}
