package io.kubeshark.render;

import io.kubeshark.codec.BodyDecoder;
import io.kubeshark.codec.BodyText;
import io.kubeshark.core.EntryView;
import io.kubeshark.core.FieldWriter;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** A BODY field taken apart, decompressed where asked. Reused; holds on to the record until {@link #clear}. */
final class BodyBytes {
  private static final VarHandle LE16 = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  static final byte[] UTF8 = {'"', 'u', 't', 'f', '8', '"'};
  static final byte[] BASE64 = {'"', 'b', 'a', 's', 'e', '6', '4', '"'};
  private static final int FIXED_LENGTH = 9;

  /** The record; media type and content encoding lie in it. */
  byte[] array;
  int mediaAt;
  int mediaLength;
  int encodingAt;
  int encodingLength;
  long wireLength;
  /** What is shown: a slice of the record or decoded bytes. */
  byte[] bytes;
  int at;
  int length;
  boolean truncated;
  /** Shown as text, otherwise in base64. */
  boolean text;
  String note;

  void read(EntryView entry, int field, boolean decode, int decodedBytesMax) {
    array = entry.array();
    int p = entry.valueAt(field) + FIXED_LENGTH;
    wireLength = entry.bodyWireLength(field);
    int flags = entry.bodyFlags(field);
    mediaLength = (short) LE16.get(array, p) & 0xffff;
    mediaAt = p + 2;
    p = mediaAt + mediaLength;
    encodingLength = (short) LE16.get(array, p) & 0xffff;
    encodingAt = p + 2;
    bytes = array;
    at = encodingAt + encodingLength;
    length = entry.next(field) - at;
    truncated = (flags & FieldWriter.BODY_TRUNCATED) != 0;
    note = (flags & FieldWriter.BODY_HOLE) != 0 ? "a part of this body was not captured; what follows it is not shown" : null;
    if (decode && encodingLength > 0 && length > 0) decode(entry.bodyContentEncoding(field), decodedBytesMax);
    text = Utf8.isText(bytes, at, length, truncated);
    if (!text && decode) decodeCharset(entry.bodyMediaType(field));
  }

  /** Text in another charset becomes UTF-8; what is not text stays bytes. */
  private void decodeCharset(String mediaType) {
    BodyText kind = BodyText.of(bytes, at, length, mediaType);
    if (!kind.text()) return;
    bytes = kind.decode(bytes, at, length).getBytes(StandardCharsets.UTF_8);
    at = 0;
    length = bytes.length;
    text = true;
  }


  private void decode(String contentEncoding, int decodedBytesMax) {
    BodyDecoder.Decoded decoded = BodyDecoder.decode(bytes, at, length, contentEncoding, decodedBytesMax);
    bytes = decoded.bytes();
    at = 0;
    length = bytes.length;
    truncated |= decoded.truncated();
    if (decoded.note() != null) note = note == null ? decoded.note() : note + "; " + decoded.note();
  }

  void write(JsonWriter out) {
    if (text) out.string(bytes, at, length);
    else out.base64(bytes, at, length);
  }

  void clear() {
    array = null;
    bytes = null;
    note = null;
  }
}
