package io.kubeshark.render;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.core.Anomaly;
import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryLayout;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class EntryJsonTest {
  private final EntryJson json = new EntryJson(EntryBuilder.SCHEMA, EntryBuilder.NAMES, true);

  private String line(EntryBuilder entry) {
    JsonWriter out = new JsonWriter();
    json.write(entry.view(), out);
    return out.toString();
  }

  private JsonNode tree(EntryBuilder entry) {
    return JsonMapper.shared().readTree(line(entry));
  }

  @Test
  void anExchangeAsAWhole() {
    EntryBuilder entry = new EntryBuilder(EntryBuilder.HTTP).id(12, 3).sizes(100, 250, 7).flags(EntryLayout.FLAG_AFTER_GAP | EntryLayout.FLAG_TLS)
        .anomalies(Anomaly.AFTER_GAP.bit() | Anomaly.BODY_HOLE.bit())
        .string(EntryBuilder.METHOD, "GET").string(EntryBuilder.URL, "/a?b=\"c\"")
        .map(EntryBuilder.REQUEST_HEADERS, "Host", "x", "Cookie", "a", "Accept", "*/*", "Cookie", "b")
        .integer(EntryBuilder.STATUS, 200)
        .with(Direction.SERVER, out -> out.boolField(EntryBuilder.KEEP_ALIVE, true))
        .body(EntryBuilder.RESPONSE_BODY, "text/plain", "", "hello".getBytes(StandardCharsets.UTF_8), 3);

    assertThat(line(entry)).isEqualTo("{\"id\":\"local/12-3\",\"index\":3,\"stream\":12,\"node\":{\"name\":\"vm\",\"ip\":\"10.0.0.1\"},\"worker\":\"local\","
        + "\"kind\":\"exchange\",\"protocol\":{\"name\":\"http\",\"longName\":\"Hypertext Transfer Protocol\",\"abbreviation\":\"HTTP\",\"layer\":\"l7\"},"
        + "\"transport\":\"tcp\",\"src\":{\"ip\":\"127.0.0.1\",\"port\":50412},\"dst\":{\"ip\":\"127.0.0.1\",\"port\":80},"
        + "\"timestamp\":1732370000123.456,\"startTime\":\"1732370000123456789\",\"elapsedTime\":812,\"statusClass\":\"ok\","
        + "\"request\":{\"method\":\"GET\",\"url\":\"/a?b=\\\"c\\\"\",\"headers\":{\"Host\":\"x\",\"Cookie\":[\"a\",\"b\"],\"Accept\":\"*/*\"}},"
        + "\"response\":{\"status_code\":200,\"keep_alive\":true,\"body\":{\"mimeType\":\"text/plain\",\"encoding\":\"utf8\",\"text\":\"hel\",\"length\":3,"
        + "\"wireLength\":5,\"truncated\":true}},\"requestSize\":100,\"responseSize\":250,\"tls\":true,"
        + "\"capture\":{\"backend\":\"af_packet\",\"source\":\"af_packet\"},\"anomalies\":[\"after-gap\",\"body-hole\"],"
        + "\"afterGap\":true,\"lostBytes\":7}");
  }

  /** The heads of connections are kept; one whose place another connection took must not show its addresses. */
  @Test
  void eachEntryHasTheHeadOfItsOwnConnection() {
    long[] streams = {1, 1025, 1, 2049, 1};
    for (int i = 0; i < streams.length; i++) {
      JsonNode node = tree(new EntryBuilder(EntryBuilder.HTTP).id(streams[i], i).between("10.0.0." + streams[i] % 7, 1000 + i, "10.1.0.1", 80));
      assertThat(node.get("id").asString()).isEqualTo("local/" + streams[i] + "-" + i);
      assertThat(node.get("stream").asLong()).isEqualTo(streams[i]);
      assertThat(node.at("/src/ip").asString()).isEqualTo("10.0.0." + streams[i] % 7);
      assertThat(node.at("/src/port").asInt()).isEqualTo(1000 + i);
    }
    JsonNode other = tree(new EntryBuilder(EntryBuilder.DNS).id(1, 9).between("10.0.0.1", 1004, "10.1.0.1", 80));
    assertThat(other.at("/protocol/name").asString()).isEqualTo("dns");
  }

  @Test
  void aBodyOfWhichNothingWasKeptSaysOnlyThat() {
    JsonNode body = tree(new EntryBuilder(EntryBuilder.HTTP).body(EntryBuilder.RESPONSE_BODY, "text/plain", "", new byte[1024], 0)).at("/response/body");
    assertThat(body.toString()).isEqualTo("{\"wireLength\":1024,\"truncated\":true}");
  }

  /** Plain maps go another way than those with something to escape. */
  @Test
  void namesAndValuesOfMapsAreEscapedWhereverTheSpecialByteStands() {
    long seed = 11;
    Random random = new Random(seed);
    String[] special = {"\"", "\\", "\n", "\u0001", "\u00e9", "\u20ac"};
    for (int round = 0; round < 500; round++) {
      String[] pairs = new String[2 * (1 + random.nextInt(6))];
      for (int i = 0; i < pairs.length; i++) pairs[i] = (i % 2 == 0 ? "n" + i : "") + "x".repeat(random.nextInt(30));
      if (round % 4 > 0) {
        int which = random.nextInt(pairs.length);
        int at = random.nextInt(pairs[which].length() + 1);
        pairs[which] = pairs[which].substring(0, at) + special[random.nextInt(special.length)] + pairs[which].substring(at);
      }
      JsonNode headers = tree(new EntryBuilder(EntryBuilder.HTTP).map(EntryBuilder.REQUEST_HEADERS, pairs)).at("/request/headers");
      for (int i = 0; i < pairs.length; i += 2) {
        assertThat(headers.get(pairs[i])).as("seed %d round %d, %s", seed, round, java.util.Arrays.toString(pairs)).isNotNull();
        assertThat(headers.get(pairs[i]).asString()).as("seed %d round %d", seed, round).isEqualTo(pairs[i + 1]);
      }
    }
  }

  @Test
  void momentsAreExact() {
    long[] moments = {0, 1, 999_999, 1_000_000, 1_732_370_000_123_456_789L, 1_732_370_000_123_000_789L, 1_732_370_000_000_000_000L, 1_732_370_000_123_050_000L};
    for (long ns : moments) {
      JsonNode node = tree(new EntryBuilder(EntryBuilder.HTTP).time(ns, 5));
      assertThat(node.get("startTime").asString()).isEqualTo(Long.toString(ns));
      java.math.BigDecimal ms = node.get("timestamp").decimalValue();
      assertThat(ms).isEqualByComparingTo(java.math.BigDecimal.valueOf(ns / 1000, 3));
    }
  }

  @Test
  void aMissingResponseIsNullAndAnErrorOnlyWhereDissectSaysSo() {
    EntryBuilder entry = new EntryBuilder(EntryBuilder.HTTP).flags(EntryLayout.FLAG_NO_RESPONSE).time(5, -1).string(EntryBuilder.METHOD, "GET");
    JsonNode silent = tree(entry);
    assertThat(silent.get("response").isNull()).isTrue();
    assertThat(silent.get("elapsedTime").isNull()).isTrue();
    assertThat(silent.has("error")).isFalse();

    JsonNode unanswered = tree(entry.anomalies(Anomaly.UNANSWERED.bit()));
    assertThat(unanswered.at("/error/type").asString()).isEqualTo("pair-not-found");
    assertThat(unanswered.at("/error/message").asString()).contains("No response");
  }

  @Test
  void listsAndTables() {
    JsonNode node = tree(new EntryBuilder(EntryBuilder.DNS).between("2001:db8::1", 5353, "2001:db8::53", 53).list(EntryBuilder.QUESTIONS, "a.example", "b.example")
        .with(Direction.SERVER, out -> {
          out.beginTable(EntryBuilder.ANSWERS);
          out.row("a.example", "A", "300", "192.0.2.1");
          out.row("a.example", "A", "300", "192.0.2.2");
          out.endTable();
        }));
    assertThat(node.get("transport").asString()).isEqualTo("udp");
    assertThat(node.at("/dst/ip").asString()).isEqualTo("2001:db8::53");
    assertThat(node.at("/request/questions").toString()).isEqualTo("[\"a.example\",\"b.example\"]");
    assertThat(node.at("/response/answers/1").toString()).isEqualTo("{\"name\":\"a.example\",\"type\":\"A\",\"ttl\":\"300\",\"data\":\"192.0.2.2\"}");
  }

  @Test
  void bodiesAreDecompressedOnlyWhenAsked() throws IOException {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
      gzip.write("{\"a\":1}".getBytes(StandardCharsets.UTF_8));
    }
    EntryBuilder entry = new EntryBuilder(EntryBuilder.HTTP).body(EntryBuilder.RESPONSE_BODY, "application/json", "gzip", zipped.toByteArray(), 1000);

    JsonNode body = tree(entry).at("/response/body");
    assertThat(body.get("text").asString()).isEqualTo("{\"a\":1}");
    assertThat(body.get("encoding").asString()).isEqualTo("utf8");
    assertThat(body.get("length").asInt()).isEqualTo(7);
    assertThat(body.get("wireLength").asInt()).isEqualTo(zipped.size());
    assertThat(body.get("contentEncoding").asString()).isEqualTo("gzip");

    JsonWriter out = new JsonWriter();
    new EntryJson(EntryBuilder.SCHEMA, EntryBuilder.NAMES, false).write(entry.view(), out);
    JsonNode raw = JsonMapper.shared().readTree(out.toByteArray()).at("/response/body");
    assertThat(raw.get("encoding").asString()).isEqualTo("base64");
    assertThat(Base64.getDecoder().decode(raw.get("text").asString())).isEqualTo(zipped.toByteArray());
  }

  @Test
  void textInAnotherCharsetIsShownAsText() {
    byte[] latin = "caf\u00e9".getBytes(StandardCharsets.ISO_8859_1);
    JsonNode body = tree(new EntryBuilder(EntryBuilder.HTTP).body(EntryBuilder.RESPONSE_BODY, "text/plain; charset=iso-8859-1", "", latin, 1000)).at("/response/body");
    assertThat(body.get("text").asString()).isEqualTo("caf\u00e9");
    byte[] bytes = {0, 1, 2, (byte) 0xff};
    JsonNode binary = tree(new EntryBuilder(EntryBuilder.HTTP).body(EntryBuilder.RESPONSE_BODY, "image/png", "", bytes, 1000)).at("/response/body");
    assertThat(binary.get("encoding").asString()).isEqualTo("base64");
  }

  /** Against a plain grouping by name, for maps on both sides of the size where the algorithm changes. */
  @Test
  void repeatedNamesAreGroupedWhateverTheSize() {
    long seed = 7;
    Random random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      String[] pairs = new String[2 * random.nextInt(round % 10 == 0 ? 400 : 20)];
      java.util.Map<String, java.util.List<String>> expected = new java.util.LinkedHashMap<>();
      for (int i = 0; i < pairs.length; i += 2) {
        pairs[i] = "n" + random.nextInt(1 + random.nextInt(200));
        pairs[i + 1] = "v" + i;
        expected.computeIfAbsent(pairs[i], name -> new java.util.ArrayList<>()).add(pairs[i + 1]);
      }
      JsonNode headers = tree(new EntryBuilder(EntryBuilder.HTTP).map(EntryBuilder.REQUEST_HEADERS, pairs)).at("/request/headers");
      assertThat(headers.propertyNames()).as("seed %d round %d", seed, round).containsExactlyElementsOf(expected.keySet());
      expected.forEach((name, values) -> {
        JsonNode value = headers.get(name);
        if (values.size() == 1) assertThat(value.asString()).isEqualTo(values.getFirst());
        else assertThat(value.toString()).isEqualTo(JsonMapper.shared().writeValueAsString(values));
      });
    }
  }

  @Test
  void fieldsOfAnUnknownProtocolAreStillThere() {
    JsonWriter out = new JsonWriter();
    new EntryJson(new io.kubeshark.core.Schema(java.util.List.of()), EntryBuilder.NAMES, true).write(EntryBuilder.typicalHttp().view(), out);
    JsonNode node = JsonMapper.shared().readTree(out.toByteArray());
    assertThat(node.at("/protocol/name").asString()).isEqualTo("http");
    assertThat(node.at("/request/field_0").asString()).isEqualTo("GET");
  }

  @Test
  void theSameWriterServesEntryAfterEntryWithoutGrowing() {
    JsonWriter out = new JsonWriter(1 << 16);
    var view = EntryBuilder.typicalHttp().view();
    json.write(view, out);
    String first = out.toString();
    for (int i = 0; i < 100; i++) {
      out.clear();
      json.write(view, out);
    }
    assertThat(out.toString()).isEqualTo(first);
    assertThat(out.array()).hasSize(1 << 16);
  }
}
