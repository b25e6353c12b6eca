package io.kubeshark.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** One value of the configuration, held to the type of its default. */
final class ConfigValue {
  private ConfigValue() {}

  static Failure wrong(String key, String expected, String where) {
    return new Failure(Failure.USAGE, where + ": '" + key + "' needs " + expected);
  }

  static Object fromNode(Node node, Object fallback, String key, String where) {
    return switch (fallback) {
      case null -> Yaml.value(node);
      case Map<?, ?> _ -> {
        if (Config.isNull(node)) yield Map.of();
        if (!(node instanceof MappingNode)) throw wrong(key, "keys with values, such as '" + key + ": {name: value}'", where);
        yield Yaml.value(node);
      }
      case List<?> _ -> list(node, key, where);
      case String _ -> {
        // As it is written: 1.10 is a version, not the number 1.1.
        if (!(node instanceof ScalarNode scalar)) throw wrong(key, "a text, such as '" + key + ": \"text\"'", where);
        yield Config.isNull(node) ? "" : scalar.getValue();
      }
      default -> scalar(Config.isNull(node) ? null : Yaml.value(node), fallback, key, where);
    };
  }

  private static List<?> list(Node node, String key, String where) {
    if (Config.isNull(node)) return List.of();
    if (!(node instanceof SequenceNode sequence)) throw wrong(key, "a list, such as '" + key + ": [one, two]'", where);
    List<Object> items = new ArrayList<>();
    for (Node item : sequence.getValue()) items.add(item instanceof ScalarNode scalar ? scalar.getValue() : Yaml.value(item));
    return items;
  }

  private static Object scalar(Object value, Object fallback, String key, String where) {
    if (fallback instanceof Boolean && !(value instanceof Boolean)) throw wrong(key, "true or false", where);
    if (fallback instanceof Integer && !(value instanceof Integer)) throw wrong(key, "a whole number", where);
    if (fallback instanceof Number && !(value instanceof Number)) throw wrong(key, "a number", where);
    return value;
  }

  /** As it stands behind {@code --set key=}. */
  static Object fromText(String text, Object fallback, String key, String origin) {
    if (fallback instanceof String) return text;
    if (fallback instanceof List) {
      String inside = text.strip();
      if (inside.startsWith("[")) return fromNode(Yaml.compose(inside, origin), fallback, key, origin);
      if (inside.startsWith("{") && inside.endsWith("}")) inside = inside.substring(1, inside.length() - 1);
      return inside.isBlank() ? List.of() : List.of(inside.strip().split("\\s*,\\s*"));
    }
    Node node = text.isBlank() ? null : Yaml.compose(text, origin);
    if (node != null) return fromNode(node, fallback, key, origin);
    if (fallback instanceof Boolean || fallback instanceof Number) return scalar(null, fallback, key, origin);
    return fallback instanceof Map ? Map.of() : "";
  }
}
