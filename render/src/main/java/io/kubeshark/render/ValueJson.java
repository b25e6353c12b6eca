package io.kubeshark.render;

import io.kubeshark.core.EntryView;
import io.kubeshark.core.FieldType;
import io.kubeshark.core.FieldWriter;
import java.util.Arrays;

/** One field's value in the entry JSON. */
final class ValueJson {
  /** Up to so many names are compared each with each, without allocation. */
  private static final int QUADRATIC_NAMES_MAX = 64;
  /** A body decompressed for JSON; a bomb ends here and is marked truncated. */
  static final int DECODED_BODY_BYTES_MAX = 16 << 20;

  private static final byte[] MIME_TYPE = JsonWriter.encodeKey("mimeType");
  private static final byte[] TEXT = JsonWriter.encodeKey("text");
  private static final byte[] LENGTH = JsonWriter.encodeKey("length");
  private static final byte[] WIRE_LENGTH = JsonWriter.encodeKey("wireLength");
  private static final byte[] CONTENT_ENCODING = JsonWriter.encodeKey("contentEncoding");
  private static final byte[] TRUNCATED = JsonWriter.encodeKey("truncated");
  private static final byte[] ENCODING = JsonWriter.encodeKey("encoding");
  private static final byte[] NOTE = JsonWriter.encodeKey("note");

  private final boolean decodeBodies;
  private final BodyBytes body = new BodyBytes();

  ValueJson(boolean decodeBodies) {
    this.decodeBodies = decodeBodies;
  }

  void write(EntryView entry, int field, FieldType type, ProtocolView protocol, JsonWriter out) {
    switch (type) {
      case INT -> out.number(entry.intValue(field));
      case BOOL -> out.bool(entry.boolValue(field));
      case STRING -> out.string(entry.array(), entry.valueAt(field), entry.valueLength(field));
      case LIST -> list(entry, field, out);
      case MAP -> map(entry, field, out);
      case TABLE -> table(entry, field, protocol, out);
      case BODY -> body(entry, field, out);
    }
  }

  private static void list(EntryView entry, int field, JsonWriter out) {
    out.beginArray();
    int item = entry.firstItem(field);
    for (int i = entry.count(field); i > 0; i--, item = entry.nextItem(item)) item(entry, item, out);
    out.endArray();
  }

  private static void item(EntryView entry, int item, JsonWriter out) {
    out.string(entry.array(), entry.itemAt(item), entry.itemLength(item));
  }

  private static void table(EntryView entry, int field, ProtocolView protocol, JsonWriter out) {
    int columns = entry.columns(field);
    int item = entry.firstItem(field);
    out.beginArray();
    for (int row = entry.count(field); row > 0; row--) {
      out.beginObject();
      for (int column = 0; column < columns; column++, item = entry.nextItem(item)) {
        out.key(protocol.columnKey(entry.fieldId(field), column));
        item(entry, item, out);
      }
      out.endObject();
    }
    out.endArray();
  }

  /** An object in the order of first appearance; a name that comes again makes its value an array of all of them. */
  private static void map(EntryView entry, int field, JsonWriter out) {
    int count = entry.count(field);
    out.beginObject();
    if (!mayRepeat(entry, field, count)) {
      int item = entry.firstItem(field);
      if (out.plainPairs(entry.array(), item, entry.next(field) - item)) count = 0;
      for (int i = 0; i < count; i++) {
        out.key(entry.array(), entry.itemAt(item), entry.itemLength(item));
        item = entry.nextItem(item);
        item(entry, item, out);
        item = entry.nextItem(item);
      }
    } else if (count <= QUADRATIC_NAMES_MAX) {
      repeatingMap(entry, field, count, out);
    } else {
      new LargeMap(entry, field, count).write(out);
    }
    out.endObject();
  }

  /** False only if no name repeats: a 64-bit sketch of lengths and of first and last letters. */
  private static boolean mayRepeat(EntryView entry, int field, int count) {
    if (count > QUADRATIC_NAMES_MAX) return true;
    long seen = 0;
    byte[] array = entry.array();
    int item = entry.firstItem(field);
    for (int i = 0; i < count; i++) {
      int at = entry.itemAt(item);
      int length = entry.itemLength(item);
      int hash = length == 0 ? 0 : length * 31 + array[at] * 7 + array[at + length - 1] * 13 + array[at + length / 2];
      long bit = 1L << (hash & 63);
      if ((seen & bit) != 0) return true;
      seen |= bit;
      item = entry.nextItem(entry.nextItem(item));
    }
    return false;
  }

  private static void repeatingMap(EntryView entry, int field, int count, JsonWriter out) {
    int first = entry.firstItem(field);
    int name = first;
    for (int i = 0; i < count; i++, name = entry.nextItem(entry.nextItem(name))) {
      if (sameName(entry, name, first, i) >= 0) continue;
      out.key(entry.array(), entry.itemAt(name), entry.itemLength(name));
      int value = entry.nextItem(name);
      int again = sameName(entry, name, entry.nextItem(value), count - i - 1);
      if (again < 0) {
        item(entry, value, out);
        continue;
      }
      out.beginArray();
      item(entry, value, out);
      int other = entry.nextItem(value);
      for (int j = i + 1; j < count; j++, other = entry.nextItem(entry.nextItem(other))) {
        if (same(entry, name, other)) item(entry, entry.nextItem(other), out);
      }
      out.endArray();
    }
  }

  /** First of {@code count} pairs from {@code from} on whose name is that of {@code name}, or -1. */
  private static int sameName(EntryView entry, int name, int from, int count) {
    int other = from;
    for (int i = 0; i < count; i++, other = entry.nextItem(entry.nextItem(other))) if (same(entry, name, other)) return other;
    return -1;
  }

  static boolean same(EntryView entry, int a, int b) {
    int length = entry.itemLength(a);
    int atA = entry.itemAt(a);
    int atB = entry.itemAt(b);
    return length == entry.itemLength(b) && Arrays.equals(entry.array(), atA, atA + length, entry.array(), atB, atB + length);
  }

  private void body(EntryView entry, int field, JsonWriter out) {
    if (entry.bodyLength(field) == 0 && entry.bodyFlags(field) == FieldWriter.BODY_TRUNCATED) { // --body-bytes 0, or no memory for bodies
      out.beginObject().key(WIRE_LENGTH).number(entry.bodyWireLength(field)).key(TRUNCATED).bool(true).endObject();
      return;
    }
    body.read(entry, field, decodeBodies, DECODED_BODY_BYTES_MAX);
    out.beginObject();
    out.key(MIME_TYPE).string(body.array, body.mediaAt, body.mediaLength);
    out.key(ENCODING).raw(body.text ? BodyBytes.UTF8 : BodyBytes.BASE64);
    out.key(TEXT);
    body.write(out);
    out.key(LENGTH).number(body.length);
    out.key(WIRE_LENGTH).number(body.wireLength);
    if (body.encodingLength > 0) out.key(CONTENT_ENCODING).string(body.array, body.encodingAt, body.encodingLength);
    out.key(TRUNCATED).bool(body.truncated);
    if (body.note != null) out.key(NOTE).string(body.note);
    out.endObject();
    body.clear();
  }
}
