package io.kubeshark.render;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.core.Anomaly;
import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.Ledger;
import io.kubeshark.core.LedgerCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Rows, sections, exports. */
class RowsTest {
  private static final JsonMapper JACKSON = JsonMapper.shared();

  private static String row(EntryBuilder entry) {
    JsonWriter out = new JsonWriter();
    new RowJson(EntryBuilder.SCHEMA, EntryBuilder.NAMES).write(entry.view(), out);
    return out.toString();
  }

  @Test
  void aRowAsAWhole() {
    EntryBuilder entry = EntryBuilder.typicalHttp().flags(EntryLayout.FLAG_TRUNCATED | EntryLayout.FLAG_AFTER_GAP);
    assertThat(row(entry)).isEqualTo("{\"id\":\"local/12-3\",\"seq\":4711,\"conn\":\"local/12\",\"protocol\":\"http\",\"kind\":\"exchange\",\"method\":\"GET\","
        + "\"status\":\"200\",\"statusClass\":\"ok\",\"summary\":\"/api/v1/orders/12345?expand=items\",\"timestamp\":1732370000123.456,"
        + "\"startTime\":\"1732370000123456789\",\"elapsedUs\":812,\"src\":{\"ip\":\"127.0.0.1\",\"port\":50412,\"name\":\"\"},"
        + "\"dst\":{\"ip\":\"127.0.0.1\",\"port\":80,\"name\":\"\"},\"requestSize\":412,\"responseSize\":612,\"node\":\"vm\",\"tls\":false,"
        + "\"flags\":[\"afterGap\",\"truncated\"]}");
  }

  @Test
  void aRowsTextIsBoundedAndListsAreJoined() {
    JsonNode dns = JACKSON.readTree(row(new EntryBuilder(EntryBuilder.DNS).list(EntryBuilder.QUESTIONS, "a.example", "b.example")));
    assertThat(dns.get("summary").asString()).isEqualTo("a.example, b.example");
    assertThat(dns.get("method").asString()).isEmpty();
    JsonNode longUrl = JACKSON.readTree(row(new EntryBuilder(EntryBuilder.HTTP).string(EntryBuilder.URL, "/" + "x".repeat(10_000))));
    assertThat(longUrl.get("summary").asString()).hasSize(RowJson.SUMMARY_BYTES_MAX);
  }

  @Test
  void sectionsCarryAClauseForEachRow() {
    EntryBuilder entry = new EntryBuilder(EntryBuilder.HTTP)
        .string(EntryBuilder.METHOD, "G\"E\\T\n").string(EntryBuilder.REQUEST_VERSION, "HTTP/1.1")
        .map(EntryBuilder.REQUEST_HEADERS, "Host", "a\"b")
        .integer(EntryBuilder.STATUS, 404)
        .with(Direction.SERVER, out -> out.boolField(EntryBuilder.KEEP_ALIVE, false));
    JsonWriter out = new JsonWriter();
    new Sections(EntryBuilder.SCHEMA).representation(entry.view(), out);
    assertThat(out.toString()).isEqualTo("{\"request\":[{\"title\":\"Details\",\"type\":\"table\",\"rows\":["
        + "{\"name\":\"Method\",\"value\":\"G\\\"E\\\\T\\n\",\"selector\":\"method == \\\"G\\\\\\\"E\\\\\\\\T\\\\n\\\"\"},"
        + "{\"name\":\"Version\",\"value\":\"HTTP/1.1\",\"selector\":null}]},"
        + "{\"title\":\"Headers\",\"type\":\"table\",\"rows\":[{\"name\":\"Host\",\"value\":\"a\\\"b\",\"selector\":\"request.headers[\\\"Host\\\"] == \\\"a\\\\\\\"b\\\"\"}]}],"
        + "\"response\":[{\"title\":\"Details\",\"type\":\"table\",\"rows\":[{\"name\":\"Status\",\"value\":\"404\",\"selector\":\"status_code == 404\"},"
        + "{\"name\":\"Keep alive\",\"value\":\"false\",\"selector\":\"!keep_alive\"}]}]}");
  }

  @Test
  void sectionsOfBodiesListsAndTables() {
    EntryBuilder dns = new EntryBuilder(EntryBuilder.DNS).list(EntryBuilder.QUESTIONS, "a.example").with(Direction.SERVER, out -> {
      out.beginTable(EntryBuilder.ANSWERS);
      out.row("a.example", "A", "", "192.0.2.1");
      out.endTable();
    });
    JsonWriter out = new JsonWriter();
    new Sections(EntryBuilder.SCHEMA).representation(dns.view(), out);
    JsonNode sections = JACKSON.readTree(out.toByteArray());
    assertThat(sections.at("/request/0/rows/0/selector").asString()).isEqualTo("\"a.example\" in dns_questions");
    assertThat(sections.at("/response/0/rows/0/name").asString()).isEqualTo("a.example");
    assertThat(sections.at("/response/0/rows/0/value").asString()).isEqualTo("type A, data 192.0.2.1");

    out.clear();
    byte[] form = "a=1&b=%22".getBytes(StandardCharsets.UTF_8);
    new Sections(EntryBuilder.SCHEMA).representation(
        new EntryBuilder(EntryBuilder.HTTP).body(EntryBuilder.REQUEST_BODY, "application/x-www-form-urlencoded", "", form, 1000).view(), out);
    JsonNode request = JACKSON.readTree(out.toByteArray()).get("request");
    assertThat(request.at("/0/rows/1/value").asString()).isEqualTo("\"");
    assertThat(request.at("/1/type").asString()).isEqualTo("body");
    assertThat(request.at("/1/body").asString()).isEqualTo("a=1&b=%22");
    assertThat(request.at("/1/selector").asString()).isEqualTo("request.body");
    assertThat(request.at("/1/note").isNull()).isTrue();
  }

  @Test
  void bytesThatAreNoTextGetNoClause() {
    byte[] bytes = {'a', (byte) 0xff};
    EntryBuilder entry = new EntryBuilder(EntryBuilder.HTTP).with(Direction.CLIENT, out -> out.stringField(EntryBuilder.METHOD, bytes, 0, 2));
    JsonWriter out = new JsonWriter();
    new Sections(EntryBuilder.SCHEMA).representation(entry.view(), out);
    assertThat(JACKSON.readTree(out.toByteArray()).at("/request/0/rows/0/selector").isNull()).isTrue();
  }

  @Test
  void harHasWhatTheStandardDemands() throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (Har har = new Har(EntryBuilder.SCHEMA, "1", file)) {
      har.add(EntryBuilder.typicalHttp().view());
      har.add(new EntryBuilder(EntryBuilder.DNS).list(EntryBuilder.QUESTIONS, "a").view());
      har.add(new EntryBuilder(EntryBuilder.HTTP).flags(EntryLayout.FLAG_NO_RESPONSE).string(EntryBuilder.METHOD, "POST").string(EntryBuilder.URL, "/p")
          .body(EntryBuilder.REQUEST_BODY, "image/png", "", new byte[] {0, (byte) 0xff}, 9).view());
      har.add(new EntryBuilder(EntryBuilder.HTTP).flags(EntryLayout.FLAG_NO_REQUEST).integer(EntryBuilder.STATUS, 200).view());
    }
    JsonNode log = JACKSON.readTree(file.toByteArray()).get("log");
    assertThat(log.get("version").asString()).isEqualTo("1.2");
    assertThat(log.at("/creator/name").asString()).isEqualTo("kubeshark");
    assertThat(log.get("comment").asString()).startsWith("2 entries");
    assertThat(log.get("entries").size()).isEqualTo(2);
    for (JsonNode entry : log.get("entries")) {
      assertThat(entry.propertyNames()).contains("startedDateTime", "time", "request", "response", "cache", "timings");
      assertThat(entry.get("timings").propertyNames()).containsExactlyInAnyOrder("send", "wait", "receive");
      assertThat(entry.get("request").propertyNames())
          .contains("method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize");
      assertThat(entry.get("response").propertyNames())
          .contains("status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL", "headersSize", "bodySize");
      assertThat(entry.at("/response/content").propertyNames()).contains("size", "mimeType");
      double sum = entry.at("/timings/send").asDouble() + entry.at("/timings/wait").asDouble() + entry.at("/timings/receive").asDouble();
      assertThat(entry.get("time").asDouble()).isCloseTo(sum, org.assertj.core.data.Offset.offset(0.0011));
    }
    JsonNode first = log.at("/entries/0");
    assertThat(first.get("startedDateTime").asString()).isEqualTo("2024-11-23T13:53:20.123456Z");
    assertThat(first.at("/request/url").asString()).isEqualTo("http://orders.shop.svc.cluster.local/api/v1/orders/12345?expand=items");
    assertThat(first.at("/request/headers/0").toString()).isEqualTo("{\"name\":\"Host\",\"value\":\"orders.shop.svc.cluster.local\"}");
    assertThat(first.at("/request/queryString/0/value").asString()).isEqualTo("items");
    assertThat(first.at("/response/status").asInt()).isEqualTo(200);
    assertThat(first.at("/response/content/text").asString()).startsWith("{\"id\":12345");
    JsonNode second = log.at("/entries/1");
    assertThat(second.at("/request/url").asString()).isEqualTo("http://127.0.0.1:80/p");
    assertThat(second.at("/request/postData/encoding").asString()).isEqualTo("base64");
    assertThat(second.at("/response/status").asInt()).isZero();
    assertThat(second.get("comment").asString()).contains("No response");
  }

  @Test
  void aLongHarIsFlushedOnTheWayAndStaysOneDocument() throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (Har har = new Har(EntryBuilder.SCHEMA, "1", file)) {
      for (int i = 0; i < 500; i++) har.add(EntryBuilder.typicalHttp().id(1, i).view());
      assertThat(file.size()).isGreaterThan(64 << 10);
    }
    assertThat(JACKSON.readTree(file.toByteArray()).at("/log/entries").size()).isEqualTo(500);
  }

  @Test
  void csvQuotesAndDefusesFormulas() {
    StringBuilder out = new StringBuilder();
    new Csv(EntryBuilder.SCHEMA, EntryBuilder.NAMES).write(
        new EntryBuilder(EntryBuilder.HTTP).id(1, 2).anomalies(Anomaly.PUSH.bit()).string(EntryBuilder.METHOD, "=cmd|' /C calc'!A0")
            .string(EntryBuilder.URL, "/a,\"b\"").integer(EntryBuilder.STATUS, 200).sizes(1, 2, 0).view(), out);
    assertThat(out.toString()).isEqualTo("local/1-2,2024-11-23T13:53:20.123456Z,http,exchange,\"'=cmd|' /C calc'!A0\",200,ok,\"/a,\"\"b\"\"\","
        + "127.0.0.1,50412,127.0.0.1,80,812,1,2,vm,false,,push,,,,,,,,,,\r\n");
    assertThat(out.toString().split(",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", -1)).hasSameSizeAs(Csv.header().split(","));
    for (String start : new String[] {"=", "+", "-", "@", "\t", "\r"}) {
      assertThat(Csv.text(start + "x", new StringBuilder()).toString()).isEqualTo("\"'" + start + "x\"");
    }
  }

  @Test
  void theTableNeverDrivesTheTerminal() {
    StringBuilder out = new StringBuilder();
    Table table = new Table(EntryBuilder.SCHEMA, ZoneOffset.UTC, 120);
    table.write(new EntryBuilder(EntryBuilder.HTTP).string(EntryBuilder.METHOD, "GET").string(EntryBuilder.URL, "/\u001b[2J\u202e" + "y".repeat(200)).view(), out);
    assertThat(out.toString()).startsWith("13:53:20.123456 HTTP     127.0.0.1:50412       127.0.0.1:80          GET ").contains("/·[2J·y")
        .doesNotContain("\u001b").endsWith("…\n");
    assertThat(table.header().indexOf("METHOD")).isEqualTo(out.indexOf("GET"));
    assertThat(table.header().indexOf("SUMMARY")).isEqualTo(out.indexOf("/·"));
  }

  @Test
  void ledgerShowsWhatWasBookedTwice() {
    Ledger ledger = new Ledger();
    ledger.wire(100);
    ledger.add(LedgerCode.MESSAGES, 60);
    ledger.add(LedgerCode.GAP, 30, 2);
    JsonWriter out = new JsonWriter();
    LedgerJson.write(ledger, out);
    JsonNode node = JACKSON.readTree(out.toByteArray());
    assertThat(node.get("accounts").size()).isEqualTo(2);
    assertThat(node.at("/accounts/1/class").asString()).isEqualTo("lost");
    assertThat(node.at("/accounts/1/packets").asInt()).isEqualTo(2);
    assertThat(node.get("pending").asInt()).isEqualTo(10);
    assertThat(node.get("balanced").asBoolean()).isTrue();

    ledger.add(LedgerCode.MESSAGES, 20);
    out.clear();
    LedgerJson.write(ledger, out);
    assertThat(JACKSON.readTree(out.toByteArray()).get("balanced").asBoolean()).isFalse();

    out.clear();
    LedgerJson.totals(ledger, out);
    assertThat(out.toString()).isEqualTo("{\"wire\":100,\"dissected\":80,\"opaque\":0,\"lost\":30,\"pending\":-10}");
  }

  @Test
  void theSchemaNamesTheVariablesOfARow() {
    JsonWriter out = new JsonWriter();
    out.beginObject();
    SchemaJson.members(EntryBuilder.SCHEMA, out);
    out.endObject();
    JsonNode node = JACKSON.readTree(out.toByteArray());
    assertThat(node.at("/protocols/0/rowVariables").toString()).isEqualTo("{\"method\":\"method\",\"status\":\"status_code\",\"summary\":\"url\"}");
    assertThat(node.at("/anomalies/0/title").asString()).isEqualTo("After gap");
    assertThat(node.get("ledger").size()).isEqualTo(LedgerCode.count());
  }
}
