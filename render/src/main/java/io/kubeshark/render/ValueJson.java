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

  /** Maps of a message that are remembered, by the last bits of their field's id; a power of two. */
  private static final int MEMOS = 8;

  private final boolean decodeBodies;
  private final PairsMemo[] memos = new PairsMemo[MEMOS];
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
  private void map(EntryView entry, int field, JsonWriter out) {
    int count = entry.count(field);
    out.beginObject();
    if (count > QUADRATIC_NAMES_MAX) new LargeMap(entry, field, count).write(out);
    else if (!distinctNames(entry, field, count, out)) repeatingMap(entry, field, count, out);
    out.endObject();
  }

  /** @return false if a name may repeat: then nothing is written */
  private boolean distinctNames(EntryView entry, int field, int count, JsonWriter out) {
    byte[] array = entry.array();
    int first = entry.firstItem(field);
    int end = entry.next(field);
    PairsMemo memo = memo(entry.fieldId(field));
    int known = memo.matching(array, first, end - first);
    int rest = first + memo.bytes(known);
    if (mayRepeat(entry, rest, count - known, memo.names(known))) return false;
    int before = out.length();
    memo.write(known, out);
    if (known == count) return true;
    if (out.plainPairs(array, rest, end - rest)) {
      if (2 * known < count) memo.remember(array, first, end - first, count, out.array(), before);
      return true;
    }
    for (int item = rest; item < end; item = entry.nextItem(item)) {
      out.key(array, entry.itemAt(item), entry.itemLength(item));
      item = entry.nextItem(item);
      item(entry, item, out);
    }
    return true;
  }

  private PairsMemo memo(int fieldId) {
    int slot = fieldId & MEMOS - 1;
    if (memos[slot] == null) memos[slot] = new PairsMemo();
    return memos[slot];
  }

  /** False only if no name repeats. @param seen {@link #nameBit} of all names before */
  private static boolean mayRepeat(EntryView entry, int item, int count, long seen) {
    for (int i = 0; i < count; i++) {
      long bit = nameBit(entry.array(), entry.itemAt(item), entry.itemLength(item));
      if ((seen & bit) != 0) return true;
      seen |= bit;
      item = entry.nextItem(entry.nextItem(item));
    }
    return false;
  }

  /** One of 64, by length and some letters: equal names have equal bits. */
  static long nameBit(byte[] array, int at, int length) {
    int hash = length == 0 ? 0 : length * 31 + array[at] * 7 + array[at + length - 1] * 13 + array[at + length / 2];
    return 1L << (hash & 63);
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
