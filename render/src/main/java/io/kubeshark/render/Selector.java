package io.kubeshark.render;

import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryView;
import io.kubeshark.core.FieldSpec;
import io.kubeshark.core.FieldType;
import io.kubeshark.core.NamePart;
import java.nio.charset.StandardCharsets;

/** KFL clauses that match what a person clicked on: {@code request.headers["Host"] == "a\"b"}. */
public final class Selector {
  private Selector() {}

  /** Longer values get no clause: nobody reads such a filter. */
  static final int VALUE_BYTES_MAX = 1024;

  /** The clause for a scalar field, or null. */
  static String scalar(EntryView entry, int field, FieldSpec spec) {
    if (spec == null || spec.variable() == null) return null;
    return switch (entry.fieldType(field)) {
      case INT -> spec.variable() + " == " + entry.intValue(field);
      case BOOL -> (entry.boolValue(field) ? "" : "!") + spec.variable();
      case STRING -> {
        String value = quoted(entry.array(), entry.valueAt(field), entry.valueLength(field));
        yield value == null ? null : spec.variable() + " == " + value;
      }
      case MAP, LIST, TABLE, BODY -> null;
    };
  }

  /** Pairs that are looked at for the values of a name that comes again. */
  private static final int PAIRS_MAX = 1000;
  /** The one variable whose values are numbers. */
  private static final String NUMBERS = "ledger";

  /**
   * The clause for a MAP's pair, or null. The language gives one value a name: of one that comes again, all of them, joined by ", " (RFC
   * 9110 section 5.3).
   */
  static String pair(EntryView entry, int field, int name, FieldSpec spec) {
    if (spec == null || spec.variable() == null || entry.count(field) > PAIRS_MAX) return null;
    String nameText = quoted(entry.array(), entry.itemAt(name), entry.itemLength(name));
    if (nameText == null) return null;
    StringBuilder joined = new StringBuilder();
    int found = 0;
    int item = entry.firstItem(field);
    for (int i = 0; i < entry.count(field); i++) {
      int value = entry.nextItem(item);
      if (ValueJson.same(entry, item, name)) {
        if (!Utf8.wellFormed(entry.array(), entry.itemAt(value), entry.itemLength(value))) return null;
        joined.append(found++ == 0 ? "" : ", ").append(entry.itemText(value));
      }
      item = entry.nextItem(value);
    }
    if (joined.length() > VALUE_BYTES_MAX) return null;
    String value = spec.variable().equals(NUMBERS) ? joined.toString() : quoted(joined.toString());
    return spec.variable() + "[" + nameText + "] == " + value;
  }

  /** The clause for a LIST's item, or null. */
  static String item(EntryView entry, int item, FieldSpec spec) {
    if (spec == null || spec.variable() == null || spec.type() != FieldType.LIST) return null;
    String value = quoted(entry.array(), entry.itemAt(item), entry.itemLength(item));
    return value == null ? null : value + " in " + spec.variable();
  }

  /** The clause for who is at an end: {@code src.pod.name == "cart-7c9"}; null for labels, which have one each. */
  public static String name(Direction side, NamePart part, String value) {
    String variable = switch (part) {
      case NAME -> "name";
      case NAMESPACE -> "namespace";
      case POD -> "pod.name";
      case SERVICE -> "service.name";
      case SERVICE_NAMESPACE -> "service.namespace";
      case NODE -> "node.name";
      case DNS -> "dns";
      case LABELS -> null;
    };
    return variable == null ? null : end(side) + variable + " == " + quoted(value);
  }

  /** {@code dst.labels["app"] == "cart"}. */
  public static String label(Direction side, String name, String value) {
    return end(side) + "labels[" + quoted(name) + "] == " + quoted(value);
  }

  private static String end(Direction side) {
    return side == Direction.CLIENT ? "src." : "dst.";
  }

  /** A string literal of the filter language, or null for bytes that no literal can stand for. */
  static String quoted(byte[] array, int offset, int length) {
    if (length > VALUE_BYTES_MAX || !Utf8.wellFormed(array, offset, length)) return null;
    return quoted(new String(array, offset, length, StandardCharsets.UTF_8));
  }

  public static String quoted(String value) {
    StringBuilder text = new StringBuilder(value.length() + 2).append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '"', '\\' -> text.append('\\').append(c);
        case '\n' -> text.append("\\n");
        case '\r' -> text.append("\\r");
        case '\t' -> text.append("\\t");
        default -> {
          if (c < 0x20 || c == 0x7f) text.append(String.format("\\u%04x", (int) c));
          else text.append(c);
        }
      }
    }
    return text.append('"').toString();
  }
}
