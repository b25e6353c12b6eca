package io.kubeshark.kfl;

import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.FieldSpec;
import io.kubeshark.core.FieldType;
import io.kubeshark.core.ProtocolInfo;
import io.kubeshark.core.Schema;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Every name that filters may use: of all entries, of a schema's protocols, and the flags. */
final class Vocabulary {
  /** @param node makes a new node; nodes are not shared between filters */
  record Declared(Variable variable, Type type, Supplier<Node> node) {}

  /** Flags of protocols that may come: false while the schema has none that raises them. */
  private static final String[] FLAGS = {
    "http", "dns", "tls", "tcp", "udp", "sctp", "icmp", "ws", "redis", "kafka", "amqp", "ldap", "radius", "diameter", "mongodb", "mysql", "postgresql",
    "grpc", "gql", "gqlv1", "gqlv2", "conn", "flow", "tcp_conn", "udp_conn", "tcp_flow", "udp_flow"};

  private final Map<String, Declared> byName = new LinkedHashMap<>();

  Vocabulary(Schema schema) {
    flags(schema);
    identity();
    network();
    outcome();
    fields(schema);
  }

  Map<String, Declared> byName() {
    return byName;
  }

  private void add(String name, Type type, String doc, String example, Supplier<Node> node) {
    byName.put(name, new Declared(new Variable(name, type.toString(), doc, null, example), type, node));
  }

  private void number(String name, String doc, String example, Header.ReadsInt read) {
    add(name, Type.INT, doc, example, () -> new Header.OfInt(Type.INT, read));
  }

  private void flag(String name, String doc, int bits) {
    add(name, Type.BOOL, doc, name, () -> new Header.HasFlag(bits));
  }

  private void constant(Type type, Object value, String doc, String... names) {
    for (String name : names) add(name, type, doc, type.is(Type.Kind.STRING) ? name + " == \"\"" : name + ".size() == 0", () -> new Node.Constant(type, value));
  }

  private void flags(Schema schema) {
    Map<String, List<ProtocolInfo>> raised = new LinkedHashMap<>();
    for (String flag : FLAGS) raised.put(flag, new ArrayList<>());
    for (ProtocolInfo protocol : schema.protocols()) {
      for (String flag : protocol.flags()) raised.computeIfAbsent(flag, any -> new ArrayList<>()).add(protocol);
    }
    raised.forEach((flag, protocols) -> {
      ProtocolMatch[] matches = protocols.stream().map(protocol -> new ProtocolMatch(protocol.id())).toArray(ProtocolMatch[]::new);
      String names = String.join(", ", protocols.stream().map(ProtocolInfo::longName).toList());
      boolean tls = flag.equals("tls");
      String doc = tls ? "Encrypted traffic, also where its plaintext was captured" : names.isEmpty() ? "No protocol of this version: always false" : "Entries of " + names;
      Supplier<Node> node = () -> tls ? new Logic.Or(new Header.HasFlag(EntryLayout.FLAG_TLS), new Header.IsProtocol(matches)) : new Header.IsProtocol(matches);
      String ids = protocols.isEmpty() ? null : String.join(", ", protocols.stream().map(ProtocolInfo::id).toList());
      byName.put(flag, new Declared(new Variable(flag, "bool", doc, ids, flag), Type.BOOL, node));
    });
  }

  private void identity() {
    add("id", Type.STRING, "The entry: worker/stream-index", "id == \"local/12-3\"", () -> new Header.Identity(true));
    add("conn_id", Type.STRING, "The connection: worker/stream", "conn_id == \"local/12\"", () -> new Header.Identity(false));
    add("flow_id", Type.STRING, "As conn_id", "flow_id == \"local/12\"", () -> new Header.Identity(false));
    number("index", "Exchange within the connection, from 0", "index == 0", e -> e.i32(EntryLayout.INDEX) & 0xffffffffL);
    number("stream", "Connection number within the worker", "stream == 12", e -> e.i64(EntryLayout.STREAM));
    add("worker", Type.STRING, "Worker that captured it", "worker == \"local\"", () -> new Header.FromOrigin(Kfl.Origin::worker));
    for (String name : new String[] {"node_id", "node_name", "node.name"}) {
      add(name, Type.STRING, "Name of the node that captured it", name + " == \"node-1\"", () -> new Header.FromOrigin(Kfl.Origin::node));
    }
    for (String name : new String[] {"node_ip", "node.ip"}) {
      add(name, Type.STRING, "Address of the node that captured it; \"\" where it is not known", name + " == \"10.0.0.1\"", () -> new Header.FromOrigin(Kfl.Origin::nodeIp));
    }
    add("protocol", Type.STRING, "Protocol id", "protocol == \"http\"", Header.Protocol::new);
    add("kind", Type.STRING, "exchange, connection or event", "kind == \"connection\"",
        () -> new Header.Word(EntryLayout.KIND, words(EntryLayout.Kind.values())));
    add("timestamp", Type.TIMESTAMP, "First byte of the request", "timestamp > now() - duration(\"5m\")",
        () -> new Header.OfInt(Type.TIMESTAMP, e -> e.i64(EntryLayout.START_NS)));
    add("now", Type.TIMESTAMP, "The moment at which the entry is looked at", "timestamp > now - duration(\"5m\")",
        () -> new Header.OfInt(Type.TIMESTAMP, Evaluation::nowNs));
    number("elapsed_time", "Microseconds from the request's first byte to the response's; 0 where one of them is missing", "elapsed_time > 500000",
        e -> Math.max(0, e.i64(EntryLayout.ELAPSED_NS)) / 1000);
    for (String name : new String[] {"capture_source", "capture_backend"}) {
      int at = name.equals("capture_source") ? EntryLayout.CAPTURE_SOURCE : EntryLayout.CAPTURE_BACKEND;
      add(name, Type.STRING, "Where its packets came from: af_packet, file, ebpf, ebpf_tls", name + " == \"ebpf_tls\"",
          () -> new Header.Word(at, words(EntryLayout.Capture.values())));
    }
    number("capture_source_code", "capture_source as a number", "capture_source_code == 1", e -> e.array[e.offset + EntryLayout.CAPTURE_SOURCE] & 0xff);
    add("capture", Type.STRING_MAP, "backend and source together", "capture.source == \"ebpf_tls\"", Vocabulary::capture);
    add("has_pcap", Type.BOOL, "Not known to filters: always false", "!has_pcap", () -> new Node.Constant(Type.BOOL, false));
  }

  private static String[] words(Enum<?>[] values) {
    String[] words = new String[values.length];
    for (int i = 0; i < words.length; i++) words[i] = values[i].name().toLowerCase(java.util.Locale.ROOT);
    return words;
  }

  private static Node capture() {
    Node[] keys = {new Node.Constant(Type.STRING, "backend"), new Node.Constant(Type.STRING, "source")};
    String[] words = words(EntryLayout.Capture.values());
    Node[] values = {new Header.Word(EntryLayout.CAPTURE_BACKEND, words), new Header.Word(EntryLayout.CAPTURE_SOURCE, words)};
    return new Objects.MapOf(Type.STRING_MAP, keys, values);
  }

  private void network() {
    add("src.ip", Type.STRING, "The client's address", "src.ip == \"10.0.0.1\"", () -> new Header.Address(EntryLayout.SRC_IP));
    add("dst.ip", Type.STRING, "The server's address", "ip_in(dst.ip, \"10.0.0.0/8\")", () -> new Header.Address(EntryLayout.DST_IP));
    number("src.port", "The client's port", "src.port > 32767", e -> e.u16(EntryLayout.SRC_PORT));
    number("dst.port", "The server's port", "dst.port == 8080", e -> e.u16(EntryLayout.DST_PORT));
    number("vlan", "802.1Q VLAN, 0: none", "vlan == 100", e -> e.u16(EntryLayout.VLAN));
    add("transport", Type.STRING, "tcp or udp", "transport == \"udp\"", Header.Transport::new);
    for (String end : new String[] {"src", "dst"}) {
      constant(Type.STRING, "", "Name in the cluster; \"\" where none is known", end + ".name", end + ".namespace", end + ".dns", end + ".pod.name",
          end + ".pod.namespace", end + ".service.name", end + ".service.namespace");
    }
    constant(Type.STRING_LIST, List.of(), "Names of both ends; empty where none is known", "namespaces", "pods", "services", "dns_resolutions");
    for (String end : new String[] {"local", "remote"}) {
      constant(Type.STRING_MAP, Map.of(), "Metadata of the " + end + " pod; empty where none is known", end + "_labels", end + "_annotations");
      constant(Type.STRING, "", "Of the " + end + " end; \"\" where it is not known", end + "_node_name", end + "_process_name", end + "_resolution_status");
    }
  }

  private void outcome() {
    number("request_size", "Bytes of the request on the wire", "request_size > 1000000", e -> e.i64(EntryLayout.REQUEST_SIZE));
    number("response_size", "Bytes of the response on the wire", "response_size > 1000000", e -> e.i64(EntryLayout.RESPONSE_SIZE));
    number("lost_bytes", "Bytes of this exchange that were never captured", "lost_bytes > 0", e -> e.i64(EntryLayout.LOST_BYTES));
    add("status_class", Type.STRING, "How it went: neutral, ok, warn, error", "status_class == \"error\"",
        () -> new Header.Word(EntryLayout.STATUS_CLASS, words(EntryLayout.StatusClass.values())));
    add("anomalies", Type.STRING_LIST, "Codes of what was odd about its bytes", "\"conflicting-length\" in anomalies", Header.Anomalies::new);
    flag("no_request", "Its request was not seen", EntryLayout.FLAG_NO_REQUEST);
    flag("no_response", "Its response was not seen", EntryLayout.FLAG_NO_RESPONSE);
    flag("unanswered", "As no_response", EntryLayout.FLAG_NO_RESPONSE);
    flag("truncated", "Something of it is kept shorter than it was", EntryLayout.FLAG_TRUNCATED);
    flag("incomplete", "A message ends before its declared end", EntryLayout.FLAG_INCOMPLETE);
    flag("after_gap", "The first message after a hole in the capture", EntryLayout.FLAG_AFTER_GAP);
  }

  private void fields(Schema schema) {
    Map<String, List<Fields.Place>> places = new LinkedHashMap<>();
    for (ProtocolInfo protocol : schema.protocols()) {
      for (FieldSpec field : protocol.fields()) {
        if (field.variable() == null) continue;
        places.computeIfAbsent(field.variable(), any -> new ArrayList<>()).add(new Fields.Place(protocol.id(), new ProtocolMatch(protocol.id()), field));
      }
    }
    places.forEach((name, where) -> {
      FieldType type = where.getFirst().field().type();
      for (Fields.Place place : where) {
        if (place.field().type() != type) {
          throw new IllegalArgumentException("variable " + name + " is " + type + " in " + where.getFirst().protocolId() + ", but " + place.field().type() + " in "
              + place.protocolId());
        }
      }
      if (byName.containsKey(name)) throw new IllegalArgumentException("variable " + name + " of " + where.getFirst().protocolId() + " has the name of a common one");
      Type shown = name.equals("ledger") ? Type.INT_MAP : shown(type);
      Fields.Place[] array = where.toArray(Fields.Place[]::new);
      String protocols = String.join(", ", where.stream().map(Fields.Place::protocolId).distinct().toList());
      Variable variable = new Variable(name, shown.toString(), where.getFirst().field().doc(), protocols, example(name, shown));
      byName.put(name, new Declared(variable, shown, () -> Fields.node(type, array, shown)));
    });
  }

  private static Type shown(FieldType type) {
    return switch (type) {
      case INT -> Type.INT;
      case STRING, BODY -> Type.STRING;
      case BOOL -> Type.BOOL;
      case MAP -> Type.STRING_MAP;
      case LIST -> Type.STRING_LIST;
      case TABLE -> Type.STRING_TABLE;
    };
  }

  private static String example(String name, Type type) {
    return switch (type.kind()) {
      case INT -> name.equals("status_code") ? "status_code >= 500" : name + " > 0";
      case STRING -> name.endsWith(".body") ? name + ".json(\"$.error\") != null" : name + ".contains(\"a\")";
      case LIST -> type.element().is(Type.Kind.STRING) ? "\"a\" in " + name : name + ".exists(row, row.name == \"a\")";
      case MAP -> type.equals(Type.INT_MAP) ? name + "[\"gap\"] > 0" : name.endsWith(".headers") ? name + "[\"content-type\"].contains(\"json\")" : "\"a\" in " + name;
      case BOOL, DOUBLE, NULL, TIMESTAMP, DURATION, DYN -> name;
    };
  }
}
