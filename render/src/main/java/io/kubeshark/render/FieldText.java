package io.kubeshark.render;

import io.kubeshark.core.EntryView;
import io.kubeshark.core.FieldSpec;
import io.kubeshark.core.FieldType;
import io.kubeshark.core.ProtocolInfo;
import java.nio.charset.StandardCharsets;

/** Fields as Strings, where a few a second are needed: exports, detail panes, terminals. */
public final class FieldText {
  private FieldText() {}

  /** The field with this name on its side, or null. */
  static FieldSpec named(ProtocolInfo protocol, io.kubeshark.core.Direction side, String name) {
    for (FieldSpec field : protocol.fields()) if (field.direction() == side && field.name().equals(name)) return field;
    return null;
  }

  /** Text of an entry's field; "" where the spec is null or the entry does not have it. */
  public static String of(EntryView entry, FieldSpec spec) {
    int field = spec == null ? -1 : entry.find(spec);
    return field < 0 ? "" : of(entry, field);
  }

  public static String of(EntryView entry, int field) {
    FieldType type = entry.fieldType(field);
    if (type == null) return "";
    return switch (type) {
      case INT -> Long.toString(entry.intValue(field));
      case BOOL -> Boolean.toString(entry.boolValue(field));
      case STRING -> entry.stringValue(field);
      case LIST, MAP, TABLE -> items(entry, field);
      case BODY -> "";
    };
  }

  private static String items(EntryView entry, int field) {
    StringBuilder text = new StringBuilder();
    int item = entry.firstItem(field);
    int count = entry.count(field) * (entry.fieldType(field) == FieldType.MAP ? 2 : entry.fieldType(field) == FieldType.TABLE ? entry.columns(field) : 1);
    for (int i = 0; i < count && text.length() < RowJson.SUMMARY_BYTES_MAX; i++, item = entry.nextItem(item)) {
      if (i > 0) text.append(", ");
      text.append(entry.itemText(item));
    }
    return text.toString();
  }

  /** A MAP's first value of a name, ASCII letters of any case; null where there is none. */
  static String mapValue(EntryView entry, FieldSpec spec, String name) {
    int field = spec == null ? -1 : entry.find(spec);
    if (field < 0) return null;
    int item = entry.firstItem(field);
    for (int i = entry.count(field); i > 0; i--) {
      int value = entry.nextItem(item);
      if (entry.itemLength(item) == name.length()
          && name.equalsIgnoreCase(new String(entry.array(), entry.itemAt(item), entry.itemLength(item), StandardCharsets.ISO_8859_1))) {
        return entry.itemText(value);
      }
      item = entry.nextItem(value);
    }
    return null;
  }
}
