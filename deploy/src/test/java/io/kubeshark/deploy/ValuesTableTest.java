package io.kubeshark.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The table of values in docs/deploy.md is values.yaml's comments. {@code -Dkubeshark.update=true} writes it. */
class ValuesTableTest {
  private static final Path PAGE = Path.of("../docs/deploy.md");
  private static final String BEGIN = "<!-- values: made from deploy/chart/values.yaml by ValuesTableTest -->\n";
  private static final String END = "<!-- values end -->";
  private static final Pattern KEY = Pattern.compile("( *)([A-Za-z]+):(.*)");

  private record Row(String key, String value, String what) {}

  @Test
  void theDocumentationHasAllValues() throws IOException {
    List<Row> rows = rows();
    assertThat(rows).hasSizeGreaterThan(50).allSatisfy(row -> assertThat(row.what()).as(row.key()).isNotEmpty());
    StringBuilder table = new StringBuilder("| key | default | what it does |\n|---|---|---|\n");
    for (Row row : rows) {
      table.append("| `").append(row.key()).append("` | `").append(row.value().replace("|", "\\|")).append("` | ").append(row.what().replace("|", "\\|")).append(" |\n");
    }
    String page = Files.readString(PAGE);
    int from = page.indexOf(BEGIN) + BEGIN.length();
    int to = page.indexOf(END);
    assertThat(from).isGreaterThan(BEGIN.length()).isLessThanOrEqualTo(to);
    if (Boolean.getBoolean("kubeshark.update")) {
      Files.writeString(PAGE, page.substring(0, from) + table + page.substring(to));
    } else {
      assertThat(page.substring(from, to)).as("run this test with -Dkubeshark.update=true").isEqualTo(table.toString());
    }
  }

  /** Keys in the file's order; a key's description is the comment right above it. */
  private static List<Row> rows() throws IOException {
    JsonNode values = Chart.defaults();
    List<Row> rows = new ArrayList<>();
    Deque<String> path = new ArrayDeque<>();
    StringBuilder comment = new StringBuilder();
    int skipDeeperThan = Integer.MAX_VALUE;
    for (String line : Files.readAllLines(Chart.DIRECTORY.resolve("values.yaml"))) {
      int indent = line.length() - line.stripLeading().length();
      if (indent > skipDeeperThan) continue; // inside a list
      skipDeeperThan = Integer.MAX_VALUE;
      if (line.strip().startsWith("#")) {
        comment.append(comment.isEmpty() ? "" : " ").append(line.strip().substring(1).strip());
        continue;
      }
      Matcher key = KEY.matcher(line);
      if (!key.matches()) continue;
      while (path.size() > indent / 2) path.removeLast();
      path.addLast(key.group(2));
      JsonNode value = values.at("/" + String.join("/", path));
      if (!value.isObject() || value.isEmpty()) {
        rows.add(new Row(String.join(".", path), text(value), comment.toString()));
        skipDeeperThan = indent;
      }
      comment.setLength(0);
    }
    return rows;
  }

  private static String text(JsonNode value) {
    return value.isString() ? value.asString().isEmpty() ? "\"\"" : value.asString() : value.toString();
  }
}
