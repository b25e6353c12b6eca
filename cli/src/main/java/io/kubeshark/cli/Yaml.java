package io.kubeshark.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.constructor.StandardConstructor;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/** YAML 1.2 as the configuration needs it: trees with line numbers in, readable text out. */
final class Yaml {
  private static final LoadSettings LOAD = LoadSettings.builder().build();

  private Yaml() {}

  /** @return null if there is nothing in the text; @throws Failure naming {@code origin} and the line */
  static Node compose(String text, String origin) {
    try {
      return new Compose(LOAD).composeString(text).orElse(null);
    } catch (MarkedYamlEngineException e) {
      throw new Failure(Failure.USAGE, origin + e.getProblemMark().map(mark -> ":" + (mark.getLine() + 1)).orElse("") + ": not YAML: " + e.getProblem());
    } catch (YamlEngineException e) {
      throw new Failure(Failure.USAGE, origin + ": not YAML: " + e.getMessage());
    }
  }

  /** Maps, lists, strings, numbers, booleans, null. */
  static Object value(Node node) {
    return new StandardConstructor(LOAD).constructSingleDocument(Optional.of(node));
  }

  /** A file that this program brings along; empty if it does not. */
  @SuppressWarnings("unchecked")
  static Map<String, Object> resource(String name) {
    try (InputStream in = Yaml.class.getResourceAsStream(name)) {
      if (in == null) return Map.of();
      Object loaded = new Load(LOAD).loadFromString(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      return loaded == null ? new LinkedHashMap<>() : (Map<String, Object>) loaded;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String dump(Object value) {
    return new Dump(DumpSettings.builder().setDefaultFlowStyle(FlowStyle.BLOCK).setIndicatorIndent(2).setIndentWithIndicator(true).build()).dumpToString(value);
  }
}
