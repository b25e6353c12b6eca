package io.kubeshark.kfl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.kubeshark.core.Direction;
import io.kubeshark.core.FieldSpec;
import io.kubeshark.core.FieldType;
import io.kubeshark.core.ProtocolInfo;
import io.kubeshark.core.Schema;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong, where, and what was meant. */
class ErrorsTest {
  private static final Kfl KFL = new Kfl(Entry.SCHEMA, Kfl.Origin.LOCAL, Map.of("loop", "loop && http", "broken", "http &&"), () -> 0);

  private static KflException error(String expression) {
    try {
      KFL.compile(expression);
    } catch (KflException e) {
      return e;
    }
    throw new AssertionError("no error in: " + expression);
  }

  /** The marked part is where the error must point. */
  @ParameterizedTest
  @CsvSource(delimiter = '~', quoteCharacter = '`', value = {
    "http && «stauts_code» == 1 ~ unknown-name ~ status_code",
    "«response.status» == 200 ~ unknown-name ~ status_code",
    "«request.path».contains(\"/a\") ~ unknown-name ~ path",
    "«request.header»[\"a\"] == \"\" ~ unknown-name ~ request.headers",
    "http «and» dns ~ syntax ~ &&",
    "http «or» dns ~ syntax ~ ||",
    "«not» http ~ syntax ~ !",
    "path.«contain»(\"a\") ~ unknown-function ~ contains",
    "path.«startWith»(\"a\") ~ unknown-function ~ startsWith",
    "«redact»(\"a\") ~ unknown-function ~",
    "status_code «=» 200 ~ syntax ~ ==",
    "http «&» dns ~ syntax ~ &&",
    "status_code == «\"200\"» ~ type ~ 200",
    "method == «1» ~ type ~ \"1\"",
    "«status_code» ~ type ~ status_code > 0",
    "«path» ~ type ~ path != \"\"",
    "http && «path» ~ type ~",
    "src.ip == «10.0.0.1» ~ literal ~ \"10.0.0.1\"",
    "«status_code».contains(\"5\") ~ type ~ string(status_code)",
    "path.matches(«\"(\"») ~ literal ~",
    "ip_in(src.ip, «\"10.0.0.0/33\"») ~ literal ~",
    "request.body.json(«\"$..a\"») == 1 ~ literal ~",
    "timestamp > timestamp(«\"yesterday\"») ~ literal ~",
    "timestamp > «\"2026-01-01T00:00:00Z\"» ~ type ~ timestamp(\"2026-01-01T00:00:00Z\")",
    "duration(«\"5 minutes\"») > duration(\"1s\") ~ literal ~",
    "http && «\"abc» ~ syntax ~",
    "path == \"«\\d»\" ~ literal ~ \\\\",
    "(http «» ~ syntax ~",
    "http && «» ~ syntax ~",
    "http «)» ~ syntax ~",
    "«&&» http ~ syntax ~",
    "http «dns» ~ syntax ~",
    "«status_code + method» == 1 ~ type ~",
    "\"a\" in «path» ~ type ~",
    "status_code == «5u» ~ unsupported ~ 5",
    "status_code == «99999999999999999999» ~ literal ~",
    "pods.exists(«1», true) ~ syntax ~ x",
    "pods.exists(p, «q» == \"\") ~ unknown-name ~ p",
    "http && «loop» ~ limit ~",
    "«broken» ~ syntax ~",
    "«src» == \"\" ~ unknown-name ~ src.ip",
    "«src.pod» == \"\" ~ unknown-name ~ src.pod.name",
    "http «§» ~ syntax ~",
    "«size(1, 2)» == 1 ~ type ~",
    "http ? 1 «» ~ syntax ~",
    "«http.x» == 1 ~ unknown-name ~"})
  void whereAndWhat(String marked, String code, String suggestion) {
    int start = marked.indexOf('«');
    int end = marked.indexOf('»') - 1;
    KflException error = error(marked.replace("«", "").replace("»", ""));
    assertThat(error.code()).as(error.getMessage()).isEqualTo(code);
    assertThat(error.suggestion()).as(error.getMessage()).isEqualTo(suggestion);
    assertThat(error.position()).as("position: " + error.getMessage()).isEqualTo(start);
    if (start < end) assertThat(error.length()).as("length: " + error.getMessage()).isEqualTo(end - start);
    assertThat(error.column()).isEqualTo(error.position() + 1);
  }

  @Test
  void linesAreCounted() {
    KflException error = error("http &&\n\n  stauts_code > 1");
    assertThat(error.getMessage()).isEqualTo("unknown name 'stauts_code'; did you mean 'status_code'?");
    assertThat(List.of(error.position(), error.length(), error.line(), error.column())).containsExactly(11, 11, 3, 3);
  }

  @Test
  void sizeAndDepthAreLimited() {
    assertThat(error("(".repeat(5000) + "http" + ")".repeat(5000)).code()).isEqualTo("limit");
    assertThat(error("!".repeat(5000) + "http").code()).isEqualTo("limit");
    assertThat(error("1" + " + 1".repeat(2000) + " == 2").code()).isEqualTo("limit");
    assertThat(error("http" + " || http".repeat(3000)).code()).isEqualTo("limit");
    assertThat(error("a" + ".a".repeat(3000)).code()).isEqualTo("limit");
  }

  @Test
  void longChainsOfAndAreFine() throws KflException {
    assertThat(KFL.compile("http" + " && http".repeat(1500)).test(Entry.of("http").view())).isTrue();
  }

  @Test
  void whateverIsTypedIsAnAnswer() {
    String[] pieces = {"http", "status_code", "path", "request.headers", "[", "]", "(", ")", "{", "}", ".", ",", "&&", "||", "!", "-", "1", "1.5",
        "\"a\"", "'", "==", "<", "in", "?", ":",
      "exists", "size", "json", "x", "has", "map_get", "null", "true", "@", " ", "\\", "\u0000", "ü"};
    int compiled = 0;
    for (long seed = 1; seed <= 20_000; seed++) {
      java.util.Random random = new java.util.Random(seed);
      StringBuilder text = new StringBuilder();
      for (int n = random.nextInt(9); n >= 0; n--) text.append(pieces[random.nextInt(pieces.length)]).append(random.nextInt(3) == 0 ? " " : "");
      try {
        KFL.compile(text.toString()).test(Entry.of("http").view());
        compiled++;
      } catch (KflException e) {
        assertThat(e.position() + e.length()).isLessThanOrEqualTo(text.length());
        assertThat(e.getMessage()).isNotBlank();
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed + ": " + text, e);
      }
    }
    assertThat(compiled).isPositive();
  }

  @Test
  void oneVariableHasOneType() {
    FieldSpec text = FieldSpec.request(0, "a", FieldType.STRING, "A", "shared", "");
    FieldSpec number = FieldSpec.response(0, "a", FieldType.INT, "A", "shared", "");
    assertThatIllegalArgumentException().isThrownBy(() -> new Kfl(new Schema(List.of(protocol("p", text), protocol("q", number)))))
        .withMessageContaining("shared").withMessageContaining("p").withMessageContaining("q");
    FieldSpec taken = new FieldSpec(0, Direction.CLIENT, "a", FieldType.STRING, "A", "timestamp", "", List.of());
    assertThatIllegalArgumentException().isThrownBy(() -> new Kfl(new Schema(List.of(protocol("p", taken))))).withMessageContaining("timestamp");
  }

  private static ProtocolInfo protocol(String id, FieldSpec field) {
    return new ProtocolInfo(id, id, id, "l7", "#000", "#fff", "", List.of(), List.of(), new ProtocolInfo.Row(null, null, null), List.of(field));
  }
}
