package io.kubeshark.codec;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Forms taken apart: application/x-www-form-urlencoded (URL standard, section 5.1) and multipart/form-data (RFC 7578).
 *
 * @param truncated whether pairs are missing or cut: the body is, or a limit was reached
 */
public record FormData(List<Pair> pairs, boolean truncated) {
  public static final int PAIRS_MAX = 1000;
  /** Bytes of one name or value that are kept. */
  public static final int VALUE_BYTES_MAX = 64 << 10;
  private static final int PART_HEADER_BYTES_MAX = 8 << 10;
  private static final int BOUNDARY_MAX = 200; // RFC 2046 says 70

  /**
   * @param value "" for files and other bytes
   * @param filename null: an ordinary value
   * @param mediaType of the part, or null
   * @param length bytes of the value as sent
   */
  public record Pair(String name, String value, String filename, String mediaType, int length) {}

  public static boolean isForm(String mediaType) {
    String type = MediaType.parse(mediaType).type();
    return type.equals("application/x-www-form-urlencoded") || type.equals("multipart/form-data");
  }

  /** @return the pairs in their order; none where the media type is not a form's */
  public static FormData parse(byte[] array, int offset, int length, String mediaType) {
    MediaType type = MediaType.parse(mediaType);
    if (type.type().equals("application/x-www-form-urlencoded")) return urlEncoded(array, offset, length);
    String boundary = type.parameters().getOrDefault("boundary", "");
    if (!type.type().equals("multipart/form-data") || boundary.isEmpty() || boundary.length() > BOUNDARY_MAX) return new FormData(List.of(), false);
    return multipart(array, offset, length, ("--" + boundary).getBytes(StandardCharsets.ISO_8859_1));
  }

  private static FormData urlEncoded(byte[] array, int offset, int length) {
    List<Pair> pairs = new ArrayList<>();
    boolean truncated = false;
    int end = offset + length;
    for (int at = offset; at < end; ) {
      int next = indexOf(array, (byte) '&', at, end);
      if (next > at) {
        if (pairs.size() == PAIRS_MAX) return new FormData(pairs, true);
        int equals = indexOf(array, (byte) '=', at, next);
        int valueAt = Math.min(equals + 1, next);
        truncated |= next - valueAt > VALUE_BYTES_MAX || equals - at > VALUE_BYTES_MAX;
        pairs.add(new Pair(percentDecoded(array, at, equals), percentDecoded(array, valueAt, next), null, null, next - valueAt));
      }
      at = next + 1;
    }
    return new FormData(pairs, truncated);
  }

  private static String percentDecoded(byte[] array, int from, int to) {
    to = Math.min(to, from + VALUE_BYTES_MAX);
    byte[] out = new byte[to - from];
    int n = 0;
    for (int i = from; i < to; i++) {
      int high = array[i] == '%' && i + 2 < to ? Character.digit(array[i + 1], 16) : -1;
      int low = high >= 0 ? Character.digit(array[i + 2], 16) : -1;
      if (low >= 0) {
        out[n++] = (byte) (high << 4 | low);
        i += 2;
      } else {
        out[n++] = array[i] == '+' ? (byte) ' ' : array[i];
      }
    }
    return text(out, 0, n);
  }

  private static FormData multipart(byte[] array, int offset, int length, byte[] dashBoundary) {
    List<Pair> pairs = new ArrayList<>();
    boolean truncated = false;
    int end = offset + length;
    int at = boundary(array, offset, end, offset, dashBoundary);
    while (true) {
      if (at < 0) return new FormData(pairs, true);
      int p = at + dashBoundary.length;
      if (p + 1 < end && array[p] == '-' && array[p + 1] == '-') return new FormData(pairs, truncated);
      int headers = indexOf(array, (byte) '\n', p, end) + 1;
      int next = boundary(array, offset, end, p, dashBoundary);
      int partEnd = next < 0 ? end : next;
      if (pairs.size() == PAIRS_MAX || headers > partEnd) return new FormData(pairs, true);
      int body = part(array, headers, partEnd, next >= 0, pairs);
      truncated |= body < 0 || partEnd - body > VALUE_BYTES_MAX;
      at = next;
    }
  }

  /** Adds one part. @return where its value begins, -1 if its headers are cut */
  private static int part(byte[] array, int from, int to, boolean whole, List<Pair> pairs) {
    String name = "";
    String filename = null;
    String mediaType = null;
    int at = from;
    while (true) {
      int lineEnd = indexOf(array, (byte) '\n', at, to);
      if (lineEnd == to || lineEnd - from > PART_HEADER_BYTES_MAX) return -1;
      int length = lineEnd - at - (lineEnd > at && array[lineEnd - 1] == '\r' ? 1 : 0);
      if (length == 0) {
        at = lineEnd + 1;
        break;
      }
      String line = text(array, at, length);
      int colon = Math.max(0, line.indexOf(':'));
      String header = line.substring(0, colon).strip().toLowerCase(Locale.ROOT);
      if (header.equals("content-type")) mediaType = line.substring(colon + 1).strip();
      if (header.equals("content-disposition")) {
        var parameters = MediaType.parse(line.substring(colon + 1)).parameters();
        name = parameters.getOrDefault("name", "");
        filename = parameters.containsKey("filename*") ? extended(parameters.get("filename*")) : parameters.get("filename");
      }
      at = lineEnd + 1;
    }
    int end = to;
    if (whole && end > at && array[end - 1] == '\n') end--; // the line end before a boundary belongs to the boundary
    if (whole && end > at && array[end - 1] == '\r') end--;
    boolean shown = filename == null && BodyText.of(array, at, end - at, mediaType).text();
    pairs.add(new Pair(name, shown ? text(array, at, Math.min(end - at, VALUE_BYTES_MAX)) : "", filename, mediaType, end - at));
    return at;
  }

  /** RFC 8187: {@code UTF-8''na%C3%AFve.txt}. */
  private static String extended(String value) {
    int first = value.indexOf('\'');
    int second = first < 0 ? -1 : value.indexOf('\'', first + 1);
    if (second < 0) return value;
    byte[] bytes = value.substring(second + 1).replace("+", "%2B").getBytes(StandardCharsets.ISO_8859_1);
    return percentDecoded(bytes, 0, bytes.length);
  }

  /** A boundary stands at the beginning of a line. @return its first dash, or -1 */
  private static int boundary(byte[] array, int start, int end, int from, byte[] dashBoundary) {
    for (int i = from; i + dashBoundary.length <= end; i++) {
      if (array[i] != '-') {
        i = indexOf(array, (byte) '-', i, end) - 1;
        continue;
      }
      boolean lineStart = i == start || array[i - 1] == '\n';
      if (lineStart && java.util.Arrays.equals(array, i, i + dashBoundary.length, dashBoundary, 0, dashBoundary.length)) return i;
    }
    return -1;
  }

  private static int indexOf(byte[] array, byte wanted, int from, int to) {
    for (int i = from; i < to; i++) if (array[i] == wanted) return i;
    return to;
  }

  private static String text(byte[] array, int offset, int length) {
    Charset charset = BodyText.isUtf8(array, offset, length) ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
    return new String(array, offset, length, charset);
  }
}
