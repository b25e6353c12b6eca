package io.kubeshark.render;

import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntryNames;
import io.kubeshark.core.EntryView;
import io.kubeshark.core.FieldSpec;
import io.kubeshark.core.FieldType;
import io.kubeshark.core.FieldWriter;
import io.kubeshark.core.Identity;
import io.kubeshark.core.ProtocolInfo;
import io.kubeshark.core.Schema;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;

/** Makes entry records for tests, and a schema of two protocols that has every field type. */
public final class EntryBuilder {
  public static final FieldSpec METHOD = FieldSpec.request(0, "method", FieldType.STRING, "Method", "method", "The method.");
  public static final FieldSpec URL = FieldSpec.request(1, "url", FieldType.STRING, "URL", "url", "The request target.");
  public static final FieldSpec REQUEST_VERSION = FieldSpec.request(2, "http_version", FieldType.STRING, "Version", null, "The version.");
  public static final FieldSpec REQUEST_HEADERS = FieldSpec.request(3, "headers", FieldType.MAP, "Headers", "request.headers", "The headers.");
  public static final FieldSpec QUERY = FieldSpec.request(4, "query_string", FieldType.MAP, "Query", "query_string", "The query.");
  public static final FieldSpec REQUEST_BODY = FieldSpec.request(5, "body", FieldType.BODY, "Body", "request.body", "The body.");
  public static final FieldSpec STATUS = FieldSpec.response(6, "status_code", FieldType.INT, "Status", "status_code", "The status.");
  public static final FieldSpec RESPONSE_HEADERS = FieldSpec.response(7, "headers", FieldType.MAP, "Headers", "response.headers", "The headers.");
  public static final FieldSpec RESPONSE_BODY = FieldSpec.response(8, "body", FieldType.BODY, "Body", "response.body", "The body.");
  public static final FieldSpec KEEP_ALIVE = FieldSpec.response(9, "keep_alive", FieldType.BOOL, "Keep alive", "keep_alive", "Whether.");
  public static final ProtocolInfo HTTP = new ProtocolInfo("http", "Hypertext Transfer Protocol", "HTTP", "l7", "#205cf5", "#ffffff",
      "https://www.rfc-editor.org/rfc/rfc9112", List.of(80, 8080), List.of("http"), new ProtocolInfo.Row(METHOD, STATUS, URL),
      List.of(METHOD, URL, REQUEST_VERSION, REQUEST_HEADERS, QUERY, REQUEST_BODY, STATUS, RESPONSE_HEADERS, RESPONSE_BODY, KEEP_ALIVE));

  public static final FieldSpec QUESTIONS = FieldSpec.request(0, "questions", FieldType.LIST, "Questions", "dns_questions", "The names.");
  public static final FieldSpec ANSWERS =
      FieldSpec.table(1, Direction.SERVER, "answers", "Answers", null, "The records.", "name", "type", "ttl", "data");
  public static final ProtocolInfo DNS = new ProtocolInfo("dns", "Domain Name System", "DNS", "l7", "#606060", "#ffffff",
      "https://www.rfc-editor.org/rfc/rfc1035", List.of(53), List.of("dns"), new ProtocolInfo.Row(null, null, QUESTIONS), List.of(QUESTIONS, ANSWERS));

  public static final FieldSpec STATE = FieldSpec.request(0, "state", FieldType.STRING, "State", "conn_state", "The state.");
  public static final ProtocolInfo TCP = new ProtocolInfo("tcp-conn", "Transmission Control Protocol", "TCP", "l4", "#0e7490", "#ffffff",
      "https://www.rfc-editor.org/rfc/rfc9293", List.of(), List.of("conn"), new ProtocolInfo.Row(null, STATE, null), List.of(STATE));

  public static final FieldSpec REASON = FieldSpec.request(0, "reason", FieldType.STRING, "Reason", "event_reason", "The reason.");
  public static final ProtocolInfo K8S = new ProtocolInfo("k8s", "Kubernetes events", "K8S", "event", "#326ce5", "#ffffff",
      "https://kubernetes.io", List.of(), List.of("event", "k8s"), new ProtocolInfo.Row(REASON, null, null), List.of(REASON));

  public static final Schema SCHEMA = new Schema(List.of(HTTP, DNS, TCP, K8S));
  public static final Names NAMES = new Names("local", "vm", "10.0.0.1");

  private final ByteBuffer header = ByteBuffer.allocate(EntryLayout.HEADER_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
  private final FieldWriter request = new FieldWriter(64, EntryLayout.RECORD_BYTES_MAX);
  private final FieldWriter response = new FieldWriter(64, EntryLayout.RECORD_BYTES_MAX);
  private Identity client;
  private Identity server;

  public EntryBuilder(ProtocolInfo protocol) {
    header.putShort(EntryLayout.VERSION_AT, (short) EntryLayout.VERSION);
    byte[] id = protocol.id().getBytes(StandardCharsets.US_ASCII);
    header.put(EntryLayout.PROTOCOL, (byte) id.length).put(EntryLayout.PROTOCOL + 1, id);
    header.put(EntryLayout.TRANSPORT, (byte) (protocol == DNS ? 17 : 6));
    header.put(EntryLayout.IP_VERSION, (byte) 4);
    header.put(EntryLayout.STATUS_CLASS, (byte) EntryLayout.StatusClass.OK.ordinal());
    header.put(EntryLayout.CAPTURE_BACKEND, (byte) EntryLayout.Capture.AF_PACKET.ordinal());
    header.put(EntryLayout.CAPTURE_SOURCE, (byte) EntryLayout.Capture.AF_PACKET.ordinal());
    time(1_732_370_000_123_456_789L, 812_345);
    between("127.0.0.1", 50412, "127.0.0.1", 80);
  }

  public EntryBuilder id(long stream, int index) {
    header.putLong(EntryLayout.STREAM, stream).putInt(EntryLayout.INDEX, index);
    return this;
  }

  public EntryBuilder sequence(long value) {
    header.putLong(EntryLayout.SEQUENCE, value);
    return this;
  }

  public EntryBuilder kind(EntryLayout.Kind kind) {
    header.put(EntryLayout.KIND, (byte) kind.ordinal());
    return this;
  }

  public EntryBuilder time(long startNs, long elapsedNs) {
    header.putLong(EntryLayout.START_NS, startNs).putLong(EntryLayout.ELAPSED_NS, elapsedNs);
    header.putLong(EntryLayout.END_NS, startNs + Math.max(0, elapsedNs) + 100_000);
    return this;
  }

  public EntryBuilder flags(int flags) {
    header.putInt(EntryLayout.FLAGS, flags);
    return this;
  }

  public EntryBuilder anomalies(long bits) {
    header.putLong(EntryLayout.ANOMALIES, bits);
    return this;
  }

  public EntryBuilder sizes(long requestSize, long responseSize, long lostBytes) {
    header.putLong(EntryLayout.REQUEST_SIZE, requestSize).putLong(EntryLayout.RESPONSE_SIZE, responseSize).putLong(EntryLayout.LOST_BYTES, lostBytes);
    return this;
  }

  public EntryBuilder between(String srcIp, int srcPort, String dstIp, int dstPort) {
    header.put(EntryLayout.SRC_IP, address(srcIp)).put(EntryLayout.DST_IP, address(dstIp));
    header.putShort(EntryLayout.SRC_PORT, (short) srcPort).putShort(EntryLayout.DST_PORT, (short) dstPort);
    return this;
  }

  /** Who is at the ends; either may be null. */
  public EntryBuilder named(Identity client, Identity server) {
    this.client = client;
    this.server = server;
    return this;
  }

  /** As a cluster's event has it. */
  public EntryBuilder nowhere() {
    for (int at = EntryLayout.SRC_IP; at < EntryLayout.DST_IP + 16; at++) header.put(at, (byte) 0);
    header.putShort(EntryLayout.SRC_PORT, (short) 0).putShort(EntryLayout.DST_PORT, (short) 0);
    header.put(EntryLayout.TRANSPORT, (byte) 0);
    return kind(EntryLayout.Kind.EVENT).flags(EntryLayout.FLAG_NO_RESPONSE);
  }

  private static byte[] address(String ip) {
    try {
      byte[] bytes = InetAddress.getByName(ip).getAddress();
      if (bytes.length == 16) return bytes;
      return ByteBuffer.allocate(16).putLong(0).putInt(0xffff).put(bytes).array();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(ip, e);
    }
  }

  public EntryBuilder with(Direction side, Consumer<FieldWriter> fields) {
    fields.accept(side == Direction.CLIENT ? request : response);
    return this;
  }

  public EntryBuilder string(FieldSpec field, String value) {
    return with(field.direction(), out -> out.stringField(field, value));
  }

  public EntryBuilder integer(FieldSpec field, long value) {
    return with(field.direction(), out -> out.intField(field, value));
  }

  public EntryBuilder map(FieldSpec field, String... namesAndValues) {
    return with(field.direction(), out -> {
      out.beginMap(field);
      for (int i = 0; i < namesAndValues.length; i += 2) out.mapEntry(namesAndValues[i], namesAndValues[i + 1]);
      out.endMap();
    });
  }

  public EntryBuilder list(FieldSpec field, String... items) {
    return with(field.direction(), out -> {
      out.beginList(field);
      for (String item : items) out.listItem(item);
      out.endList();
    });
  }

  public EntryBuilder body(FieldSpec field, String mediaType, String contentEncoding, byte[] bytes, int keptMax) {
    byte[] media = mediaType.getBytes(StandardCharsets.ISO_8859_1);
    byte[] encoding = contentEncoding.getBytes(StandardCharsets.ISO_8859_1);
    return with(field.direction(), out -> {
      out.beginBody(field, media, 0, media.length, encoding, 0, encoding.length, keptMax);
      out.body(bytes, 0, bytes.length);
      out.endBody();
    });
  }

  public byte[] record() {
    byte[] record = new byte[EntryLayout.HEADER_LENGTH + request.length() + response.length()];
    header.putInt(EntryLayout.LENGTH, record.length).putInt(EntryLayout.REQUEST_LENGTH, request.length()).putInt(EntryLayout.RESPONSE_LENGTH, response.length());
    System.arraycopy(header.array(), 0, record, 0, EntryLayout.HEADER_LENGTH);
    System.arraycopy(request.array(), 0, record, EntryLayout.HEADER_LENGTH, request.length());
    System.arraycopy(response.array(), 0, record, EntryLayout.HEADER_LENGTH + request.length(), response.length());
    if (client == null && server == null) return record;
    EntryNames names = new EntryNames();
    int length = names.write(record, 0, record.length, client, server);
    return java.util.Arrays.copyOf(names.array(), length);
  }

  public EntryView view() {
    byte[] record = record();
    EntryView view = new EntryView();
    if (!view.wrap(record, 0, record.length)) throw new IllegalStateException("the builder made no record");
    return view;
  }

  /** About 1 KB of HTTP with ten headers and a small body a side. */
  public static EntryBuilder typicalHttp() {
    return new EntryBuilder(HTTP).id(12, 3).sequence(4711).sizes(412, 612, 0)
        .string(METHOD, "GET").string(URL, "/api/v1/orders/12345?expand=items").string(REQUEST_VERSION, "HTTP/1.1")
        .map(REQUEST_HEADERS, "Host", "orders.shop.svc.cluster.local", "User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
            "Accept", "application/json", "Accept-Encoding", "gzip, deflate", "X-Request-Id", "0b7f6a7e-8f0c-4a8e-9c1b-1f2d3e4a5b6c")
        .map(QUERY, "expand", "items")
        .integer(STATUS, 200)
        .map(RESPONSE_HEADERS, "Server", "nginx/1.22.1", "Date", "Sat, 23 Nov 2024 13:53:20 GMT", "Content-Type", "application/json",
            "Content-Length", "180", "Connection", "keep-alive", "Cache-Control", "no-store")
        .body(RESPONSE_BODY, "application/json", "", ("{\"id\":12345,\"items\":[" + "{\"sku\":\"A-1\",\"count\":2},".repeat(6) + "null]}").getBytes(StandardCharsets.UTF_8), 1 << 20);
  }
}
