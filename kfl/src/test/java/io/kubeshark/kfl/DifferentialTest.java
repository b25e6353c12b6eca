package io.kubeshark.kfl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import io.kubeshark.core.Anomaly;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.Identity;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The same expressions, the same entries, by us and by CEL's own compiler and runtime: the same outcome, errors included. The runtime is
 * CEL's interpreter; its newer planner (0.14) takes an error on one side of == for a value.
 */
class DifferentialTest {
  /** CEL takes some milliseconds for each; -Dkfl.expressions=20000 for a long run. */
  private static final int EXPRESSIONS = Integer.getInteger("kfl.expressions", Boolean.getBoolean("kubeshark.fast") ? 100 : 800);
  private static final Map<String, Vocabulary.Declared> NAMES = new Vocabulary(Entry.SCHEMA).byName();
  private static final Kfl KFL = new Kfl(Entry.SCHEMA, "local");

  private static CelCompiler compiler() {
    CelCompilerBuilder builder = CelCompilerFactory.standardCelCompilerBuilder().setStandardMacros(CelStandardMacro.STANDARD_MACROS).setResultType(SimpleType.BOOL)
        .setOptions(CelOptions.current().build());
    NAMES.forEach((name, declared) -> builder.addVar(name, celType(declared.type())));
    return builder.build();
  }

  private static CelType celType(Type type) {
    return switch (type.kind()) {
      case BOOL -> SimpleType.BOOL;
      case INT -> SimpleType.INT;
      case DOUBLE -> SimpleType.DOUBLE;
      case STRING -> SimpleType.STRING;
      case TIMESTAMP -> SimpleType.TIMESTAMP;
      case DURATION -> SimpleType.DURATION;
      case NULL -> SimpleType.NULL_TYPE;
      case DYN -> SimpleType.DYN;
      case LIST -> ListType.create(celType(type.element()));
      case MAP -> MapType.create(celType(type.key()), celType(type.element()));
    };
  }

  /** What the entry's variables are, not by way of the code under test. */
  private static Map<String, Object> values(Entry entry, String protocol) {
    Map<String, Object> values = new HashMap<>();
    NAMES.forEach((name, declared) -> values.put(name, nothing(declared.type())));
    values.putAll(entry.values);
    values.put(protocol.equals("tcp-conn") ? "conn" : protocol, true);
    values.put("protocol", protocol);
    values.put("truncated", (entry.flags & EntryLayout.FLAG_TRUNCATED) != 0);
    values.put("src.ip", entry.src);
    values.put("dst.port", (long) entry.dstPort);
    values.put("request_size", entry.requestSize);
    values.put("index", (long) entry.index);
    values.put("status_class", entry.statusClass.text());
    values.put("timestamp", Instant.ofEpochSecond(0, entry.startNs));
    List<String> anomalies = new ArrayList<>();
    for (Anomaly anomaly : Anomaly.values()) if ((entry.anomalies & anomaly.bit()) != 0) anomalies.add(anomaly.code);
    values.put("anomalies", anomalies);
    ends(entry.client, entry.server, values);
    return values;
  }

  /** Who is at the ends, by what each name means and not by what a record holds. The entries are captured on the node "local". */
  private static void ends(Identity client, Identity server, Map<String, Object> values) {
    Identity nobody = new Identity("", "", "", "", "", "", Map.of());
    Identity src = client == null ? nobody : client;
    Identity dst = server == null ? nobody : server;
    end("src", src, values);
    end("dst", dst, values);
    boolean served = dst.node().equals("local");
    values.put("local_labels", headers(served ? dst : src));
    values.put("remote_labels", headers(served ? src : dst));
    values.put("local_node_name", (served ? dst : src).node());
    values.put("remote_node_name", (served ? src : dst).node());
    values.put("namespaces", both(src.namespace(), dst.namespace()));
    values.put("pods", both(src.pod(), dst.pod()));
    values.put("services", both(src.service(), dst.service()));
    values.put("dns_resolutions", both(isExternal(src) ? src.name() : "", isExternal(dst) ? dst.name() : ""));
  }

  private static void end(String end, Identity who, Map<String, Object> values) {
    values.put(end + ".name", who.name());
    values.put(end + ".namespace", who.namespace());
    values.put(end + ".dns", isExternal(who) ? who.name() : "");
    values.put(end + ".pod.name", who.pod());
    values.put(end + ".pod.namespace", who.namespace());
    values.put(end + ".service.name", who.service());
    values.put(end + ".service.namespace", who.serviceNamespace());
    values.put(end + ".node.name", who.node());
    values.put(end + ".labels", headers(who));
  }

  private static boolean isExternal(Identity who) {
    return who.pod().isEmpty() && who.service().isEmpty() && who.node().isEmpty();
  }

  private static Map<String, Object> headers(Identity who) {
    Map<String, Object> labels = new Entry.Headers();
    labels.putAll(new java.util.TreeMap<>(who.labels()));
    return labels;
  }

  private static List<String> both(String a, String b) {
    return java.util.stream.Stream.of(a, b).filter(name -> !name.isEmpty()).distinct().toList();
  }

  private static final Identity[] PEOPLE = {
    null, Identity.external("api.example.org"), new Identity("GET", "shop", "GET", "", "", "local", Map.of("host", "7", "GET", "/api")),
    new Identity("cart", "shop", "cart-7", "cart", "shop", "far", Map.of("a", "b")), new Identity("7", "data", "", "7", "data", "", Map.of()),
    new Identity("local", "", "", "", "", "local", Map.of())};

  private static Object nothing(Type type) {
    return switch (type.kind()) {
      case BOOL -> false;
      case INT -> 0L;
      case DOUBLE -> 0.0;
      case STRING -> "";
      case TIMESTAMP -> Instant.EPOCH;
      case DURATION -> Duration.ZERO;
      case LIST -> List.of();
      case MAP -> Map.of();
      case NULL, DYN -> throw new AssertionError(type);
    };
  }

  private static Entry entry(Random random, String protocol) {
    Entry entry = Entry.of(protocol);
    entry.dstPort = random.nextInt(65536);
    entry.index = random.nextInt(3);
    entry.requestSize = random.nextInt(500);
    entry.flags = random.nextBoolean() ? EntryLayout.FLAG_TRUNCATED : 0;
    entry.startNs = (1_500_000_000L + random.nextInt(300_000_000)) * 1_000_000_000L;
    if (random.nextBoolean()) entry.anomaly(Anomaly.AFTER_GAP);
    entry.between(PEOPLE[random.nextInt(PEOPLE.length)], PEOPLE[random.nextInt(PEOPLE.length)]);
    String[] texts = {"", "GET", "/api/a", "7", "host", "Grüße", "/api"};
    switch (protocol) {
      case "http" -> {
        if (random.nextBoolean()) entry.set("method", random.nextBoolean() ? "GET" : "POST");
        entry.set("path", texts[random.nextInt(texts.length)]);
        if (random.nextInt(4) > 0) entry.map("request.headers", "Host", "a", "GET", texts[random.nextInt(texts.length)], "7", "8");
        if (random.nextInt(3) > 0) entry.map("query_string", "host", "7", "", "e");
        if (random.nextInt(4) > 0) entry.set("status_code", random.nextBoolean() ? 200L : 503L);
      }
      case "dns" -> {
        entry.list("dns_questions", texts[random.nextInt(texts.length)], "b").list("dns_question_types", "A").set("dns_request",
            random.nextBoolean());
        if (random.nextBoolean()) entry.answer("GET", "7", "");
      }
      case "redis" -> entry.set("redis_command", "GET").set("redis_key", texts[random.nextInt(texts.length)]).set("status_code", 1L);
      default -> entry.set("conn_state", "open");
    }
    return entry;
  }

  @Test
  void agreesWithCel() throws Exception {
    CelCompiler compiler = compiler();
    CelRuntime runtime = CelRuntimeFactory.standardCelRuntimeBuilder().build();
    String[] protocols = {"http", "http", "dns", "redis", "tcp-conn"};
    int[] outcomes = new int[3];
    List<String> differences = new ArrayList<>();
    for (long seed = 1; seed <= EXPRESSIONS; seed++) {
      Random random = new Random(seed);
      String expression = new RandomExpressions(random).bool(1 + random.nextInt(4));
      String where = "seed " + seed + ": " + expression;
      Filter filter = compile(expression, where);
      CelRuntime.Program program = program(compiler, runtime, expression, where);
      for (int i = 0; filter != null && i < 4; i++) {
        String protocol = protocols[random.nextInt(protocols.length)];
        Entry entry = entry(random, protocol);
        int ours = filter.outcome(entry.view());
        int theirs = outcome(program, values(entry, protocol));
        if (ours != theirs) differences.add(where + " over " + protocol + " " + entry.values + ": ours " + ours + ", CEL " + theirs);
        outcomes[ours]++;
      }
    }
    assertThat(differences).isEmpty();
    assertThat(outcomes[Node.FALSE]).isGreaterThan(EXPRESSIONS / 4);
    assertThat(outcomes[Node.TRUE]).isGreaterThan(EXPRESSIONS / 4);
    assertThat(outcomes[Node.ERROR]).isGreaterThan(EXPRESSIONS / 20);
  }

  /** @return null for a literal that can only fail, such as int("x"): we say so at once, CEL when it comes to it */
  private static Filter compile(String expression, String where) {
    try {
      return KFL.compile(expression);
    } catch (KflException e) {
      if (e.code().equals("literal")) return null;
      throw new AssertionError(where + ": " + e.getMessage(), e);
    }
  }

  private static CelRuntime.Program program(CelCompiler compiler, CelRuntime runtime, String expression, String where) throws CelEvaluationException {
    try {
      return runtime.createProgram(compiler.compile(expression).getAst());
    } catch (CelValidationException e) {
      throw new AssertionError(where + ": " + e.getMessage(), e);
    }
  }

  private static int outcome(CelRuntime.Program program, Map<String, Object> values) {
    try {
      return Boolean.TRUE.equals(program.eval((dev.cel.runtime.CelVariableResolver) name -> Optional.ofNullable(values.get(name)))) ? Node.TRUE
          : Node.FALSE;
    } catch (CelEvaluationException e) {
      return Node.ERROR;
    }
  }
}
