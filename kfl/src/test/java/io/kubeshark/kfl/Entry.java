package io.kubeshark.kfl;

import io.kubeshark.core.Anomaly;
import io.kubeshark.core.Connection;
import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryEncoder;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntryNames;
import io.kubeshark.core.EntryView;
import io.kubeshark.core.FieldSpec;
import io.kubeshark.core.FieldType;
import io.kubeshark.core.FieldWriter;
import io.kubeshark.core.Identity;
import io.kubeshark.core.ProtocolInfo;
import io.kubeshark.core.Schema;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Builds records for tests, over a small schema in the manner of the real one. Remembers what it wrote, as CEL would see it. */
final class Entry {
  static final Schema SCHEMA = new Schema(List.of(
      protocol("http", List.of("http"),
          field(Direction.CLIENT, "method", FieldType.STRING), field(Direction.CLIENT, "url", FieldType.STRING),
          field(Direction.CLIENT, "path", FieldType.STRING), field(Direction.CLIENT, "request.headers", FieldType.MAP),
          field(Direction.CLIENT, "query_string", FieldType.MAP), field(Direction.CLIENT, "request.body", FieldType.BODY),
          field(Direction.SERVER, "status_code", FieldType.INT), field(Direction.SERVER, "response.headers", FieldType.MAP),
          field(Direction.SERVER, "response.body", FieldType.BODY)),
      protocol("dns", List.of("dns"),
          field(Direction.CLIENT, "dns_questions", FieldType.LIST), field(Direction.CLIENT, "dns_question_types", FieldType.LIST),
          field(Direction.CLIENT, "dns_request", FieldType.BOOL),
          new FieldSpec(3, Direction.SERVER, "dns_answers", FieldType.TABLE, "Answers", "dns_answers", "Answers", List.of("name", "type", "data"))),
      protocol("redis", List.of("redis"),
          field(Direction.CLIENT, "redis_command", FieldType.STRING), field(Direction.CLIENT, "redis_key", FieldType.STRING),
          field(Direction.SERVER, "status_code", FieldType.INT)),
      protocol("tcp-conn", List.of("conn", "tcp_conn", "tcp"),
          field(Direction.CLIENT, "conn_state", FieldType.STRING), field(Direction.CLIENT, "conn_l7_detected", FieldType.LIST),
          field(Direction.CLIENT, "ledger", FieldType.MAP))));

  /** What a cluster's event is made of; of the real one's fields those that a test needs. */
  static final ProtocolInfo K8S = protocol("k8s", List.of("event", "k8s"), field(Direction.CLIENT, "event_reason", FieldType.STRING));

  private static final EntryEncoder ENCODER = new EntryEncoder();

  private final ProtocolInfo protocol;
  private final FieldWriter request = new FieldWriter(256, 1 << 22);
  private final FieldWriter response = new FieldWriter(256, 1 << 22);
  final Map<String, Object> values = new LinkedHashMap<>();
  long startNs = 1_700_000_000_123_456_789L;
  long elapsedNs = 812_345;
  int flags;
  long anomalies;
  long stream = 12;
  int index = 3;
  String src = "10.1.2.3";
  String dst = "2001:db8::1";
  int srcPort = 50412;
  int dstPort = 80;
  long requestSize = 123;
  EntryLayout.StatusClass statusClass = EntryLayout.StatusClass.OK;
  Identity client;
  Identity server;

  private Entry(ProtocolInfo protocol) {
    this.protocol = protocol;
  }

  static Entry of(String protocol) {
    return new Entry(SCHEMA.protocol(protocol));
  }

  static Entry event() {
    return new Entry(K8S);
  }

  private static FieldSpec field(Direction direction, String name, FieldType type) {
    return new FieldSpec(0, direction, name, type, name, name, "Test field " + name, List.of());
  }

  private static ProtocolInfo protocol(String id, List<String> flags, FieldSpec... fields) {
    List<FieldSpec> numbered = new ArrayList<>();
    for (FieldSpec f : fields) {
      numbered.add(new FieldSpec(numbered.size(), f.direction(), f.name(), f.type(), f.title(), f.variable(), f.doc(), f.columns()));
    }
    return new ProtocolInfo(id, id, id, "l7", "#000", "#fff", "", List.of(), flags, new ProtocolInfo.Row(null, null, null), numbered);
  }

  private FieldSpec spec(String variable) {
    return protocol.fields().stream().filter(f -> variable.equals(f.variable())).findFirst().orElseThrow();
  }

  private FieldWriter writer(FieldSpec spec) {
    return spec.direction() == Direction.CLIENT ? request : response;
  }

  Entry set(String variable, Object value) {
    FieldSpec spec = spec(variable);
    values.put(variable, value);
    if (value instanceof Long number) writer(spec).intField(spec, number);
    else if (value instanceof Boolean bool) writer(spec).boolField(spec, bool);
    else writer(spec).stringField(spec, (String) value);
    return this;
  }

  Entry map(String variable, String... namesAndValues) {
    FieldSpec spec = spec(variable);
    Map<String, Object> map = new Headers();
    writer(spec).beginMap(spec);
    for (int i = 0; i < namesAndValues.length; i += 2) {
      writer(spec).mapEntry(namesAndValues[i], namesAndValues[i + 1]);
      map.merge(namesAndValues[i], namesAndValues[i + 1], (a, b) -> a + ", " + b);
    }
    writer(spec).endMap();
    values.put(variable, map);
    return this;
  }

  Entry list(String variable, String... items) {
    FieldSpec spec = spec(variable);
    writer(spec).beginList(spec);
    for (String item : items) writer(spec).listItem(item);
    writer(spec).endList();
    values.put(variable, List.of(items));
    return this;
  }

  Entry answer(String name, String type, String data) {
    FieldSpec spec = spec("dns_answers");
    response.beginTable(spec);
    response.row(name, type, data);
    response.endTable();
    values.put("dns_answers", List.of(Map.of("name", name, "type", type, "data", data)));
    return this;
  }

  Entry body(String variable, byte[] wire, String mediaType, String encoding) {
    FieldSpec spec = spec(variable);
    byte[] media = mediaType.getBytes(StandardCharsets.ISO_8859_1);
    byte[] coding = encoding.getBytes(StandardCharsets.ISO_8859_1);
    writer(spec).beginBody(spec, media, 0, media.length, coding, 0, coding.length, 1 << 21);
    writer(spec).body(wire, 0, wire.length);
    writer(spec).endBody();
    return this;
  }

  Entry json(String variable, String text) {
    values.put(variable, text);
    return body(variable, text.getBytes(StandardCharsets.UTF_8), "application/json", "");
  }

  Entry anomaly(Anomaly anomaly) {
    anomalies |= anomaly.bit();
    return this;
  }

  /** Who is at the ends; either may be null. */
  Entry between(Identity client, Identity server) {
    this.client = client;
    this.server = server;
    return this;
  }

  byte[] record() {
    long[] from = Networks.address(src);
    long[] to = Networks.address(dst);
    Connection connection = new Connection(stream, Connection.TCP, from[2] == 6, 7, 0);
    connection.clientEnd = 1;
    connection.ipHigh[1] = from[0];
    connection.ipLow[1] = from[2] == 4 ? from[1] & 0xffffffffL | 0xffff00000000L : from[1];
    connection.ipHigh[0] = to[0];
    connection.ipLow[0] = to[2] == 4 ? to[1] & 0xffffffffL | 0xffff00000000L : to[1];
    connection.port[1] = srcPort;
    connection.port[0] = dstPort;
    EntryLayout.Kind kind = protocol == K8S ? EntryLayout.Kind.EVENT : protocol.id().endsWith("-conn") ? EntryLayout.Kind.CONNECTION : EntryLayout.Kind.EXCHANGE;
    ENCODER.begin(connection, protocol.id().getBytes(StandardCharsets.US_ASCII), kind, EntryLayout.Capture.AF_PACKET, index)
        .times(startNs, startNs + 1_000_000, elapsedNs).sizes(requestSize, 4567, 0).outcome(statusClass, flags, anomalies).fields(request, response);
    EntryNames names = new EntryNames();
    int length = names.write(ENCODER.array(), 0, ENCODER.length(), client, server);
    return Arrays.copyOf(names.array(), length);
  }

  EntryView view() {
    byte[] record = record();
    byte[] framed = new byte[record.length + 37]; // never at offset 0
    System.arraycopy(record, 0, framed, 29, record.length);
    EntryView view = new EntryView();
    if (!view.wrap(framed, 29, record.length)) throw new AssertionError("not a record");
    return view;
  }

  /** Written out once more, on purpose: exact name first, then any case. */
  static final class Headers extends LinkedHashMap<String, Object> {
    private static final long serialVersionUID = 1;

    @Override
    public Object get(Object key) {
      if (super.containsKey(key)) return super.get(key);
      List<String> same = new ArrayList<>();
      forEach((name, value) -> {
        if (key instanceof String wanted && name.equalsIgnoreCase(wanted)) same.add((String) value);
      });
      return same.isEmpty() ? null : String.join(", ", same);
    }

    @Override
    public boolean containsKey(Object key) {
      return get(key) != null;
    }
  }
}
