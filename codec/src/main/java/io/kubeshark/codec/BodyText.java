package io.kubeshark.codec;

import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;

/**
 * Whether a body's bytes are text, and in which charset: byte order mark, then the media type's charset, then UTF-8 if the bytes are
 * that, then ISO-8859-1 for what calls itself text. Bytes without a telling media type are text if they look like it.
 *
 * @param text false: show bytes
 * @param charset null where it is not text
 * @param markLength bytes of the byte order mark
 */
public record BodyText(boolean text, Charset charset, int markLength) {
  private static final BodyText BYTES = new BodyText(false, null, 0);
  /** How far content is looked at: enough to tell, bounded for large bodies. */
  private static final int LOOK_BYTES = 64 << 10;

  public static BodyText of(byte[] array, int offset, int length, String mediaType) {
    MediaType type = MediaType.parse(mediaType);
    if (type.isBinary()) return BYTES;
    if (starts(array, offset, length, 0xef, 0xbb, 0xbf)) return new BodyText(true, StandardCharsets.UTF_8, 3);
    if (starts(array, offset, length, 0xff, 0xfe)) return new BodyText(true, StandardCharsets.UTF_16LE, 2);
    if (starts(array, offset, length, 0xfe, 0xff)) return new BodyText(true, StandardCharsets.UTF_16BE, 2);
    Charset declared = charset(type.parameters().get("charset"));
    boolean saysText = type.isText();
    if (declared != null && declared != StandardCharsets.UTF_8 && saysText) return new BodyText(true, declared, 0);
    int look = Math.min(length, LOOK_BYTES);
    if (hasControls(array, offset, look)) return BYTES;
    if (isUtf8(array, offset, look)) return new BodyText(true, StandardCharsets.UTF_8, 0);
    return saysText ? new BodyText(true, StandardCharsets.ISO_8859_1, 0) : BYTES;
  }

  /** The text; call only where {@link #text} holds. Bytes that the charset does not know become U+FFFD. */
  public String decode(byte[] array, int offset, int length) {
    return new String(array, offset + markLength, length - markLength, charset);
  }

  private static boolean starts(byte[] array, int offset, int length, int... mark) {
    if (length < mark.length) return false;
    for (int i = 0; i < mark.length; i++) if ((array[offset + i] & 0xff) != mark[i]) return false;
    return true;
  }

  private static Charset charset(String name) {
    if (name == null || name.isEmpty()) return null;
    try {
      return Charset.forName(name);
    } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
      return null; // the sender's invention: judged by content
    }
  }

  private static boolean hasControls(byte[] array, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      int b = array[i];
      if (b >= 0 && b < ' ' && b != '\t' && b != '\n' && b != '\r' && b != '\f' && b != 0x1b && b != 0x1e) return true;
    }
    return false;
  }

  /** Whether the bytes are UTF-8 (RFC 3629); a character that the end cuts is none against it. */
  public static boolean isUtf8(byte[] array, int offset, int length) {
    int end = offset + length;
    for (int i = offset; i < end; ) {
      int b = array[i] & 0xff;
      if (b < 0x80) {
        i++;
        continue;
      }
      int more = b >= 0xc2 && b < 0xe0 ? 1 : b >= 0xe0 && b < 0xf0 ? 2 : b >= 0xf0 && b < 0xf5 ? 3 : -1;
      if (more < 0) return false;
      for (int k = 1; k <= more; k++) {
        if (i + k == end) return true;
        int c = array[i + k] & 0xff;
        int low = k > 1 ? 0x80 : b == 0xe0 ? 0xa0 : b == 0xf0 ? 0x90 : 0x80;
        int high = k > 1 ? 0xbf : b == 0xed ? 0x9f : b == 0xf4 ? 0x8f : 0xbf;
        if (c < low || c > high) return false;
      }
      i += more + 1;
    }
    return true;
  }
}
