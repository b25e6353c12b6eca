package io.kubeshark.cli;

import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * What a command does when nobody says otherwise, and what somebody said: the chart's values and the command line's own keys, overlaid by
 * the configuration file, by {@code --set} and by options, in this order. A key exists if it has a default, and a value has the default's
 * type; an empty map as default takes any keys, null any value. Everything else is an error that names file and line, or the option.
 */
final class Config {
  static final String CHART_VALUES = "/chart/values.yaml";
  private static final String CLI_VALUES = "/cli-values.yaml";
  private static final int FILE_BYTES_MAX = 1 << 20;

  private final Map<String, Object> defaults;
  private final Map<String, Object> chart;
  private final Map<String, Object> values;
  /** Dotted key to who set it. */
  private final Map<String, String> origins = new TreeMap<>();

  Config() {
    this(Yaml.resource(CHART_VALUES), Yaml.resource(CLI_VALUES));
  }

  Config(Map<String, Object> chart, Map<String, Object> own) {
    this.chart = chart;
    defaults = overlay(chart, own);
    values = overlay(defaults, Map.of());
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> overlay(Map<String, Object> below, Map<String, Object> above) {
    Map<String, Object> joined = new LinkedHashMap<>();
    below.forEach((key, value) -> joined.put(key, value instanceof Map ? overlay((Map<String, Object>) value, Map.of()) : value));
    above.forEach((key, value) -> joined.merge(key, value, (old, put) -> old instanceof Map && put instanceof Map
        ? overlay((Map<String, Object>) old, (Map<String, Object>) put) : put));
    return joined;
  }

  /** The file that is read when none is named: the folder's own, else the user's; null if there is neither. */
  static Path usualFile() {
    Path here = Path.of("kubeshark.yaml");
    if (Files.exists(here)) return here;
    Path home = userFile();
    return Files.exists(home) ? home : null;
  }

  static Path userFile() {
    return Path.of(System.getProperty("user.home"), ".kubeshark", "config.yaml");
  }

  /** @param path null: none */
  Config withFile(Path path) {
    if (path == null) return this;
    String text;
    try {
      if (Files.size(path) > FILE_BYTES_MAX) throw new Failure(Failure.USAGE, path + ": over " + FILE_BYTES_MAX + " bytes: that is no configuration file");
      text = Files.readString(path);
    } catch (NoSuchFileException e) {
      throw new Failure(Failure.USAGE, "there is no configuration file '" + path + "': write one with `kubeshark config -r --config-path " + path + "`");
    } catch (IOException e) {
      throw new Failure(Failure.USAGE, "the configuration file '" + path + "' cannot be read: " + e);
    }
    return withText(text, path.toString());
  }

  Config withText(String text, String origin) {
    Node root = Yaml.compose(text, origin);
    if (root == null || isNull(root)) return this;
    if (!(root instanceof MappingNode mapping)) throw new Failure(Failure.USAGE, origin + ": expected keys with values, such as 'tap:'");
    merge(mapping, values, defaults, "", origin);
    return this;
  }

  /** {@code tap.namespaces=a,b}; a dot that belongs to a key is written {@code \.} */
  Config withAssignment(String assignment) {
    String origin = "--set " + assignment;
    int equals = assignment.indexOf('=');
    if (equals <= 0) throw new Failure(Failure.USAGE, origin + ": write it as KEY=VALUE, such as --set tap.namespaces=shop");
    String[] path = assignment.substring(0, equals).strip().split("(?<!\\\\)\\.");
    for (int i = 0; i < path.length; i++) path[i] = path[i].replace("\\.", ".");
    put(path, assignment.substring(equals + 1), origin);
    return this;
  }

  /** From an option; null: it was not given. */
  Config withOption(String option, String key, Object value) {
    if (value != null) put(key.split("\\."), value, option);
    return this;
  }

  private void put(String[] path, Object value, String origin) {
    Map<String, Object> target = values;
    Map<String, Object> known = defaults;
    for (int i = 0; i < path.length - 1; i++) {
      boolean free = known.isEmpty() && i > 0;
      Object inside = known.get(path[i]);
      if (!free && !(inside instanceof Map)) throw unknown(String.join(".", path), origin);
      known = free ? Map.of() : map(inside);
      target = map(target.computeIfAbsent(path[i], _ -> new LinkedHashMap<String, Object>()));
    }
    String last = path[path.length - 1];
    String key = String.join(".", path);
    boolean free = known.isEmpty() && path.length > 1;
    if (!free && !known.containsKey(last)) throw unknown(key, origin);
    Object put = value instanceof String text ? ConfigValue.fromText(text, free ? null : known.get(last), key, origin) : value;
    target.put(last, put);
    origins.put(key, origin);
  }

  private void merge(MappingNode node, Map<String, Object> target, Map<String, Object> known, String prefix, String origin) {
    List<String> seen = new ArrayList<>();
    for (NodeTuple tuple : node.getValue()) {
      String where = origin + ":" + line(tuple.getKeyNode());
      if (!(tuple.getKeyNode() instanceof ScalarNode scalar)) throw new Failure(Failure.USAGE, where + ": a key must be a word");
      String name = scalar.getValue();
      String key = prefix + name;
      if (seen.contains(name)) throw new Failure(Failure.USAGE, where + ": '" + key + "' is there twice: keep one");
      seen.add(name);
      if (!known.containsKey(name)) throw unknown(key, where);
      Object fallback = known.get(name);
      if (fallback instanceof Map<?, ?> inside && !inside.isEmpty()) {
        if (isNull(tuple.getValueNode())) continue;
        if (!(tuple.getValueNode() instanceof MappingNode mapping)) throw ConfigValue.wrong(key, "keys of its own: " + String.join(", ", map(inside).keySet()), where);
        merge(mapping, map(target.get(name)), map(inside), key + ".", origin);
      } else {
        target.put(name, ConfigValue.fromNode(tuple.getValueNode(), fallback, key, where));
        origins.put(key, where);
      }
    }
  }

  private static int line(Node node) {
    return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
  }

  static boolean isNull(Node node) {
    return node instanceof ScalarNode scalar && Yaml.value(scalar) == null && !(node instanceof SequenceNode);
  }

  private Failure unknown(String key, String origin) {
    List<String> known = new ArrayList<>();
    names(defaults, "", known);
    String nearest = Nearest.of(key, known);
    return new Failure(Failure.USAGE, origin + ": unknown key '" + key + "'"
        + (nearest == null ? ": `kubeshark config` prints those there are" : "; did you mean '" + nearest + "'?"));
  }

  private static void names(Map<String, Object> tree, String prefix, List<String> into) {
    tree.forEach((key, value) -> {
      into.add(prefix + key);
      if (value instanceof Map<?, ?> inside) names(map(inside), prefix + key + ".", into);
    });
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }

  /** Everything, effective. */
  Map<String, Object> values() {
    return values;
  }

  /** What the chart takes. */
  Map<String, Object> chartValues() {
    return only(chart, values);
  }

  private static Map<String, Object> only(Map<String, Object> known, Map<String, Object> from) {
    Map<String, Object> kept = new LinkedHashMap<>();
    known.forEach((key, value) -> {
      boolean descend = value instanceof Map<?, ?> inside && !inside.isEmpty();
      kept.put(key, descend ? only(map(value), map(from.get(key))) : from.get(key));
    });
    return kept;
  }

  /** Dotted keys that somebody set, with who did. */
  Map<String, String> origins() {
    return origins;
  }

  Object get(String key) {
    Object value = values;
    for (String name : key.split("\\.")) value = value instanceof Map<?, ?> inside ? inside.get(name) : null;
    return value;
  }

  String text(String key) {
    Object value = get(key);
    return value == null ? "" : value.toString();
  }

  boolean flag(String key) {
    return Boolean.TRUE.equals(get(key));
  }

  int number(String key) {
    return get(key) instanceof Number number ? number.intValue() : 0;
  }

  List<String> texts(String key) {
    return get(key) instanceof List<?> list ? list.stream().map(String::valueOf).toList() : List.of();
  }
}
