package io.kubeshark.deploy;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The chart as Helm itself renders it, for one set of values. */
final class Chart {
  static final Path DIRECTORY = Path.of("chart").toAbsolutePath();
  static final ObjectMapper YAML = new YAMLMapper();

  private Chart() {}

  /**
   * @param kubeVersion null: Helm's own
   * @param values dotted keys and values, one after the other
   * @throws IllegalStateException in Helm's words
   */
  static List<JsonNode> render(String kubeVersion, Object... values) {
    ObjectNode tree = YAML.createObjectNode();
    for (int i = 0; i < values.length; i += 2) put(tree, ((String) values[i]).split("\\."), values[i + 1]);
    return render(kubeVersion, tree.toString());
  }

  static List<JsonNode> render(String kubeVersion, String yaml) {
    return parse(text(kubeVersion, yaml));
  }

  private static void put(ObjectNode tree, String[] path, Object value) {
    ObjectNode at = tree;
    for (int i = 0; i < path.length - 1; i++) at = at.withObject("/" + path[i]);
    at.set(path[path.length - 1], YAML.valueToTree(value));
  }

  /** As {@code helm template} prints it. */
  static String text(String kubeVersion, String yaml) {
    Path file = null;
    try {
      file = Files.writeString(Files.createTempFile("values", ".yaml"), yaml); // JSON is YAML
      TemplateCommand template = new Helm(DIRECTORY).template().withName("kubeshark").withNamespace("watch").withValuesFile(file);
      if (kubeVersion != null) template.withKubeVersion(kubeVersion);
      return template.call();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      if (file != null) file.toFile().delete();
    }
  }

  static List<JsonNode> parse(String yaml) throws JacksonException {
    List<JsonNode> objects = new ArrayList<>();
    try (MappingIterator<JsonNode> documents = YAML.readerFor(JsonNode.class).readValues(yaml)) {
      while (documents.hasNext()) {
        JsonNode object = documents.next();
        if (object.isObject()) objects.add(object);
      }
    }
    return objects;
  }

  static JsonNode find(List<JsonNode> objects, String kind, String name) {
    return objects.stream().filter(object -> kind.equals(object.path("kind").asString("")) && name.equals(object.at("/metadata/name").asString("")))
        .findFirst().orElseThrow(() -> new AssertionError("no " + kind + " " + name + " among " + names(objects)));
  }

  static List<String> names(List<JsonNode> objects) {
    return objects.stream().map(object -> object.path("kind").asString("") + "/" + object.at("/metadata/name").asString("")).toList();
  }

  static Stream<JsonNode> workloads(List<JsonNode> objects) {
    return objects.stream().filter(object -> object.at("/spec/template/spec").isObject());
  }

  static JsonNode defaults() {
    return YAML.readTree(DIRECTORY.resolve("values.yaml").toFile());
  }

  static JsonNode schema() {
    return new ObjectMapper().readTree(DIRECTORY.resolve("values.schema.json").toFile());
  }

  static String file(String path) {
    try {
      return Files.readString(Path.of(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
