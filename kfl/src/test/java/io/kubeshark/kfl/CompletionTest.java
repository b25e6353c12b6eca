package io.kubeshark.kfl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A bar marks the cursor. */
class CompletionTest {
  private static final Kfl KFL = new Kfl(Entry.SCHEMA);
  private static final Map<String, List<String>> STORED = Map.of("method", List.of("GET", "POST", "PUT"), "status_code", List.of("200", "404"),
      "request.headers", List.of("Host", "X-\"q\""), "request.headers[\"Host\"]", List.of("shop"), "path", List.of("/api/a", "/b"));
  private static final ValueSource SOURCE = (variable, prefix, max) ->
      STORED.getOrDefault(variable, List.of()).stream().filter(value -> value.startsWith(prefix)).limit(max).toList();

  private static Completion complete(String marked) {
    return KFL.complete(marked.replace("¦", ""), marked.indexOf('¦'), SOURCE);
  }

  /** What the text becomes with the first option, or with the one that has the label. */
  private static String applied(String marked, String label) {
    Completion completion = complete(marked);
    String text = marked.replace("¦", "");
    Completion.Option option = completion.options().stream().filter(o -> label == null || o.label().equals(label)).findFirst()
        .orElseThrow(() -> new AssertionError("no option '" + label + "' for " + marked + " in " + completion.options()));
    return text.substring(0, completion.from()) + option.apply() + text.substring(completion.to());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '~', quoteCharacter = '`', value = {
    "sta¦ ~ status_code ~ status_code",
    "http && stat¦us > 1 ~ status_code ~ http && status_code > 1",
    "¦ ~ http ~ http",
    "http && ¦ ~ path ~ http && path",
    "!(¦ ~ dns ~ !(dns",
    "src.¦ ~ src.ip ~ src.ip",
    "src.po¦ ~ src.port ~ src.port",
    "headers¦ ~ request.headers ~ request.headers",
    "path.¦ ~ contains ~ path.contains(",
    "path.st¦ ~ startsWith ~ path.startsWith(",
    "pods.ex¦ ~ exists ~ pods.exists(",
    "timestamp.getH¦ ~ getHours ~ timestamp.getHours()",
    "map_¦ ~ map_get ~ map_get(",
    "http¦ ~ https ~ https",
    "method == ¦ ~ GET ~ method == \"GET\"",
    "method == \"¦ ~ POST ~ method == \"POST\"",
    "method == \"P¦ ~ PUT ~ method == \"PUT\"",
    "method == \"P¦\" ~ PUT ~ method == \"PUT\"",
    "method == 'P¦ ~ PUT ~ method == 'PUT'",
    "method in [\"GET\", \"¦ ~ PUT ~ method in [\"GET\", \"PUT\"",
    "path.contains(\"/a¦ ~ /api/a ~ path.contains(\"/api/a\"",
    "request.headers[\"¦ ~ Host ~ request.headers[\"Host\"",
    "request.headers[\"X¦ ~ X-\"q\" ~ request.headers[\"X-\\\"q\\\"\"",
    "request.headers.¦ ~ Host ~ request.headers[\"Host\"]",
    "request.headers[\"Host\"] == \"¦ ~ shop ~ request.headers[\"Host\"] == \"shop\"",
    "request.headers[\"Host\"].¦ ~ contains ~ request.headers[\"Host\"].contains(",
    "status_code == ¦ ~ 404 ~ status_code == 404",
    "dns_request == ¦ ~ true ~ dns_request == true",
    "protocol == \"¦ ~ redis ~ protocol == \"redis\"",
    "status_class == ¦ ~ error ~ status_class == \"error\"",
    "status_code ¦ ~ >= ~ status_code >= ",
    "method ¦ ~ in ~ method in ",
    "http ¦ ~ && ~ http && ",
    "method == \"GET\" ¦ ~ && ~ method == \"GET\" && ",
    "http and¦ ~ && ~ http &&"})
  void completes(String marked, String label, String result) {
    assertThat(applied(marked, label).stripTrailing()).isEqualTo(result.stripTrailing());
  }

  @Test
  void whatFitsBestComesFirst() {
    assertThat(applied("status_co¦", null)).isEqualTo("status_code");
    assertThat(complete("status_code ¦").options().getFirst().label()).isEqualTo("==");
    assertThat(complete("http ¦").options().getFirst().label()).isEqualTo("&&");
    assertThat(complete("method == \"GET\" ¦").options()).extracting(Completion.Option::label).containsExactly("&&", "||");
    assertThat(complete("path.size¦").options()).allMatch(option -> !option.detail().startsWith("list"));
    assertThat(complete("method == \"x¦").options()).isEmpty();
  }

  @Test
  void anywhereInAnythingItAnswers() {
    String[] pieces = {"http", "path", ".", "\"", "'", "(", ")", "[", "]", "==", "in", " ", "request.headers", "&&", "1", "@", "\\", ","};
    for (long seed = 1; seed <= 5000; seed++) {
      java.util.Random random = new java.util.Random(seed);
      StringBuilder text = new StringBuilder();
      for (int n = random.nextInt(8); n >= 0; n--) text.append(pieces[random.nextInt(pieces.length)]);
      int position = random.nextInt(text.length() + 1);
      try {
        Completion completion = KFL.complete(text.toString(), position, SOURCE);
        assertThat(completion.from()).isBetween(0, position);
        assertThat(completion.to()).isBetween(position, text.length());
        assertThat(completion.options().size()).isLessThanOrEqualTo(Completer.OPTIONS_MAX);
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed + ": " + text + " at " + position, e);
      }
    }
  }
}
