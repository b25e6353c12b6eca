package io.kubeshark.render;

import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntryView;
import io.kubeshark.core.NamePart;

/** Who is at an entry's ends, in the shapes that JSON, tables and clauses need. Of what is not known nothing is written. */
public final class EndNames {
  private EndNames() {}

  private static final byte[] LABELS = JsonWriter.encodeKey("labels");
  /** In the order of docs/api.md. */
  private static final NamePart[] SHOWN = {NamePart.NAME, NamePart.NAMESPACE, NamePart.POD, NamePart.SERVICE, NamePart.NODE};
  private static final byte[][] KEYS = new byte[SHOWN.length][];

  static {
    for (int i = 0; i < SHOWN.length; i++) KEYS[i] = JsonWriter.encodeKey(SHOWN[i].name().toLowerCase(java.util.Locale.ROOT));
  }

  /** Members of an end's object: name, namespace, pod, service, node, and labels if wanted. */
  public static void members(EntryView entry, Direction side, boolean withLabels, JsonWriter out) {
    if (entry.namesLength() == 0) return;
    for (int i = 0; i < SHOWN.length; i++) {
      int field = entry.name(side, SHOWN[i]);
      if (field >= 0) out.key(KEYS[i]).string(entry.array(), entry.valueAt(field), entry.valueLength(field));
    }
    if (withLabels) labels(entry, side, out);
  }

  private static void labels(EntryView entry, Direction side, JsonWriter out) {
    int field = entry.name(side, NamePart.LABELS);
    if (field < 0) return;
    out.key(LABELS).beginObject();
    int item = entry.firstItem(field);
    for (int i = entry.count(field); i > 0; i--) {
      int value = entry.nextItem(item);
      out.key(entry.array(), entry.itemAt(item), entry.itemLength(item)).string(entry.array(), entry.itemAt(value), entry.itemLength(value));
      item = entry.nextItem(value);
    }
    out.endObject();
  }

  /** An event of the cluster has happened at no address. */
  static boolean hasAddress(EntryView entry, int ipAt) {
    if (entry.array()[entry.offset() + EntryLayout.KIND] != EntryLayout.Kind.EVENT.ordinal()) return true;
    for (int i = 0; i < 16; i++) if (entry.array()[entry.offset() + ipAt + i] != 0) return true;
    return false;
  }

  /** {@code shop/cart-7c9 (service cart)}, {@code api.example.org}, or "". */
  static String described(EntryView entry, Direction side) {
    String namespace = entry.nameText(side, NamePart.NAMESPACE);
    String service = entry.nameText(side, NamePart.SERVICE);
    String pod = entry.nameText(side, NamePart.POD);
    String name = pod.isEmpty() ? entry.nameText(side, NamePart.NAME) : pod;
    if (name.isEmpty()) return "";
    return (namespace.isEmpty() ? "" : namespace + "/") + name + (service.isEmpty() || service.equals(name) ? "" : " (service " + service + ")");
  }

  /** A table of what is known of one end, each row with its clause. */
  static void section(EntryView entry, Direction side, JsonWriter out) {
    out.beginObject().key("title").string(side == Direction.CLIENT ? "Client" : "Server").key("type").string("table").key("rows").beginArray();
    for (NamePart part : NamePart.values()) {
      int field = part == NamePart.LABELS || part == NamePart.NAME ? -1 : entry.name(side, part);
      if (field < 0 || part == NamePart.SERVICE_NAMESPACE && sameAsNamespace(entry, side, field)) continue;
      String value = entry.stringValue(field);
      row(title(part), value, Selector.name(side, part, value), out);
    }
    int field = entry.name(side, NamePart.LABELS);
    int item = field < 0 ? 0 : entry.firstItem(field);
    for (int i = field < 0 ? 0 : entry.count(field); i > 0; i--) {
      int value = entry.nextItem(item);
      row("Label " + entry.itemText(item), entry.itemText(value), Selector.label(side, entry.itemText(item), entry.itemText(value)), out);
      item = entry.nextItem(value);
    }
    out.endArray().endObject();
  }

  private static boolean sameAsNamespace(EntryView entry, Direction side, int field) {
    return field == entry.name(side, NamePart.NAMESPACE);
  }

  private static String title(NamePart part) {
    return switch (part) {
      case NAME -> "Name";
      case NAMESPACE -> "Namespace";
      case POD -> "Pod";
      case SERVICE -> "Service";
      case SERVICE_NAMESPACE -> "Service namespace";
      case NODE -> "Node";
      case DNS -> "DNS name";
      case LABELS -> "Labels";
    };
  }

  private static void row(String name, String value, String selector, JsonWriter out) {
    out.beginObject().key("name").string(name).key("value").string(value).key("selector").string(selector).endObject();
  }
}
