package io.kubeshark.render;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.Identity;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Who is at both ends, on every surface. */
class EndNamesTest {
  private static final JsonMapper JACKSON = JsonMapper.shared();
  private static final Identity CART = new Identity("cart", "shop", "cart-7c9", "cart", "shop", "node-1", Map.of("app", "cart", "tier", "we\"b"));
  private static final Identity ORDERS = new Identity("orders-very-long-name", "data", "", "orders-very-long-name", "data", "", Map.of());
  private static final Identity EXTERNAL = Identity.external("api.example.org");

  private final EntryJson json = new EntryJson(EntryBuilder.SCHEMA, EntryBuilder.NAMES, true);

  private JsonNode entry(EntryBuilder entry) {
    JsonWriter out = new JsonWriter();
    json.write(entry.view(), out);
    return JACKSON.readTree(out.toByteArray());
  }

  private static JsonNode row(EntryBuilder entry) {
    JsonWriter out = new JsonWriter();
    new RowJson(EntryBuilder.SCHEMA, EntryBuilder.NAMES).write(entry.view(), out);
    return JACKSON.readTree(out.toByteArray());
  }

  @Test
  void theEntrysEndsSayWhatIsKnown() {
    JsonNode entry = entry(EntryBuilder.typicalHttp().named(CART, ORDERS));
    assertThat(entry.get("src").toString()).isEqualTo("{\"ip\":\"127.0.0.1\",\"port\":50412,\"name\":\"cart\",\"namespace\":\"shop\",\"pod\":\"cart-7c9\","
        + "\"service\":\"cart\",\"node\":\"node-1\",\"labels\":{\"app\":\"cart\",\"tier\":\"we\\\"b\"}}");
    assertThat(entry.get("dst").toString()).isEqualTo(
        "{\"ip\":\"127.0.0.1\",\"port\":80,\"name\":\"orders-very-long-name\",\"namespace\":\"data\",\"service\":\"orders-very-long-name\"}");
    assertThat(entry.at("/response/status_code").asInt()).as("the fields before the names").isEqualTo(200);
    assertThat(entry(EntryBuilder.typicalHttp().named(null, EXTERNAL)).get("dst").toString())
        .isEqualTo("{\"ip\":\"127.0.0.1\",\"port\":80,\"name\":\"api.example.org\"}");
  }

  @Test
  void aRowsEndsSayItWithoutLabels() {
    JsonNode row = row(EntryBuilder.typicalHttp().named(CART, null));
    assertThat(row.get("src").toString()).isEqualTo("{\"ip\":\"127.0.0.1\",\"port\":50412,\"name\":\"cart\",\"namespace\":\"shop\",\"pod\":\"cart-7c9\","
        + "\"service\":\"cart\",\"node\":\"node-1\"}");
    assertThat(row.get("dst").toString()).isEqualTo("{\"ip\":\"127.0.0.1\",\"port\":80,\"name\":\"\"}");
    assertThat(row.get("requestSize").asInt()).isEqualTo(412);
  }

  /** Names come, change and go within a connection, and the head that is kept of it must follow. */
  @Test
  void theHeadOfAConnectionFollowsItsNames() {
    long seed = 23;
    Random random = new Random(seed);
    // same lengths, so that only the bytes tell them apart
    Identity[] some = {null, CART, ORDERS, EXTERNAL, Identity.external("api.example.net"), Identity.external("bpi.example.org")};
    for (int round = 0; round < 2000; round++) {
      Identity client = some[random.nextInt(some.length)];
      Identity server = some[random.nextInt(some.length)];
      JsonNode entry = entry(new EntryBuilder(EntryBuilder.HTTP).id(1 + 1024L * random.nextInt(2), round).named(client, server));
      assertThat(entry.at("/src/name").asString("")).as("seed %d round %d", seed, round).isEqualTo(client == null ? "" : client.name());
      assertThat(entry.at("/dst/name").asString("")).as("seed %d round %d", seed, round).isEqualTo(server == null ? "" : server.name());
      assertThat(entry.at("/src/labels").size()).as("seed %d round %d", seed, round).isEqualTo(client == null ? 0 : client.labels().size());
    }
  }

  @Test
  void anEventHasNeitherRequestNorAddress() {
    EntryBuilder event = new EntryBuilder(EntryBuilder.K8S).nowhere().string(EntryBuilder.REASON, "OOMKilled")
        .named(new Identity("cart-7c9", "shop", "cart-7c9", "", "", "node-1", Map.of()), null);
    JsonNode entry = entry(event);
    assertThat(entry.get("kind").asString()).isEqualTo("event");
    assertThat(entry.get("event").toString()).isEqualTo("{\"reason\":\"OOMKilled\"}");
    assertThat(entry.has("transport")).isFalse();
    assertThat(entry.get("request").isNull()).isTrue();
    assertThat(entry.get("response").isNull()).isTrue();
    assertThat(entry.get("src").toString()).isEqualTo("{\"name\":\"cart-7c9\",\"namespace\":\"shop\",\"pod\":\"cart-7c9\",\"node\":\"node-1\"}");
    assertThat(entry.get("dst").toString()).isEqualTo("{}");
    JsonNode row = row(event);
    assertThat(row.get("method").asString()).isEqualTo("OOMKilled");
    assertThat(row.at("/src/ip").asString("-")).isEmpty();
    assertThat(row.at("/src/pod").asString()).isEqualTo("cart-7c9");
    assertThat(row.get("dst").toString()).isEqualTo("{\"ip\":\"\",\"port\":0,\"name\":\"\"}");
    JsonNode oddOne = entry(new EntryBuilder(EntryBuilder.K8S).nowhere().flags(EntryLayout.FLAG_TRUNCATED));
    assertThat(oddOne.get("event").toString()).isEqualTo("{}");
    assertThat(oddOne.get("truncated").asBoolean()).isTrue();
  }

  @Test
  void theDetailPaneHasAClauseForEachName() {
    JsonWriter out = new JsonWriter();
    new Sections(EntryBuilder.SCHEMA).representation(EntryBuilder.typicalHttp().named(CART, EXTERNAL).view(), out);
    JsonNode endpoints = JACKSON.readTree(out.toByteArray()).get("endpoints");
    StringBuilder clauses = new StringBuilder();
    for (JsonNode section : endpoints) {
      clauses.append(section.get("title").asString()).append(':');
      for (JsonNode row : section.get("rows")) clauses.append(' ').append(row.get("name").asString()).append(" {").append(row.get("selector").asString()).append('}');
      clauses.append('\n');
    }
    assertThat(clauses.toString()).isEqualTo("Client: Namespace {src.namespace == \"shop\"} Pod {src.pod.name == \"cart-7c9\"} Service {src.service.name == \"cart\"}"
        + " Node {src.node.name == \"node-1\"} Label app {src.labels[\"app\"] == \"cart\"} Label tier {src.labels[\"tier\"] == \"we\\\"b\"}\n"
        + "Server: DNS name {dst.dns == \"api.example.org\"}\n");
  }

  @Test
  void completionFindsTheValues() {
    String[][] expected = {{"src.pod.name", "cart-7c9"}, {"dst.name", "orders-very-long-name"}, {"namespaces", "shop", "data"}, {"src.labels", "app", "tier"},
      {"local_labels[\"app\"]", "cart"}, {"dst.labels"}, {"src.dns"}, {"dst.service.namespace", "data"}, {"remote_node_name", "node-1"}};
    for (String[] line : expected) {
      java.util.List<String> values = new java.util.ArrayList<>();
      assertThat(EndValues.read(EntryBuilder.typicalHttp().named(CART, ORDERS).view(), line[0], values::add)).as(line[0]).isTrue();
      assertThat(values).as(line[0]).containsExactly(java.util.Arrays.copyOfRange(line, 1, line.length));
    }
    // the capturing node's, and a protocol's own
    for (String other : new String[] {"node.name", "method", "request.headers[\"app\"]", "src.ip", "name.x"}) {
      assertThat(EndValues.read(EntryBuilder.typicalHttp().named(CART, ORDERS).view(), other, value -> { })).as(other).isFalse();
    }
  }

  @Test
  void theTableShowsNamesAndKeepsThePort() {
    StringBuilder out = new StringBuilder();
    Table table = new Table(EntryBuilder.SCHEMA, ZoneOffset.UTC, 120);
    table.write(EntryBuilder.typicalHttp().named(CART, ORDERS).view(), out);
    assertThat(out.toString()).contains(" cart-7c9:50412        orders-very-long-…:80 GET ");
    out.setLength(0);
    table.write(EntryBuilder.typicalHttp().named(EXTERNAL, null).view(), out);
    assertThat(out.toString()).contains(" api.example.org:50412 127.0.0.1:80          GET ");
    out.setLength(0);
    table.write(new EntryBuilder(EntryBuilder.K8S).nowhere().string(EntryBuilder.REASON, "Killing").view(), out);
    assertThat(out.toString()).contains(" K8S      -                     -                     Killing ");
  }

  @Test
  void csvAndHarSayIt() throws IOException {
    StringBuilder line = new StringBuilder();
    new Csv(EntryBuilder.SCHEMA, EntryBuilder.NAMES).write(EntryBuilder.typicalHttp().named(CART, EXTERNAL).view(), line);
    assertThat(line.toString()).endsWith(",,,cart,shop,cart-7c9,cart,node-1,api.example.org,,,,\r\n");
    assertThat(Csv.header()).endsWith("src_name,src_namespace,src_pod,src_service,src_node,dst_name,dst_namespace,dst_pod,dst_service,dst_node\r\n");

    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (Har har = new Har(EntryBuilder.SCHEMA, "1", file)) {
      har.add(EntryBuilder.typicalHttp().named(CART, ORDERS).view());
      har.add(EntryBuilder.typicalHttp().named(null, EXTERNAL).flags(EntryLayout.FLAG_NO_RESPONSE).view());
      har.add(EntryBuilder.typicalHttp().view());
    }
    JsonNode entries = JACKSON.readTree(file.toByteArray()).at("/log/entries");
    assertThat(entries.at("/0/comment").asString()).isEqualTo("shop/cart-7c9 (service cart) → data/orders-very-long-name");
    assertThat(entries.at("/1/comment").asString()).isEqualTo("127.0.0.1 → api.example.org. No response was captured.");
    assertThat(entries.get(2).has("comment")).isFalse();
  }
}
