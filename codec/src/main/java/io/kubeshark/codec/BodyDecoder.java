package io.kubeshark.codec;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.brotli.dec.BrotliInputStream;

/**
 * Undoes content encodings (RFC 9110 section 8.4): gzip, deflate (zlib and, as many servers send it, raw), br, zstd, and lists of these.
 *
 * <p>Kept bodies are cut short, so that a stream without its end is the usual case: what can be decoded is given, and a note says why it
 * ends. Output never passes the caller's limit, whatever the bytes say.
 */
public final class BodyDecoder {
  private BodyDecoder() {}

  /** Encodings in one header that are undone; a longer list is a bomb, not a body. */
  static final int ENCODINGS_MAX = 4;
  private static final int CHUNK_BYTES = 8 << 10;
  /** Room for the output of an encoding that another one is applied to, if the caller's limit is smaller. */
  private static final int STEP_BYTES_MIN = 1 << 20;

  /**
   * @param bytes what could be decoded; the input itself (a copy) where nothing had to be or could be undone
   * @param truncated whether bytes are missing at the end
   * @param note why, in a sentence for people; null when the body is whole
   */
  public record Decoded(byte[] bytes, boolean truncated, String note) {}

  /**
   * @param contentEncoding the header's value, several in the order in which they were applied; empty or null: none
   * @param decodedBytesMax upper bound of the answer's bytes
   */
  public static Decoded decode(byte[] kept, int offset, int length, String contentEncoding, int decodedBytesMax) {
    int bytesMax = Math.max(0, decodedBytesMax);
    String[] encodings = contentEncoding == null || contentEncoding.isBlank() ? new String[0] : contentEncoding.split(",", ENCODINGS_MAX + 2);
    if (encodings.length > ENCODINGS_MAX) {
      return plain(kept, offset, length, bytesMax, "more than " + ENCODINGS_MAX + " content encodings; the bytes are shown as they came");
    }
    String note = null;
    boolean truncated = false;
    byte[] array = kept;
    for (int i = encodings.length - 1; i >= 0; i--) {
      String encoding = encodings[i].strip().toLowerCase(Locale.ROOT);
      if (encoding.isEmpty() || encoding.equals("identity") || length == 0) continue;
      Output output = new Output(i == 0 ? bytesMax : Math.max(bytesMax, STEP_BYTES_MIN));
      String ends = switch (encoding) {
        case "gzip", "x-gzip" -> gzip(array, offset, length, output);
        case "deflate" -> deflate(array, offset, length, output);
        case "br" -> brotli(array, offset, length, output);
        case "zstd" -> Zstd.decode(array, offset, length, output);
        default -> "unknown content encoding '" + printable(encoding) + "'";
      };
      if (ends != null && output.length == 0 && !output.full) {
        return plain(array, offset, length, bytesMax, join(note, ends + "; the bytes are shown as they came"));
      }
      if (output.full) ends = "only the first " + output.bytesMax + " decoded bytes are shown";
      truncated |= ends != null;
      note = join(note, ends);
      array = output.bytes();
      offset = 0;
      length = array.length;
    }
    if (array == kept || length > bytesMax) return plain(array, offset, length, bytesMax, note);
    return new Decoded(array, truncated, note);
  }

  private static Decoded plain(byte[] array, int offset, int length, int bytesMax, String note) {
    boolean cut = length > bytesMax;
    String limit = cut ? "only the first " + bytesMax + " bytes are shown" : null;
    return new Decoded(Arrays.copyOfRange(array, offset, offset + Math.min(length, bytesMax)), cut, join(note, limit));
  }

  private static String join(String first, String second) {
    return first == null ? second : second == null ? first : first + "; " + second;
  }

  private static String printable(String encoding) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < Math.min(encoding.length(), 32); i++) text.append(encoding.charAt(i) >= ' ' && encoding.charAt(i) < 127 ? encoding.charAt(i)
        : '?');
    return text.toString();
  }

  /** Members one after the other (RFC 1952 section 2.2). @return why it ends early, or null */
  private static String gzip(byte[] array, int offset, int length, Output output) {
    int end = offset + length;
    int at = offset;
    while (at < end) {
      int data = gzipHeader(array, at, end);
      if (data == NOT_GZIP) return at == offset ? "not gzip data" : (end - at) + " bytes after the end of the gzip data are not shown";
      if (data < 0) return "the gzip data ends in its header";
      int before = output.length;
      Inflater inflater = new Inflater(true);
      try {
        String ends = inflate(inflater, array, data, end - data, output, "gzip");
        if (ends != null || output.full) return ends;
        at = data + (int) inflater.getBytesRead();
      } finally {
        inflater.end();
      }
      if (end - at < 8) return "the gzip data ends in its trailer";
      CRC32 crc = new CRC32();
      crc.update(output.array, before, output.length - before);
      if ((int) crc.getValue() != littleEndian(array, at)) return "the gzip checksum is wrong";
      at += 8;
    }
    return null;
  }

  private static final int NOT_GZIP = -2;

  /** @return where the deflate data begins, -1: cut inside the header, {@link #NOT_GZIP} */
  private static int gzipHeader(byte[] array, int at, int end) {
    if (array[at] != 0x1f || at + 1 < end && array[at + 1] != (byte) 0x8b || at + 2 < end && array[at + 2] != 8) return NOT_GZIP;
    if (end - at < 10) return -1;
    int flags = array[at + 3];
    int p = at + 10;
    if ((flags & 4) != 0) {
      if (end - p < 2) return -1;
      p += 2 + (array[p] & 0xff | (array[p + 1] & 0xff) << 8);
    }
    for (int text = (flags >> 3 & 1) + (flags >> 4 & 1); text > 0; text--) { // name, comment
      while (p < end && array[p] != 0) p++;
      p++;
    }
    if ((flags & 2) != 0) p += 2;
    return p <= end ? p : -1;
  }

  private static int littleEndian(byte[] array, int at) {
    return array[at] & 0xff | (array[at + 1] & 0xff) << 8 | (array[at + 2] & 0xff) << 16 | array[at + 3] << 24;
  }

  /** "deflate" means zlib (RFC 1950); some servers leave its two header bytes out. */
  private static String deflate(byte[] array, int offset, int length, Output output) {
    boolean zlib = length >= 2 && (array[offset] & 0x0f) == 8 && ((array[offset] & 0xff) << 8 | array[offset + 1] & 0xff) % 31 == 0;
    String ends = deflate(array, offset, length, output, !zlib);
    if (zlib && ends != null && output.length == 0) {
      String raw = deflate(array, offset, length, output, true);
      if (output.length > 0) return raw;
    }
    return ends;
  }

  private static String deflate(byte[] array, int offset, int length, Output output, boolean raw) {
    Inflater inflater = new Inflater(raw);
    try {
      return inflate(inflater, array, offset, length, output, "deflate");
    } finally {
      inflater.end();
    }
  }

  private static String inflate(Inflater inflater, byte[] array, int offset, int length, Output output, String name) {
    inflater.setInput(array, offset, length);
    try {
      while (!inflater.finished()) {
        int room = output.reserve(CHUNK_BYTES);
        if (room == 0) {
          output.full = inflater.inflate(new byte[1]) > 0; // full only if there is more
          return output.full || inflater.finished() ? null : cut(name, length);
        }
        int count = inflater.inflate(output.array, output.length, room);
        output.length += count;
        output.full = false;
        if (inflater.needsDictionary()) return "the " + name + " data needs a dictionary";
        if (count == 0 && inflater.needsInput()) return cut(name, length);
      }
      return null;
    } catch (DataFormatException e) {
      return "the " + name + " data is damaged after " + output.length + " decoded bytes";
    }
  }

  static String cut(String name, int length) {
    return "the kept " + length + " bytes of " + name + " data end before their end";
  }

  private static String brotli(byte[] array, int offset, int length, Output output) {
    byte[] chunk = new byte[CHUNK_BYTES];
    try (BrotliInputStream in = new BrotliInputStream(new ByteArrayInputStream(array, offset, length), CHUNK_BYTES)) {
      while (!output.full) {
        int count = in.read(chunk, 0, chunk.length);
        if (count < 0) return null;
        output.write(chunk, 0, count);
      }
      return null;
    } catch (IOException | RuntimeException e) {
      return "the br data is damaged, or its kept " + length + " bytes end before their end";
    }
  }
}
