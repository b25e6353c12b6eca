package io.kubeshark.render;

import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryView;
import io.kubeshark.core.NamePart;
import java.util.function.Consumer;

/** What KFL variables about an entry's ends have as values: for completion. */
public final class EndValues {
  private EndValues() {}

  /**
   * Hands over the values of {@code src.pod.name}, {@code namespaces}, {@code dst.labels["app"]}, …; of labels without a key their names.
   * {@code local_} and {@code remote_} are answered with both ends' values.
   *
   * @return whether the variable is about ends
   */
  public static boolean read(EntryView entry, String variable, Consumer<String> values) {
    int bracket = variable.indexOf("[\"");
    String name = bracket < 0 ? variable : variable.substring(0, bracket);
    String key = bracket < 0 ? null : variable.substring(bracket + 2, Math.max(bracket + 2, variable.lastIndexOf('"')));
    boolean ofOneEnd = name.startsWith("src.") || name.startsWith("dst.");
    NamePart part = ofOneEnd ? ofEnd(name.substring(4)) : ofBoth(name);
    if (part == null) return false;
    for (Direction side : Direction.values()) {
      if (name.startsWith(side == Direction.CLIENT ? "dst." : "src.")) continue;
      int field = entry.name(side, part);
      if (field < 0) continue;
      if (part == NamePart.LABELS) labels(entry, field, key, values);
      else values.accept(entry.stringValue(field));
    }
    return true;
  }

  private static NamePart ofEnd(String member) {
    return switch (member) {
      case "name" -> NamePart.NAME;
      case "namespace", "pod.namespace" -> NamePart.NAMESPACE;
      case "pod.name" -> NamePart.POD;
      case "service.name" -> NamePart.SERVICE;
      case "service.namespace" -> NamePart.SERVICE_NAMESPACE;
      case "node.name" -> NamePart.NODE;
      case "dns" -> NamePart.DNS;
      case "labels" -> NamePart.LABELS;
      default -> null;
    };
  }

  private static NamePart ofBoth(String variable) {
    return switch (variable) {
      case "namespaces" -> NamePart.NAMESPACE;
      case "pods" -> NamePart.POD;
      case "services" -> NamePart.SERVICE;
      case "dns_resolutions" -> NamePart.DNS;
      case "local_node_name", "remote_node_name" -> NamePart.NODE;
      case "local_labels", "remote_labels" -> NamePart.LABELS;
      default -> null;
    };
  }

  private static void labels(EntryView entry, int field, String key, Consumer<String> values) {
    int item = entry.firstItem(field);
    for (int i = entry.count(field); i > 0; i--) {
      int value = entry.nextItem(item);
      if (key == null) values.accept(entry.itemText(item));
      else if (entry.itemText(item).equals(key)) values.accept(entry.itemText(value));
      item = entry.nextItem(value);
    }
  }
}
