package io.kubeshark.render;

import io.kubeshark.codec.FormData;
import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntryView;
import io.kubeshark.core.FieldSpec;
import io.kubeshark.core.FieldType;
import io.kubeshark.core.NamePart;
import io.kubeshark.core.Schema;

/**
 * The detail pane's content ({@code Section} of docs/api.md), made from what the protocol says about its fields: scalars become one table,
 * each MAP, LIST and TABLE a table of its own, each BODY a body. Every row carries the KFL clause that matches it, where there is one.
 * One per thread.
 */
public final class Sections {
  /** A body decompressed for a browser. */
  static final int BODY_BYTES_MAX = 4 << 20;
  /** Rows of one table; more are counted in its last row. */
  static final int ROWS_MAX = 2000;
  private static final String DETAILS = "Details";

  private final ProtocolView[] protocols;
  private final BodyBytes body = new BodyBytes();

  public Sections(Schema schema) {
    protocols = ProtocolView.of(schema);
  }

  /**
   * {@code {"request":[Section…],"response":[Section…]}}; a side that was not seen is an empty list. Where names are known also
   * {@code "endpoints":[Section…]}, client and server.
   */
  public void representation(EntryView entry, JsonWriter out) {
    out.beginObject();
    out.key("request");
    side(entry, Direction.CLIENT, out);
    out.key("response");
    side(entry, Direction.SERVER, out);
    if (entry.namesLength() > 0) endpoints(entry, out);
    out.endObject();
  }

  private static void endpoints(EntryView entry, JsonWriter out) {
    out.key("endpoints").beginArray();
    for (Direction side : Direction.values()) if (entry.name(side, NamePart.NAME) >= 0) EndNames.section(entry, side, out);
    out.endArray();
  }

  /** The sections of one side. */
  public void side(EntryView entry, Direction side, JsonWriter out) {
    out.beginArray();
    if (!entry.has(side == Direction.CLIENT ? EntryLayout.FLAG_NO_REQUEST : EntryLayout.FLAG_NO_RESPONSE)) {
      sections(entry, ProtocolView.find(protocols, entry), side, out);
    }
    out.endArray();
  }

  private void sections(EntryView entry, ProtocolView protocol, Direction side, JsonWriter out) {
    scalars(entry, protocol, side, out);
    int end = entry.end(side);
    for (int field = entry.first(side); field < end; field = entry.next(field)) {
      FieldType type = entry.fieldType(field);
      if (type == null || isScalar(type)) continue;
      FieldSpec spec = protocol.info.field(entry.fieldId(field));
      String title = spec == null ? "Field " + entry.fieldId(field) : spec.title();
      switch (type) {
        case MAP -> map(entry, field, spec, title, out);
        case LIST -> list(entry, field, spec, title, out);
        case TABLE -> table(entry, field, spec, title, out);
        case BODY -> body(entry, field, spec, title, out);
        case INT, STRING, BOOL -> {}
      }
    }
  }

  private static boolean isScalar(FieldType type) {
    return switch (type) {
      case INT, STRING, BOOL -> true;
      case MAP, LIST, TABLE, BODY -> false;
    };
  }

  private static void scalars(EntryView entry, ProtocolView protocol, Direction side, JsonWriter out) {
    boolean begun = false;
    int end = entry.end(side);
    for (int field = entry.first(side); field < end; field = entry.next(field)) {
      FieldType type = entry.fieldType(field);
      if (type == null || !isScalar(type)) continue;
      if (!begun) beginTable(DETAILS, out);
      begun = true;
      FieldSpec spec = protocol.info.field(entry.fieldId(field));
      out.beginObject();
      out.key("name").string(spec == null ? "Field " + entry.fieldId(field) : spec.title());
      out.key("value");
      if (type == FieldType.STRING) out.string(entry.array(), entry.valueAt(field), entry.valueLength(field));
      else out.string(FieldText.of(entry, field));
      endRow(Selector.scalar(entry, field, spec), out);
    }
    if (begun) endTable(out);
  }

  private static void map(EntryView entry, int field, FieldSpec spec, String title, JsonWriter out) {
    int count = entry.count(field);
    if (count == 0) return;
    beginTable(title, out);
    int name = entry.firstItem(field);
    for (int i = 0; i < Math.min(count, ROWS_MAX); i++) {
      int value = entry.nextItem(name);
      out.beginObject().key("name").string(entry.array(), entry.itemAt(name), entry.itemLength(name));
      out.key("value").string(entry.array(), entry.itemAt(value), entry.itemLength(value));
      endRow(Selector.pair(entry, field, name, spec), out);
      name = entry.nextItem(value);
    }
    more(count, out);
    endTable(out);
  }

  private static void list(EntryView entry, int field, FieldSpec spec, String title, JsonWriter out) {
    int count = entry.count(field);
    if (count == 0) return;
    beginTable(title, out);
    int item = entry.firstItem(field);
    for (int i = 0; i < Math.min(count, ROWS_MAX); i++, item = entry.nextItem(item)) {
      out.beginObject().key("name").string(Integer.toString(i + 1));
      out.key("value").string(entry.array(), entry.itemAt(item), entry.itemLength(item));
      endRow(Selector.item(entry, item, spec), out);
    }
    more(count, out);
    endTable(out);
  }

  /** The first column names the row, the others are its value: {@code example.org | type A, ttl 300, data 192.0.2.1}. */
  private static void table(EntryView entry, int field, FieldSpec spec, String title, JsonWriter out) {
    int count = entry.count(field);
    int columns = entry.columns(field);
    if (count == 0 || columns == 0) return;
    beginTable(title, out);
    int item = entry.firstItem(field);
    for (int row = 0; row < Math.min(count, ROWS_MAX); row++) {
      out.beginObject().key("name").string(entry.array(), entry.itemAt(item), entry.itemLength(item));
      item = entry.nextItem(item);
      StringBuilder value = new StringBuilder();
      for (int column = 1; column < columns; column++, item = entry.nextItem(item)) {
        if (entry.itemLength(item) == 0) continue;
        if (!value.isEmpty()) value.append(", ");
        if (spec != null && column < spec.columns().size()) value.append(spec.columns().get(column)).append(' ');
        value.append(entry.itemText(item));
      }
      out.key("value").string(value.toString());
      endRow(null, out);
    }
    more(count, out);
    endTable(out);
  }

  private void body(EntryView entry, int field, FieldSpec spec, String title, JsonWriter out) {
    body.read(entry, field, true, BODY_BYTES_MAX);
    if (body.wireLength > 0 || body.length > 0) {
      String mediaType = entry.bodyMediaType(field);
      if (FormData.isForm(mediaType)) form(mediaType, title, out);
      out.beginObject().key("title").string(title).key("type").string("body");
      out.key("mimeType").string(body.array, body.mediaAt, body.mediaLength);
      out.key("encoding").raw(body.text ? BodyBytes.UTF8 : BodyBytes.BASE64);
      out.key("body");
      body.write(out);
      out.key("length").number(body.length);
      out.key("wireLength").number(body.wireLength);
      out.key("contentEncoding").string(body.array, body.encodingAt, body.encodingLength);
      out.key("truncated").bool(body.truncated);
      out.key("note").string(body.note);
      out.key("selector").string(spec == null ? null : spec.variable());
      out.endObject();
    }
    body.clear();
  }

  private void form(String mediaType, String title, JsonWriter out) {
    FormData form = FormData.parse(body.bytes, body.at, body.length, mediaType);
    if (form.pairs().isEmpty()) return;
    beginTable(title + " as form", out);
    for (FormData.Pair pair : form.pairs()) {
      out.beginObject().key("name").string(pair.name());
      out.key("value").string(pair.filename() == null ? pair.value() : "file " + pair.filename() + ", " + pair.length() + " bytes");
      endRow(null, out);
    }
    endTable(out);
  }

  private static void beginTable(String title, JsonWriter out) {
    out.beginObject().key("title").string(title).key("type").string("table").key("rows").beginArray();
  }

  private static void endTable(JsonWriter out) {
    out.endArray().endObject();
  }

  private static void endRow(String selector, JsonWriter out) {
    out.key("selector").string(selector).endObject();
  }

  private static void more(int count, JsonWriter out) {
    if (count <= ROWS_MAX) return;
    out.beginObject().key("name").string("…").key("value").string(count - ROWS_MAX + " more are in the entry's JSON");
    endRow(null, out);
  }
}
