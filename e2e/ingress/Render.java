import com.marcnuri.helm.Helm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** {@code helm template}: prints the objects of a chart, a JSON array. Arguments: chart, values file, namespace. */
final class Render {
  public static void main(String[] arguments) throws Exception {
    String yaml = new Helm(Path.of(arguments[0])).template().withName("kubeshark").withNamespace(arguments[2]).withValuesFile(Path.of(arguments[1])).call();
    List<JsonNode> objects = new ArrayList<>();
    try (var documents = new YAMLMapper().readerFor(JsonNode.class).<JsonNode>readValues(yaml)) {
      while (documents.hasNext()) {
        JsonNode object = documents.next();
        if (object.isObject()) objects.add(object);
      }
    }
    System.out.println(objects);
  }
}
