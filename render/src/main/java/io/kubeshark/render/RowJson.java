package io.kubeshark.render;

import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntryView;
import io.kubeshark.core.FieldSpec;
import io.kubeshark.core.FieldType;
import io.kubeshark.core.Schema;
import java.util.ArrayList;
import java.util.List;

/** An entry as the feed shows it: {@code Row} of docs/api.md. Nothing is allocated per row. Stateless, so usable from any thread. */
public final class RowJson {
  /** A summary's bytes; the rest is in the entry. */
  static final int SUMMARY_BYTES_MAX = 512;

  private static final byte[] ID = JsonWriter.encodeKey("id");
  private static final byte[] SEQ = JsonWriter.encodeKey("seq");
  private static final byte[] CONN = JsonWriter.encodeKey("conn");
  private static final byte[] PROTOCOL = JsonWriter.encodeKey("protocol");
  private static final byte[] KIND = JsonWriter.encodeKey("kind");
  private static final byte[] METHOD = JsonWriter.encodeKey("method");
  private static final byte[] STATUS = JsonWriter.encodeKey("status");
  private static final byte[] STATUS_CLASS = JsonWriter.encodeKey("statusClass");
  private static final byte[] SUMMARY = JsonWriter.encodeKey("summary");
  private static final byte[] TIMESTAMP = JsonWriter.encodeKey("timestamp");
  private static final byte[] START_TIME = JsonWriter.encodeKey("startTime");
  private static final byte[] ELAPSED_US = JsonWriter.encodeKey("elapsedUs");
  private static final byte[] SRC = JsonWriter.encodeKey("src");
  private static final byte[] DST = JsonWriter.encodeKey("dst");
  private static final byte[] REQUEST_SIZE = JsonWriter.encodeKey("requestSize");
  private static final byte[] RESPONSE_SIZE = JsonWriter.encodeKey("responseSize");
  private static final byte[] NODE = JsonWriter.encodeKey("node");
  private static final byte[] TLS = JsonWriter.encodeKey("tls");
  private static final byte[] FLAGS = JsonWriter.encodeKey("flags");
  private static final byte[][] KINDS = EntryJson.texts(EntryLayout.Kind.values().length, i -> EntryLayout.Kind.values()[i].text());
  private static final byte[][] STATUS_CLASSES =
      EntryJson.texts(EntryLayout.StatusClass.values().length, i -> EntryLayout.StatusClass.values()[i].text());
  private static final int[] FLAG_BITS = {
    EntryLayout.FLAG_NO_REQUEST, EntryLayout.FLAG_NO_RESPONSE, EntryLayout.FLAG_AFTER_GAP, EntryLayout.FLAG_TRUNCATED, EntryLayout.FLAG_INCOMPLETE,
    EntryLayout.FLAG_UNFINISHED
  };
  private static final String[] FLAG_NAMES = {"noRequest", "noResponse", "afterGap", "truncated", "incomplete", "unfinished"};
  private static final byte[][] FLAG_TEXTS = EntryJson.texts(FLAG_NAMES.length, i -> FLAG_NAMES[i]);
  private static final byte[] COMMA = {',', ' '};

  private final ProtocolView[] protocols;
  private final byte[] workerPrefix;
  private final byte[] node;

  public RowJson(Schema schema, Names names) {
    protocols = ProtocolView.of(schema);
    workerPrefix = EntryJson.workerPrefix(names);
    node = new JsonWriter(64).string(names.node()).toByteArray();
  }

  public void write(EntryView entry, JsonWriter out) {
    ProtocolView protocol = ProtocolView.find(protocols, entry);
    byte[] array = entry.array();
    int offset = entry.offset();
    out.beginObject();
    out.key(ID);
    connection(entry, out);
    out.append('-');
    out.digits(entry.index());
    out.endText();
    out.key(SEQ).number(entry.sequence());
    out.key(CONN);
    connection(entry, out);
    out.endText();
    out.key(PROTOCOL).raw(protocol.idText);
    out.key(KIND).raw(KINDS[array[offset + EntryLayout.KIND]]);
    out.key(METHOD);
    text(entry, protocol.info.row().method(), out);
    out.key(STATUS);
    text(entry, protocol.info.row().status(), out);
    out.key(STATUS_CLASS).raw(STATUS_CLASSES[array[offset + EntryLayout.STATUS_CLASS]]);
    out.key(SUMMARY);
    text(entry, protocol.info.row().summary(), out);
    out.key(TIMESTAMP).thousandths(entry.startNs() / 1000);
    out.key(START_TIME).numberText(entry.startNs());
    out.key(ELAPSED_US);
    if (entry.elapsedNs() < 0) out.nullValue();
    else out.number(entry.elapsedNs() / 1000);
    out.key(SRC);
    EntryJson.endpoint(entry, Direction.CLIENT, out);
    out.key(DST);
    EntryJson.endpoint(entry, Direction.SERVER, out);
    out.key(REQUEST_SIZE).number(entry.requestSize());
    out.key(RESPONSE_SIZE).number(entry.responseSize());
    out.key(NODE).raw(node);
    int flags = entry.flags();
    out.key(TLS).bool((flags & EntryLayout.FLAG_TLS) != 0);
    out.key(FLAGS).beginArray();
    for (int i = 0; i < FLAG_BITS.length; i++) if ((flags & FLAG_BITS[i]) != 0) out.raw(FLAG_TEXTS[i]);
    out.endArray();
    out.endObject();
  }

  /** The flags of docs/api.md that hold. */
  static List<String> flagNames(int flags) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < FLAG_BITS.length; i++) if ((flags & FLAG_BITS[i]) != 0) names.add(FLAG_NAMES[i]);
    return names;
  }

  private void connection(EntryView entry, JsonWriter out) {
    out.beginText();
    out.append(workerPrefix);
    out.digits(entry.stream());
  }

  /** The row's text of a field, "" where the entry does not have it. */
  private static void text(EntryView entry, FieldSpec spec, JsonWriter out) {
    out.beginText();
    int field = spec == null ? -1 : entry.find(spec);
    if (field >= 0) text(entry, field, out);
    out.endText();
  }

  private static void text(EntryView entry, int field, JsonWriter out) {
    FieldType type = entry.fieldType(field);
    if (type == null) return;
    switch (type) {
      case INT -> out.digits(entry.intValue(field));
      case BOOL -> out.append(Boolean.toString(entry.boolValue(field)).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      case STRING -> out.text(entry.array(), entry.valueAt(field), Math.min(entry.valueLength(field), SUMMARY_BYTES_MAX));
      case LIST, MAP, TABLE -> items(entry, field, out);
      case BODY -> {}
    }
  }

  private static void items(EntryView entry, int field, JsonWriter out) {
    int item = entry.firstItem(field);
    int room = SUMMARY_BYTES_MAX;
    for (int i = 0; i < entry.count(field) && room > 0; i++, item = entry.nextItem(item)) {
      if (i > 0) out.append(COMMA);
      int shown = Math.min(room, entry.itemLength(item));
      out.text(entry.array(), entry.itemAt(item), shown);
      room -= shown + COMMA.length;
    }
  }
}
