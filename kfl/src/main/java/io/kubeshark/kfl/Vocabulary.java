package io.kubeshark.kfl;

import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.FieldSpec;
import io.kubeshark.core.FieldType;
import io.kubeshark.core.NamePart;
import io.kubeshark.core.ProtocolInfo;
import io.kubeshark.core.Schema;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Every name that filters may use: of all entries, of a schema's protocols, and the flags. */
final class Vocabulary {
  /** @param source makes a new node; nodes are not shared between filters */
  record Declared(Variable variable, Type type, Source source) {
    Node node() {
      return source.node();
    }
  }

  /** Records and not lambdas: some hundred of these are made before the first filter, and linking a lambda costs about as much as that filter. */
  interface Source {
    Node node();
  }

  private record Number(Type type, int at, int bytes) implements Source {
    @Override
    public Node node() {
      return new Header.OfInt(type, at, bytes);
    }
  }

  private record Flag(int bits) implements Source {
    @Override
    public Node node() {
      return new Header.HasFlag(bits);
    }
  }

  private record Flagged(ProtocolMatch[] protocols, boolean tls) implements Source {
    @Override
    public Node node() {
      Node raised = new Header.IsProtocol(protocols);
      return tls ? new Logic.Or(new Header.HasFlag(EntryLayout.FLAG_TLS), raised) : raised;
    }
  }

  private record Word(int at, String[] words) implements Source {
    @Override
    public Node node() {
      return new Header.Word(at, words);
    }
  }

  private record Constant(Type type, Object value) implements Source {
    @Override
    public Node node() {
      return new Node.Constant(type, value);
    }
  }

  private record Field(FieldType type, Fields.Place[] places, Type shown) implements Source {
    @Override
    public Node node() {
      return Fields.node(type, places, shown);
    }
  }

  private record Named(Ends.End end, NamePart part) implements Source {
    @Override
    public Node node() {
      Ends.Place place = new Ends.Place(end, part);
      return part == NamePart.LABELS ? new Fields.OfMap(Type.STRING_MAP, place) : new Ends.Text(place);
    }
  }

  private record Both(NamePart part) implements Source {
    @Override
    public Node node() {
      return new Ends.Both(part);
    }
  }

  /** What there is one of. */
  private enum Single implements Source {
    ID, CONN_ID, WORKER, NODE, NODE_IP, PROTOCOL, NOW, ELAPSED, CAPTURE, SRC_IP, DST_IP, TRANSPORT, ANOMALIES;

    @Override
    public Node node() {
      return switch (this) {
        case ID -> new Header.Identity(true);
        case CONN_ID -> new Header.Identity(false);
        case WORKER -> new Header.FromOrigin(Header.OriginPart.WORKER);
        case NODE -> new Header.FromOrigin(Header.OriginPart.NODE);
        case NODE_IP -> new Header.FromOrigin(Header.OriginPart.NODE_IP);
        case PROTOCOL -> new Header.Protocol();
        case NOW -> new Header.Now();
        case ELAPSED -> new Header.ElapsedUs();
        case CAPTURE -> capture();
        case SRC_IP -> new Header.Address(EntryLayout.SRC_IP);
        case DST_IP -> new Header.Address(EntryLayout.DST_IP);
        case TRANSPORT -> new Header.Transport();
        case ANOMALIES -> new Header.Anomalies();
      };
    }
  }

  /** Flags of protocols that may come: false while the schema has none that raises them. */
  private static final String[] FLAGS = {
    "http", "dns", "tls", "tcp", "udp", "sctp", "icmp", "ws", "redis", "kafka", "amqp", "ldap", "radius", "diameter", "mongodb", "mysql",
        "postgresql",
    "grpc", "gql", "gqlv1", "gqlv2", "event", "k8s", "conn", "flow", "tcp_conn", "udp_conn", "tcp_flow", "udp_flow"};

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

  private void add(String name, Type type, String doc, String example, Source source) {
    byName.put(name, new Declared(new Variable(name, type.toString(), doc, null, example), type, source));
  }

  private void number(String name, String doc, String example, int at, int bytes) {
    add(name, Type.INT, doc, example, new Number(Type.INT, at, bytes));
  }

  private void flag(String name, String doc, int bits) {
    add(name, Type.BOOL, doc, name, new Flag(bits));
  }

  private void constant(Type type, Object value, String doc, String... names) {
    for (String name : names) add(name, type, doc, type.is(Type.Kind.STRING) ? name + " == \"\"" : name + ".size() == 0", new Constant(type, value));
  }

  private void flags(Schema schema) {
    Map<String, List<ProtocolInfo>> raised = new LinkedHashMap<>();
    for (String flag : FLAGS) raised.put(flag, new ArrayList<>());
    for (ProtocolInfo protocol : schema.protocols()) {
      for (String flag : protocol.flags()) {
        if (!raised.containsKey(flag)) raised.put(flag, new ArrayList<>());
        raised.get(flag).add(protocol);
      }
    }
    for (Map.Entry<String, List<ProtocolInfo>> entry : raised.entrySet()) flag(entry.getKey(), entry.getValue());
  }

  private void flag(String flag, List<ProtocolInfo> protocols) {
    ProtocolMatch[] matches = new ProtocolMatch[protocols.size()];
    List<String> ids = new ArrayList<>();
    List<String> longNames = new ArrayList<>();
    for (ProtocolInfo protocol : protocols) {
      matches[ids.size()] = new ProtocolMatch(protocol.id());
      ids.add(protocol.id());
      longNames.add(protocol.longName());
    }
    boolean tls = flag.equals("tls");
    String doc = tls ? "Encrypted traffic, also where its plaintext was captured"
        : ids.isEmpty() ? "No protocol of this version: always false" : "Entries of " + String.join(", ", longNames);
    Variable variable = new Variable(flag, "bool", doc, ids.isEmpty() ? null : String.join(", ", ids), flag);
    byName.put(flag, new Declared(variable, Type.BOOL, new Flagged(matches, tls)));
  }

  private void identity() {
    add("id", Type.STRING, "The entry: worker/stream-index", "id == \"local/12-3\"", Single.ID);
    add("conn_id", Type.STRING, "The connection: worker/stream", "conn_id == \"local/12\"", Single.CONN_ID);
    add("flow_id", Type.STRING, "As conn_id", "flow_id == \"local/12\"", Single.CONN_ID);
    number("index", "Exchange within the connection, from 0", "index == 0", EntryLayout.INDEX, 4);
    number("stream", "Connection number within the worker", "stream == 12", EntryLayout.STREAM, 8);
    add("worker", Type.STRING, "Worker that captured it", "worker == \"local\"", Single.WORKER);
    for (String name : new String[] {"node_id", "node_name", "node.name"}) {
      add(name, Type.STRING, "Name of the node that captured it", name + " == \"node-1\"", Single.NODE);
    }
    for (String name : new String[] {"node_ip", "node.ip"}) {
      add(name, Type.STRING, "Address of the node that captured it; \"\" where it is not known", name + " == \"10.0.0.1\"", Single.NODE_IP);
    }
    add("protocol", Type.STRING, "Protocol id", "protocol == \"http\"", Single.PROTOCOL);
    add("kind", Type.STRING, "exchange, connection or event", "kind == \"connection\"",
        new Word(EntryLayout.KIND, words(EntryLayout.Kind.values())));
    add("timestamp", Type.TIMESTAMP, "First byte of the request", "timestamp > now() - duration(\"5m\")",
        new Number(Type.TIMESTAMP, EntryLayout.START_NS, 8));
    add("now", Type.TIMESTAMP, "The moment at which the entry is looked at", "timestamp > now - duration(\"5m\")",
        Single.NOW);
    add("elapsed_time", Type.INT, "Microseconds from the request's first byte to the response's; 0 where one of them is missing",
        "elapsed_time > 500000", Single.ELAPSED);
    for (String name : new String[] {"capture_source", "capture_backend"}) {
      int at = name.equals("capture_source") ? EntryLayout.CAPTURE_SOURCE : EntryLayout.CAPTURE_BACKEND;
      add(name, Type.STRING, "Where its packets came from: af_packet, file, ebpf, ebpf_tls", name + " == \"ebpf_tls\"",
          new Word(at, words(EntryLayout.Capture.values())));
    }
    number("capture_source_code", "capture_source as a number", "capture_source_code == 1", EntryLayout.CAPTURE_SOURCE, 1);
    add("capture", Type.STRING_MAP, "backend and source together", "capture.source == \"ebpf_tls\"", Single.CAPTURE);
    add("has_pcap", Type.BOOL, "Not known to filters: always false", "!has_pcap", new Constant(Type.BOOL, false));
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
    add("src.ip", Type.STRING, "The client's address", "src.ip == \"10.0.0.1\"", Single.SRC_IP);
    add("dst.ip", Type.STRING, "The server's address", "ip_in(dst.ip, \"10.0.0.0/8\")", Single.DST_IP);
    number("src.port", "The client's port", "src.port > 32767", EntryLayout.SRC_PORT, 2);
    number("dst.port", "The server's port", "dst.port == 8080", EntryLayout.DST_PORT, 2);
    number("vlan", "802.1Q VLAN, 0: none", "vlan == 100", EntryLayout.VLAN, 2);
    add("transport", Type.STRING, "tcp or udp", "transport == \"udp\"", Single.TRANSPORT);
    ends("src", "client", Ends.End.SRC);
    ends("dst", "server", Ends.End.DST);
    both("namespaces", "Namespaces", "shop", NamePart.NAMESPACE);
    both("pods", "Pods", "cart-7c9d", NamePart.POD);
    both("services", "Services", "cart", NamePart.SERVICE);
    both("dns_resolutions", "DNS names", "api.example.org", NamePart.DNS);
    side("local", "of the end on the node that captured it (of two the server)", Ends.End.LOCAL);
    side("remote", "of the other end than the local one", Ends.End.REMOTE);
  }

  private void ends(String end, String who, Ends.End which) {
    named(end + ".name", "What the " + who + " is called: its service, else pod, else node, else DNS name", "cart", which, NamePart.NAME);
    named(end + ".namespace", "Namespace of the " + who + "'s pod, else of its service", "shop", which, NamePart.NAMESPACE);
    named(end + ".dns", "The " + who + "'s name outside the cluster, by captured DNS answers", "api.example.org", which, NamePart.DNS);
    named(end + ".pod.name", "The " + who + "'s pod", "cart-7c9d", which, NamePart.POD);
    named(end + ".pod.namespace", "As " + end + ".namespace", "shop", which, NamePart.NAMESPACE);
    named(end + ".service.name", "The service that the " + who + " is, or that its pod and port belong to", "cart", which, NamePart.SERVICE);
    named(end + ".service.namespace", "That service's namespace", "shop", which, NamePart.SERVICE_NAMESPACE);
    named(end + ".node.name", "The node that the " + who + "'s pod runs on, or that it is", "node-1", which, NamePart.NODE);
    labels(end + ".labels", "Labels of the " + who + "'s pod", which);
  }

  private void side(String end, String whose, Ends.End which) {
    labels(end + "_labels", "Labels of the pod " + whose, which);
    constant(Type.STRING_MAP, Map.of(), "Not known to filters: always empty", end + "_annotations");
    named(end + "_node_name", "Node " + whose, "node-1", which, NamePart.NODE);
    constant(Type.STRING, "", "Not known to filters: always \"\"", end + "_process_name", end + "_resolution_status");
  }

  private void named(String name, String doc, String example, Ends.End end, NamePart part) {
    add(name, Type.STRING, doc + "; \"\" where it is not known", name + " == \"" + example + "\"", new Named(end, part));
  }

  private void labels(String name, String doc, Ends.End end) {
    add(name, Type.STRING_MAP, doc + "; empty where none is known", name + "[\"app\"] == \"cart\"", new Named(end, NamePart.LABELS));
  }

  private void both(String name, String what, String example, NamePart part) {
    add(name, Type.STRING_LIST, what + " of both ends; empty where none is known", "\"" + example + "\" in " + name, new Both(part));
  }

  private void outcome() {
    number("request_size", "Bytes of the request on the wire", "request_size > 1000000", EntryLayout.REQUEST_SIZE, 8);
    number("response_size", "Bytes of the response on the wire", "response_size > 1000000", EntryLayout.RESPONSE_SIZE, 8);
    number("lost_bytes", "Bytes of this exchange that were never captured", "lost_bytes > 0", EntryLayout.LOST_BYTES, 8);
    add("status_class", Type.STRING, "How it went: neutral, ok, warn, error", "status_class == \"error\"",
        new Word(EntryLayout.STATUS_CLASS, words(EntryLayout.StatusClass.values())));
    add("anomalies", Type.STRING_LIST, "Codes of what was odd about its bytes", "\"conflicting-length\" in anomalies", Single.ANOMALIES);
    flag("no_request", "Its request was not seen", EntryLayout.FLAG_NO_REQUEST);
    flag("no_response", "Its response was not seen", EntryLayout.FLAG_NO_RESPONSE);
    flag("unanswered", "As no_response", EntryLayout.FLAG_NO_RESPONSE);
    flag("truncated", "Something of it is kept shorter than it was", EntryLayout.FLAG_TRUNCATED);
    flag("incomplete", "A message ends before its declared end", EntryLayout.FLAG_INCOMPLETE);
    flag("unfinished", "The call was not over yet: it has another entry when it is", EntryLayout.FLAG_UNFINISHED);
    flag("after_gap", "The first message after a hole in the capture", EntryLayout.FLAG_AFTER_GAP);
  }

  private void fields(Schema schema) {
    Map<String, List<Fields.Place>> places = new LinkedHashMap<>();
    for (ProtocolInfo protocol : schema.protocols()) {
      for (FieldSpec field : protocol.fields()) {
        if (field.variable() == null) continue;
        if (!places.containsKey(field.variable())) places.put(field.variable(), new ArrayList<>());
        places.get(field.variable()).add(new Fields.Place(protocol.id(), new ProtocolMatch(protocol.id()), field));
      }
    }
    for (Map.Entry<String, List<Fields.Place>> entry : places.entrySet()) field(entry.getKey(), entry.getValue());
  }

  private void field(String name, List<Fields.Place> where) {
    Fields.Place first = where.getFirst();
    FieldType type = first.field().type();
    Set<String> protocols = new LinkedHashSet<>();
    for (Fields.Place place : where) {
      protocols.add(place.protocolId());
      if (place.field().type() == type) continue;
      throw new IllegalArgumentException("variable " + name + " is " + type + " in " + first.protocolId() + ", but " + place.field().type() + " in "
          + place.protocolId());
    }
    if (byName.containsKey(name)) throw new IllegalArgumentException("variable " + name + " of " + first.protocolId()
        + " has the name of a common one");
    Type shown = name.equals("ledger") ? Type.INT_MAP : shown(type);
    Variable variable = new Variable(name, shown.toString(), first.field().doc(), String.join(", ", protocols), example(name, shown));
    byName.put(name, new Declared(variable, shown, new Field(type, where.toArray(new Fields.Place[0]), shown)));
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
      case MAP -> type.equals(Type.INT_MAP) ? name + "[\"gap\"] > 0" : name.endsWith(".headers") ? name + "[\"content-type\"].contains(\"json\")"
          : "\"a\" in " + name;
      case BOOL, DOUBLE, NULL, TIMESTAMP, DURATION, DYN -> name;
    };
  }
}
