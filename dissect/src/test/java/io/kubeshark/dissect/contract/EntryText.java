package io.kubeshark.dissect.contract;

import io.kubeshark.core.Anomaly;
import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntryView;
import io.kubeshark.core.FieldSpec;
import io.kubeshark.core.FieldWriter;
import io.kubeshark.core.ProtocolInfo;
import io.kubeshark.core.Schema;
import io.kubeshark.dissect.Protocols;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** An entry as JSON, for goldens: everything that dissect decides, nothing that the capture does (addresses, times as such). */
final class EntryText {
  /** Of longer bodies goldens show the beginning, and a hash of what is kept. */
  private static final int SHOWN_BODY_BYTES = 256;

  private static final Schema SCHEMA = Protocols.installed().schema();

  private EntryText() {}

  static String of(Entry entry) {
    EntryView view = entry.view();
    ProtocolInfo protocol = SCHEMA.protocol(view.protocol());
    List<String> members = new ArrayList<>();
    members.add("\"protocol\": " + quoted(view.protocol()));
    members.add("\"index\": " + view.index());
    if (view.elapsedNs() >= 0) members.add("\"elapsedUs\": " + view.elapsedNs() / 1000);
    members.add("\"requestSize\": " + view.requestSize());
    members.add("\"responseSize\": " + view.responseSize());
    if (view.lostBytes() > 0) members.add("\"lostBytes\": " + view.lostBytes());
    members.add("\"statusClass\": " + quoted(view.statusClass().text()));
    if (view.flags() != 0) members.add("\"flags\": " + flags(view));
    if (view.anomalies() != 0) members.add("\"anomalies\": " + anomalies(view));
    if (!entry.has(EntryLayout.FLAG_NO_REQUEST)) members.add("\"request\": " + side(view, protocol, Direction.CLIENT));
    if (!entry.has(EntryLayout.FLAG_NO_RESPONSE)) members.add("\"response\": " + side(view, protocol, Direction.SERVER));
    return "{\n    " + String.join(",\n    ", members) + "\n  }";
  }

  private static String flags(EntryView view) {
    List<String> names = new ArrayList<>();
    if (view.has(EntryLayout.FLAG_NO_REQUEST)) names.add("\"noRequest\"");
    if (view.has(EntryLayout.FLAG_NO_RESPONSE)) names.add("\"noResponse\"");
    if (view.has(EntryLayout.FLAG_TRUNCATED)) names.add("\"truncated\"");
    if (view.has(EntryLayout.FLAG_INCOMPLETE)) names.add("\"incomplete\"");
    if (view.has(EntryLayout.FLAG_AFTER_GAP)) names.add("\"afterGap\"");
    return names.toString();
  }

  private static String anomalies(EntryView view) {
    List<String> codes = new ArrayList<>();
    for (long bits = view.anomalies(); bits != 0; bits &= bits - 1) {
      codes.add(quoted(Anomaly.of(Long.numberOfTrailingZeros(bits)).code));
    }
    return codes.toString();
  }

  private static String side(EntryView view, ProtocolInfo protocol, Direction direction) {
    List<String> members = new ArrayList<>();
    int end = view.end(direction);
    for (int field = view.first(direction); field < end; field = view.next(field)) {
      FieldSpec spec = protocol.field(view.fieldId(field));
      if (spec == null || spec.direction() != direction || spec.type() != view.fieldType(field)) {
        throw new AssertionError(protocol.id() + ": field " + view.fieldId(field) + " is not as its FieldSpec says");
      }
      members.add(quoted(spec.name()) + ": " + value(view, field, spec));
    }
    return members.isEmpty() ? "{}" : "{\n      " + String.join(",\n      ", members) + "\n    }";
  }

  private static String value(EntryView view, int field, FieldSpec spec) {
    return switch (spec.type()) {
      case INT -> Long.toString(view.intValue(field));
      case BOOL -> Boolean.toString(view.boolValue(field));
      case STRING -> text(view.array(), view.valueAt(field), view.valueLength(field));
      case MAP -> rows(items(view, field, view.count(field) * 2), 2);
      case LIST -> items(view, field, view.count(field)).toString();
      case TABLE -> rows(items(view, field, view.count(field) * view.columns(field)), view.columns(field));
      case BODY -> body(view, field);
    };
  }

  private static List<String> items(EntryView view, int field, int count) {
    List<String> items = new ArrayList<>();
    int item = view.firstItem(field);
    for (int i = 0; i < count; i++, item = view.nextItem(item)) items.add(text(view.array(), view.itemAt(item), view.itemLength(item)));
    if (item != view.next(field)) throw new AssertionError("the items of field " + view.fieldId(field) + " do not fill it");
    return items;
  }

  private static String rows(List<String> cells, int columns) {
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < cells.size(); i += columns) rows.add(cells.subList(i, i + columns).toString());
    return rows.isEmpty() ? "[]" : "[\n        " + String.join(",\n        ", rows) + "\n      ]";
  }

  private static String body(EntryView view, int field) {
    List<String> members = new ArrayList<>();
    members.add("\"wireLength\": " + view.bodyWireLength(field));
    if (!view.bodyMediaType(field).isEmpty()) members.add("\"mediaType\": " + quoted(view.bodyMediaType(field)));
    if (!view.bodyContentEncoding(field).isEmpty()) members.add("\"contentEncoding\": " + quoted(view.bodyContentEncoding(field)));
    if ((view.bodyFlags(field) & FieldWriter.BODY_TRUNCATED) != 0) members.add("\"truncated\": true");
    if ((view.bodyFlags(field) & FieldWriter.BODY_HOLE) != 0) members.add("\"hole\": true");
    int kept = view.bodyLength(field);
    members.add("\"kept\": " + text(view.array(), view.bodyAt(field), Math.min(kept, SHOWN_BODY_BYTES)));
    if (kept > SHOWN_BODY_BYTES) {
      members.add("\"keptLength\": " + kept);
      members.add("\"keptHash\": " + java.nio.ByteBuffer.wrap(view.array(), view.bodyAt(field), kept).hashCode());
    }
    return "{" + String.join(", ", members) + "}";
  }

  /** UTF-8 as a string, anything else as {@code "hex:…"}. */
  private static String text(byte[] array, int at, int length) {
    try {
      return quoted(StandardCharsets.UTF_8.newDecoder().decode(java.nio.ByteBuffer.wrap(array, at, length)).toString());
    } catch (CharacterCodingException notText) {
      return "\"hex:" + HexFormat.of().formatHex(array, at, at + length) + "\"";
    }
  }

  private static String quoted(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < 0x20 || c == 0x7f) out.append(String.format("\\u%04x", (int) c));
          else out.append(c);
        }
      }
    }
    return out.append('"').toString();
  }
}
