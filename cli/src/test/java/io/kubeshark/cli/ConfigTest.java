package io.kubeshark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against the defaults that the program has: the chart's and its own. */
class ConfigTest {
  @Test
  void optionOverSetOverFileOverDefault() {
    Config config = new Config();
    assertThat(config.text("tap.regex")).isEqualTo(".*");
    config.withText("tap:\n  regex: file\n  namespaces: [a, b]\n  storageLimit: 3Gi\n", "f.yaml");
    assertThat(config.text("tap.regex")).isEqualTo("file");
    config.withAssignment("tap.regex=set").withAssignment("tap.namespaces=c,d");
    assertThat(config.text("tap.regex")).isEqualTo("set");
    assertThat(config.texts("tap.namespaces")).containsExactly("c", "d");
    config.withOption("POD_REGEX", "tap.regex", "option").withOption("--namespaces", "tap.namespaces", List.of("e"));
    assertThat(config.text("tap.regex")).isEqualTo("option");
    assertThat(config.texts("tap.namespaces")).containsExactly("e");
    assertThat(config.text("tap.storageLimit")).as("not touched by anything later").isEqualTo("3Gi");
    assertThat(config.origins()).containsEntry("tap.regex", "POD_REGEX").containsEntry("tap.storageLimit", "f.yaml:4");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      tap:\\n  regx: a                      | f.yaml:2 | tap.regex
      tap:\\n  excludednamespaces: [a]      | f.yaml:2 | tap.excludedNamespaces
      tap:\\n  proxy:\\n    frnt:\\n      port: 1 | f.yaml:3 | tap.proxy.front
      namespaces: [a]                       | f.yaml:1 | tap.namespaces
      logs:\\n  file: a\\nheadles: true     | f.yaml:3 | headless
      """)
  void unknownKeyNamesLineAndNearest(String yaml, String where, String nearest) {
    assertThatThrownBy(() -> new Config().withText(yaml.replace("\\n", "\n"), "f.yaml")).isInstanceOf(Failure.class)
        .hasMessageStartingWith(where + ": unknown key").hasMessageContaining("did you mean '" + nearest + "'");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      tap:\\n  namespaces: shop        | f.yaml:2 | a list
      tap:\\n  dryRun: maybe           | f.yaml:2 | true or false
      tap:\\n  proxy:\\n    front:\\n      port: many | f.yaml:4 | a whole number
      tap:\\n  regex: [a]              | f.yaml:2 | a text
      tap:\\n  labels: none            | f.yaml:2 | keys with values
      tap: yes                         | f.yaml:1 | keys of its own
      tap:\\n  regex: a\\n  regex: b   | f.yaml:3 | twice
      - tap                            | f.yaml   | expected keys
      tap: [                           | f.yaml:  | not YAML
      """)
  void wrongTypeNamesLineAndWhatIsExpected(String yaml, String where, String expected) {
    assertThatThrownBy(() -> new Config().withText(yaml.replace("\\n", "\n"), "f.yaml")).isInstanceOf(Failure.class)
        .hasMessageStartingWith(where).hasMessageContaining(expected);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      tap.regx=a            | did you mean 'tap.regex'
      tap.namespaces.x=a    | unknown key
      regex                 | KEY=VALUE
      =a                    | KEY=VALUE
      headless=1            | true or false
      tap.proxy.front.port= | a whole number
      tap.resources.hub=a   | keys with values
      """)
  void badAssignment(String assignment, String expected) {
    assertThatThrownBy(() -> new Config().withAssignment(assignment)).isInstanceOf(Failure.class).hasMessageContaining("--set " + assignment).hasMessageContaining(expected);
  }

  @Test
  void textStaysAsItIsWritten() {
    Config config = new Config().withText("tap:\n  docker:\n    tag: 1.10\n  storageLimit: 007\n", "f");
    assertThat(config.get("tap.docker.tag")).isEqualTo("1.10");
    assertThat(config.get("tap.storageLimit")).isEqualTo("007");
    assertThat(config.withAssignment("tap.docker.tag=1.20").get("tap.docker.tag")).isEqualTo("1.20");
    assertThat(config.withAssignment("tap.regex=a=b,c").get("tap.regex")).isEqualTo("a=b,c");
  }

  @Test
  void listsAndFreeKeysInAssignments() {
    Config config = new Config();
    for (String written : List.of("a,b", "{a, b}", "[a, b]")) {
      assertThat(config.withAssignment("tap.namespaces=" + written).texts("tap.namespaces")).as(written).containsExactly("a", "b");
    }
    assertThat(config.withAssignment("tap.namespaces=").texts("tap.namespaces")).isEmpty();
    config.withAssignment("tap.labels.example\\.com/team=x").withAssignment("tap.labels.other=y");
    assertThat(config.get("tap.labels")).isEqualTo(Map.of("example.com/team", "x", "other", "y"));
  }

  @Test
  void whatIsPrintedReadsAsTheSame() {
    Config config = new Config().withAssignment("tap.labels.a=true").withAssignment("tap.regex=yes: '\"#\\").withAssignment("tap.namespaces=x,null,1")
        .withAssignment("tap.tolerations.hub=[{key: a, operator: Exists}]");
    String printed = Yaml.dump(config.values());
    Config again = new Config().withText(printed, "printed");
    assertThat(again.values()).isEqualTo(config.values());
    assertThat(Yaml.dump(again.values())).isEqualTo(printed);
  }

  @Test
  void theChartGetsItsOwnKeysOnly() {
    Config config = new Config().withAssignment("headless=true").withAssignment("tap.regex=a").withAssignment("tap.release.namespace=b");
    Map<String, Object> values = config.chartValues();
    assertThat(values).doesNotContainKeys("headless", "logs", "kube");
    assertThat((Map<?, ?>) values.get("tap")).extracting("regex").isEqualTo("a");
    assertThat(values.keySet()).isEqualTo(Yaml.resource(Config.CHART_VALUES).keySet());
  }

  @Test
  void defaultsAreNotSharedBetweenConfigurations() {
    new Config().withAssignment("tap.labels.a=b").withText("tap:\n  misc:\n    jsonTTL: 1s\n", "f");
    assertThat(new Config().get("tap.labels")).isEqualTo(Map.of());
    assertThat(new Config().text("tap.misc.jsonTTL")).isNotEqualTo("1s");
  }

  @ParameterizedTest
  @CsvSource({"abc,abc,0", "abc,acb,1", "abc,ab,1", "abc,xbc,1", "kitten,sitting,3", "'',abc,3"})
  void distance(String a, String b, int expected) {
    assertThat(Nearest.distance(a, b)).isEqualTo(expected);
    assertThat(Nearest.distance(b, a)).isEqualTo(expected);
  }
}
