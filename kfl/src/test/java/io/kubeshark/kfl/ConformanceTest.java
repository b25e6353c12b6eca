package io.kubeshark.kfl;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.core.Anomaly;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntryView;
import io.kubeshark.core.Identity;
import io.kubeshark.core.ProtocolInfo;
import io.kubeshark.core.Schema;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each operator, function and variable, by filters of which it is known whether they hold. */
class ConformanceTest {
  private static final long NOW_NS = 1_700_000_060_000_000_000L;
  private static final Kfl KFL = new Kfl(Entry.SCHEMA, new Kfl.Origin("w1", "node-1", "192.0.2.1"),
      Map.of("https", "tls && http", "slow", "elapsed_time > 100"), () -> NOW_NS);

  private static Entry http() {
    Entry entry = Entry.of("http").set("method", "POST").set("url", "http://shop/api/items?id=7&x=").set("path", "/api/items")
        .map("request.headers", "Host", "shop", "Accept", "text/html", "accept", "text/plain", "X-Tag", "a", "X-Tag", "b")
        .map("query_string", "id", "7", "x", "").json("request.body",
            "{\"user\":{\"name\":\"jo\",\"age\":42,\"tags\":[\"a\",\"b\"]},\"n\":1.5,\"ok\":true,\"nil\":null}")
        .set("status_code", 503L).map("response.headers", "Content-Type", "application/json");
    entry.flags = EntryLayout.FLAG_TRUNCATED;
    entry.statusClass = EntryLayout.StatusClass.ERROR;
    return entry.anomaly(Anomaly.CONFLICTING_LENGTH);
  }

  private static int outcome(String expression, EntryView view) {
    try {
      return KFL.compile(expression).outcome(view);
    } catch (KflException e) {
      throw new AssertionError(expression + ": " + e.getMessage(), e);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {
    // operators
    "http", "!dns", "http && !redis", "dns || http", "status_code == 503", "status_code != 200", "status_code > 502", "status_code >= 503",
        "status_code < 504",
    "status_code <= 503", "500 < status_code", "503 == status_code", "status_code in [500, 503]", "!(status_code in [])",
        "method in [\"GET\", \"POST\"]",
    "(http ? 1 : 2) == 1", "status_code + 1 == 504", "status_code - 3 == 500", "status_code * 2 == 1006", "status_code / 100 == 5",
        "status_code % 100 == 3",
    "-status_code == -503", "-9223372036854775808 < 0", "0x1F7 == status_code", "1.5 < 2.0", "method + \"!\" == \"POST!\"", "[1] + [2] == [1, 2]",
    "method < \"PUT\"", "\"a\" < \"b\" == true", "!!http", "path == '/api/items' // comment", "[1, 2][1] == 2", "{\"a\": 1}[\"a\"] == 1",
        "{\"a\": 1}.a == 1",
    "2 in {1: true, 2: false}", "http == true", "false < true", "r\"\\d\" == \"\\\\d\"", "\"\\u0041\\x42\\103\" == \"ABC\"", "'''a'b''' == \"a'b\"",
    // texts
    "path.contains(\"/api\")", "path.startsWith(\"/api\")", "path.endsWith(\"items\")", "path.matches(\"^/[a-z]+/it\")", "matches(path, \"tem.$\")",
    "path.matches(\"api\")", "path.size() == 10", "size(method) == 4", "\"Grüße\".size() == 5", "method.lowerAscii() == \"post\"",
        "path.upperAscii() == \"/API/ITEMS\"",
    "path.contains(\"\")", "path.matches(method == \"POST\" ? \"^/api\" : \"x\")", "\"abc\".contains(method == \"POST\" ? \"b\" : \"x\")",
    // maps and lists
    "request.headers[\"Host\"] == \"shop\"", "request.headers[\"host\"] == \"shop\"", "request.headers.host == \"shop\"",
        "\"HOST\" in request.headers",
    "request.headers[\"X-Tag\"] == \"a, b\"", "request.headers[\"ACCEPT\"] == \"text/html, text/plain\"",
        "request.headers[\"accept\"] == \"text/plain\"",
    "has(request.headers.host)", "!has(request.headers.cookie)", "size(request.headers) == 4",
        "map_get(request.headers, \"nope\", \"dflt\") == \"dflt\"",
    "map_get(request.headers, \"host\", \"\") == \"shop\"", "query_string[\"id\"] == \"7\"", "query_string.x == \"\"",
        "int(query_string[\"id\"]) == 7",
    "request.headers.exists(h, h.startsWith(\"X-\"))", "request.headers.all(h, h.size() > 3)", "request.headers.exists_one(h, h == \"Host\")",
    "[1, 2, 3].exists(x, x > 2)", "[1, 2, 3].all(x, x > 0)", "[1, 2, 3].filter(x, x > 1).size() == 2", "[1, 2].map(x, x * 2) == [2, 4]",
    "[[1], [2]].exists(x, x.exists(y, y == 2))", "map_get({1: 2}, 3, 4) == 4",
    // json
    "request.body.json(\"$.user.name\") == \"jo\"", "request.body.json(\"$.user.age\") > 41", "json(request.body, \"$.n\") == 1.5",
        "json(request.body, \"$.ok\")",
    "json(request.body, \"$.nil\") == null", "\"b\" in request.body.json(\"$.user.tags\")", "request.body.json(\"$.user.tags[1]\") == \"b\"",
    "request.body.json(\"$.user\").age == 42", "request.body.json(\"$['user']['name']\").contains(\"j\")",
        "request.body.json(\"user.age\") in [1, 42]",
    "request.body.contains(\"\\\"age\\\":42\")", "size(request.body.json(\"$.user.tags[*]\")) == 2", "request.body.json(\"$.user.age\") == 42.0",
    // time
    "timestamp == timestamp(\"2023-11-14T22:13:20.123456789Z\")", "timestamp > timestamp(1700000000)", "timestamp < now()",
        "timestamp > now - duration(\"1m\")",
    "now() - timestamp < duration(\"1m\")", "duration(\"1h30m\") == duration(\"90m\")", "duration(\"1.5s\") > duration(\"-250ms\")",
        "timestamp.getFullYear() == 2023",
    "timestamp.getMonth() == 10", "timestamp.getDate() == 14", "timestamp.getHours() == 22", "timestamp.getDayOfWeek() == 2",
        "duration(\"90m\").getHours() == 1",
    "timestamp + duration(\"1s\") > timestamp", "string(duration(\"1.5s\")) == \"1.5s\"", "int(timestamp) == 1700000000",
    // conversions
    "string(status_code) == \"503\"", "int(\"12\") == 12", "int(2.9) == 2", "double(\"1.5\") == 1.5", "double(status_code) == 503.0",
        "dyn(status_code) == 503.0",
    "string(true) == \"true\"", "double(response_size) / 2.0 > 2283.0",
    // identity and network
    "id == \"w1/12-3\"", "conn_id == \"w1/12\"", "flow_id == conn_id", "stream == 12", "index == 3", "worker == \"w1\"", "node.name == \"node-1\"",
    "node_name == node_id", "node_ip == \"192.0.2.1\"", "protocol == \"http\"", "kind == \"exchange\"", "elapsed_time == 812",
        "src.ip == \"10.1.2.3\"",
    "dst.ip == \"2001:db8::1\"", "src.port == 50412", "dst.port == 80", "vlan == 7", "transport == \"tcp\"", "ip_in(src.ip, \"10.0.0.0/8\")",
    "ip_in(dst.ip, \"2001:db8::/32\")", "!ip_in(src.ip, \"10.1.2.4\")", "ip_in(\"10.1.2.3\", \"10.1.2.3/32\")", "!ip_in(\"nobody\", \"::/0\")",
        "ip_in(src.ip, \"0.0.0.0/0\")",
    "!ip_in(dst.ip, \"0.0.0.0/0\")", "ip_in(src.ip, \"::/0\")", "capture_source == \"af_packet\"", "capture.backend == \"af_packet\"",
        "capture_source_code == 1",
    "src.name == \"\"", "src.pod.namespace == \"\"", "!(\"shop\" in namespaces)", "local_labels.size() == 0", "remote_process_name == \"\"",
        "pods == []",
    // outcome
    "request_size == 123", "response_size == 4567", "lost_bytes == 0", "status_class == \"error\"", "\"conflicting-length\" in anomalies",
        "!(\"after-gap\" in anomalies)",
    "anomalies.exists(a, a.endsWith(\"length\"))", "truncated", "!incomplete", "!after_gap", "!no_request", "!unanswered",
    // what an HTTP entry does not have
    "redis_key == \"\"", "dns_questions == []", "!dns_request", "dns_answers.size() == 0", "ledger.size() == 0", "conn_state == \"\"", "!tls",
        "!https", "slow",
    // && and || absorb errors in either order
    "http || 1 / 0 == 1", "1 / 0 == 1 || http", "!(dns && 1 / 0 == 1)", "!(1 / 0 == 1 && dns)", "[1, 0].exists(x, 1 / x == 1)",
        "!([1, 0].all(x, 1 / x == 2))"})
  void holds(String expression) {
    assertThat(outcome(expression, http().view())).as(expression).isEqualTo(Node.TRUE);
    assertThat(outcome("!(" + expression.replaceAll(" //.*", "") + ")", http().view())).as("not " + expression).isEqualTo(Node.FALSE);
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "request.headers[\"nope\"] == \"\"", "request.headers.nope != \"a\"", "1 / 0 == 0", "1 % (status_code - 503) == 0",
        "9223372036854775807 + status_code > 0",
    "-9223372036854775808 - status_code < 0", "4611686018427387904 * (status_code - 501) > 0", "[1][status_code] == 1", "[1][0 - 1] == 1",
        "int(method) == 1",
    "request.body.json(\"$.nope\") == 1", "request.body.json(\"$.user.tags[2]\") == \"c\"", "request.body.json(\"$.user.name\") > 1",
    "request.body.json(\"$.user.name.x\") == 1", "path.json(\"$\") == \"\"", "method.matches(path + \"(\")", "timestamp(method) < now",
        "request.body.json(\"$.user\").nope == 1",
    "http && request.headers.nope == \"\"", "dns || request.headers.nope == \"\"", "!(1 / 0 == 0)", "(1 / 0 == 0) ? true : true",
        "[0, 1].exists(x, 1 / x == 2)",
    "[1, 0].map(x, 1 / x) == [1]", "dyn(method) && true", "timestamp + duration(\"2400000h\") > now", "{\"a\": 1}.b == 1", "ip_in(src.ip, path)",
    "1 / 0 + (1 / 0 == 0 && dns ? 1 : 2) == 2"})
  void isAnErrorAndDoesNotMatch(String expression) throws KflException {
    assertThat(outcome(expression, http().view())).as(expression).isEqualTo(Node.ERROR);
    assertThat(KFL.compile(expression).test(http().view())).isFalse();
  }

  @Test
  void otherProtocols() {
    EntryView dns = Entry.of("dns").list("dns_questions", "a.shop.svc", "b").list("dns_question_types", "A", "AAAA").set("dns_request", true)
        .answer("a.shop.svc", "A", "10.0.0.9").view();
    for (String expression : new String[] {"dns && !http", "\"AAAA\" in dns_question_types", "dns_questions.exists(q, q.endsWith(\".svc\"))",
        "dns_request",
        "dns_answers.exists(a, a.type == \"A\" && a.data.startsWith(\"10.\"))", "dns_answers[0].name == dns_questions[0]", "status_code == 0",
            "path == \"\"",
        "request.headers.size() == 0", "request.body == \"\"", "size(dns_questions) == 2"}) {
      assertThat(outcome(expression, dns)).as(expression).isEqualTo(Node.TRUE);
    }
    EntryView redis = Entry.of("redis").set("redis_command", "GET").set("redis_key", "user:1").set("status_code", 2L).view();
    assertThat(outcome("redis && redis_key.startsWith(\"user:\") && status_code == 2", redis)).isEqualTo(Node.TRUE);
    EntryView connection = Entry.of("tcp-conn").set("conn_state", "reset").list("conn_l7_detected", "http").map("ledger", "headers", "120", "gap",
        "7").view();
    for (String expression : new String[] {"conn && tcp_conn && tcp && !udp_conn && !flow", "conn_state == \"reset\"", "ledger[\"gap\"] > 6",
        "ledger.gap + ledger.headers == 127",
        "\"http\" in conn_l7_detected", "kind == \"connection\"", "!(\"resync\" in ledger)", "map_get(ledger, \"resync\", 0) == 0"}) {
      assertThat(outcome(expression, connection)).as(expression).isEqualTo(Node.TRUE);
    }
    assertThat(outcome("ledger[\"resync\"] == 0", connection)).isEqualTo(Node.ERROR);
  }

  private static final Identity CART =
      new Identity("cart", "shop", "cart-7c9", "cart", "shop", "node-2", Map.of("app", "cart", "app.kubernetes.io/name", "c"));
  private static final Identity ORDERS = new Identity("orders", "data", "orders-0", "orders", "data", "node-1", Map.of("app", "orders"));

  @ParameterizedTest
  @ValueSource(strings = {
    "\"shop\" in namespaces && src.pod.name.startsWith(\"cart\")", "namespaces == [\"shop\", \"data\"]", "pods == [\"cart-7c9\", \"orders-0\"]",
    "services.exists(s, s == \"orders\")", "!(\"cart\" in pods)", "src.name == \"cart\" && dst.name == \"orders\"", "src.namespace == \"shop\"",
    "dst.pod.namespace == \"data\"", "dst.service.name == \"orders\" && dst.service.namespace == \"data\"", "src.node.name == \"node-2\"",
    "dst.node.name == node.name", "local_node_name == \"node-1\" && remote_node_name == \"node-2\"", "local_labels.app == \"orders\"",
    "remote_labels[\"app.kubernetes.io/name\"] == \"c\"", "\"app\" in src.labels && !(\"tier\" in src.labels)", "src.labels.size() == 2",
    "map_get(dst.labels, \"tier\", \"none\") == \"none\"", "has(src.labels.app)", "src.dns == \"\"", "dns_resolutions == []", "local_annotations.size() == 0",
    "status_code == 503 && response.headers.size() == 1"})
  void namesOfBothEnds(String expression) {
    EntryView view = http().between(CART, ORDERS).view();
    assertThat(outcome(expression, view)).as(expression).isEqualTo(Node.TRUE);
    assertThat(outcome("!(" + expression + ")", view)).as("not " + expression).isEqualTo(Node.FALSE);
  }

  @Test
  void aServiceWithoutAPodAndAnExternalHost() {
    Identity service = new Identity("orders", "data", "", "orders", "data", "", Map.of());
    EntryView view = http().between(Identity.external("api.example.org"), service).view();
    for (String expression : new String[] {"src.dns == \"api.example.org\" && src.name == src.dns", "dst.dns == \"\"", "dst.pod.name == \"\"",
      "dst.pod.namespace == \"data\"", "dns_resolutions == [\"api.example.org\"]", "local_labels.size() == 0", "local_node_name == \"\"",
      "namespaces == [\"data\"]"}) {
      assertThat(outcome(expression, view)).as(expression).isEqualTo(Node.TRUE);
    }
    assertThat(outcome("src.labels.app == \"a\"", view)).isEqualTo(Node.ERROR);
  }

  @Test
  void localIsTheServerWhereBothEndsAreHere() {
    Identity here = new Identity("a", "shop", "a", "", "", "node-1", Map.of("app", "a"));
    assertThat(outcome("local_labels.app == \"orders\" && remote_labels.app == \"a\"", http().between(here, ORDERS).view())).isEqualTo(Node.TRUE);
    assertThat(outcome("local_labels.app == \"a\" && remote_labels.app == \"cart\"", http().between(here, CART).view())).isEqualTo(Node.TRUE);
  }

  /** A protocol that is no network protocol brings its variables and flags by its description alone. */
  @Test
  void eventsOfTheCluster() throws KflException {
    List<ProtocolInfo> all = new java.util.ArrayList<>(Entry.SCHEMA.protocols());
    all.add(Entry.K8S);
    Kfl kfl = new Kfl(new Schema(all), "node-1");
    EntryView view = Entry.event().set("event_reason", "OOMKilled").between(CART, null).view();
    for (String expression : new String[] {"event && k8s && !http", "kind == \"event\"", "event_reason == \"OOMKilled\"", "protocol == \"k8s\"",
      "src.pod.name == \"cart-7c9\" && \"shop\" in namespaces"}) {
      assertThat(kfl.compile(expression).test(view)).as(expression).isTrue();
      assertThat(kfl.compile("!(" + expression + ")").test(view)).as(expression).isFalse();
    }
    assertThat(kfl.compile("event || event_reason != \"\"").test(http().view())).isFalse();
  }

  @Test
  void tlsIsAlsoDecryptedTraffic() {
    Entry entry = http();
    entry.flags |= EntryLayout.FLAG_TLS;
    assertThat(outcome("tls && http && https", entry.view())).isEqualTo(Node.TRUE);
  }

  @Test
  void bodiesAreDecodedText() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write("{\"city\":\"Köln\"}".getBytes(StandardCharsets.UTF_8));
    }
    Entry entry = Entry.of("http").body("request.body", out.toByteArray(), "application/json", "gzip")
        .body("response.body", "Grüße".getBytes(StandardCharsets.ISO_8859_1), "text/plain; charset=iso-8859-1", "");
    assertThat(outcome("request.body.json(\"$.city\") == \"Köln\" && request.body.size() == 15", entry.view())).isEqualTo(Node.TRUE);
    assertThat(outcome("response.body == \"Grüße\"", entry.view())).isEqualTo(Node.TRUE);
    // one filter, several entries: nothing is kept from the one before
    Filter filter = KFL.compile("request.body.contains(\"city\") || request.body.contains(\"x\")");
    assertThat(filter.test(entry.view())).isTrue();
    assertThat(filter.test(Entry.of("http").view())).isFalse();
    assertThat(filter.test(entry.view())).isTrue();
  }

  @Test
  void anEmptyFilterLetsEverythingThrough() throws KflException {
    for (String blank : new String[] {null, "", " \n"}) {
      Filter filter = KFL.compile(blank);
      assertThat(filter.isEmpty()).isTrue();
      assertThat(filter.test(Entry.of("dns").view())).isTrue();
    }
  }

  @Test
  void everyFlagOfTheLanguageIsKnown() throws KflException {
    for (String flag : "http dns tls tcp udp sctp icmp ws redis kafka amqp ldap radius diameter mongodb mysql postgresql grpc gql gqlv1 gqlv2 event k8s conn flow tcp_conn udp_conn tcp_flow udp_flow"
        .split(" ")) {
      assertThat(KFL.compile(flag).test(http().view())).as(flag).isEqualTo(flag.equals("http"));
    }
  }

  @Test
  void everyExampleOfTheReferenceCompiles() throws KflException {
    for (Variable variable : KFL.variables()) KFL.compile(variable.example());
    for (Function function : KFL.functions()) KFL.compile(function.example());
  }

  @Test
  void damagedRecordsDoNotMatch() throws KflException {
    byte[] record = http().between(CART, ORDERS).record();
    EntryView view = new EntryView();
    Filter filter = KFL.compile("request.headers[\"nope\"] == \"x\" || path.contains(\"zzz\") || request.body.contains(\"zzz\") || size(query_string) > 99 || \"zzz\" in pods"
        + " || src.labels.size() > 99 || local_labels[\"zzz\"] == \"\"");
    java.util.Random random = new java.util.Random(5);
    for (int round = 0; round < 2000; round++) {
      byte[] damaged = record.clone();
      int at = EntryLayout.HEADER_LENGTH + random.nextInt(record.length - EntryLayout.HEADER_LENGTH);
      damaged[at] ^= (byte) (1 << random.nextInt(4)); // small, so that lengths stay positive
      if (view.wrap(damaged, 0, damaged.length)) filter.test(view);
    }
  }
}
