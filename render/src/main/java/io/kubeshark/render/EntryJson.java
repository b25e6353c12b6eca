package io.kubeshark.render;

import io.kubeshark.core.Anomaly;
import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntryView;
import io.kubeshark.core.FieldType;
import io.kubeshark.core.Schema;
import java.nio.charset.StandardCharsets;

/**
 * A whole entry as one JSON object: what {@code kubeshark dissect --format jsonl}, exports and the detail call answer. Nothing is
 * allocated per entry, except for bodies that must be decompressed. One per thread: it keeps scratch space.
 *
 * <p>{@code timestamp} is epoch milliseconds with microseconds as fraction, {@code startTime} epoch nanoseconds as a string,
 * {@code elapsedTime} microseconds. {@code ledger.dissected} are the bytes of both messages that were captured, {@code ledger.lost} those
 * that were not.
 */
public final class EntryJson {
  private static final byte[] ID = JsonWriter.encodeKey("id");
  private static final byte[] STREAM = JsonWriter.encodeKey("stream");
  private static final byte[] INDEX = JsonWriter.encodeKey("index");
  private static final byte[] KIND = JsonWriter.encodeKey("kind");
  private static final byte[] PROTOCOL = JsonWriter.encodeKey("protocol");
  private static final byte[] TRANSPORT = JsonWriter.encodeKey("transport");
  private static final byte[] SRC = JsonWriter.encodeKey("src");
  private static final byte[] DST = JsonWriter.encodeKey("dst");
  private static final byte[] TIMESTAMP = JsonWriter.encodeKey("timestamp");
  private static final byte[] START_TIME = JsonWriter.encodeKey("startTime");
  private static final byte[] ELAPSED_TIME = JsonWriter.encodeKey("elapsedTime");
  private static final byte[] STATUS_CLASS = JsonWriter.encodeKey("statusClass");
  private static final byte[] REQUEST = JsonWriter.encodeKey("request");
  private static final byte[] RESPONSE = JsonWriter.encodeKey("response");
  private static final byte[] REQUEST_SIZE = JsonWriter.encodeKey("requestSize");
  private static final byte[] RESPONSE_SIZE = JsonWriter.encodeKey("responseSize");
  private static final byte[] TLS = JsonWriter.encodeKey("tls");
  private static final byte[] CAPTURE = JsonWriter.encodeKey("capture");
  private static final byte[] BACKEND = JsonWriter.encodeKey("backend");
  private static final byte[] SOURCE = JsonWriter.encodeKey("source");
  private static final byte[] VLAN = JsonWriter.encodeKey("vlan");
  private static final byte[] ERROR = JsonWriter.encodeKey("error");
  private static final byte[] TYPE = JsonWriter.encodeKey("type");
  private static final byte[] MESSAGE = JsonWriter.encodeKey("message");
  private static final byte[] ANOMALIES = JsonWriter.encodeKey("anomalies");
  private static final byte[] AFTER_GAP = JsonWriter.encodeKey("afterGap");
  private static final byte[] TRUNCATED = JsonWriter.encodeKey("truncated");
  private static final byte[] INCOMPLETE = JsonWriter.encodeKey("incomplete");
  private static final byte[] LEDGER = JsonWriter.encodeKey("ledger");
  private static final byte[] DISSECTED = JsonWriter.encodeKey("dissected");
  private static final byte[] LOST = JsonWriter.encodeKey("lost");
  /** Ends an endpoint: names come with Kubernetes. */
  private static final byte[] NO_NAME = ",\"name\":\"\"}".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] IP_BEGINS = "{\"ip\":\"".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] PORT_BEGINS = "\",\"port\":".getBytes(StandardCharsets.US_ASCII);
  private static final int ODD = EntryLayout.FLAG_AFTER_GAP | EntryLayout.FLAG_TRUNCATED | EntryLayout.FLAG_INCOMPLETE;
  /** What {@link #oddities} writes for most entries. */
  private static final byte[] NOTHING_ODD =
      "\"error\":null,\"anomalies\":[],\"afterGap\":false,\"truncated\":false,\"incomplete\":false".getBytes(StandardCharsets.US_ASCII);
  private static final int EXCHANGE = EntryLayout.Kind.EXCHANGE.ordinal();
  private static final byte[] UDP = "\"udp\"".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] TCP = "\"tcp\"".getBytes(StandardCharsets.US_ASCII);
  private static final byte[][] KINDS = texts(EntryLayout.Kind.values().length, i -> EntryLayout.Kind.values()[i].text());
  private static final byte[][] STATUS_CLASSES = texts(EntryLayout.StatusClass.values().length, i -> EntryLayout.StatusClass.values()[i].text());
  private static final byte[][] CAPTURES = texts(EntryLayout.Capture.values().length, i -> EntryLayout.Capture.values()[i].text());
  private static final byte[][] ANOMALY_CODES = texts(Anomaly.values().length, i -> Anomaly.of(i).code);

  private final ProtocolView[] protocols;
  private final byte[] workerPrefix;
  private final byte[] nodeAndWorker;
  private final ValueJson values;

  /** @param decodeBodies whether compressed bodies are written as what they hold; otherwise as they were on the wire, in base64 */
  public EntryJson(Schema schema, Names names, boolean decodeBodies) {
    protocols = ProtocolView.of(schema);
    workerPrefix = workerPrefix(names);
    nodeAndWorker = new JsonWriter(128)
        .key("node").beginObject().key("name").string(names.node()).key("ip").string(names.nodeIp()).endObject()
        .key("worker").string(names.worker()).toByteArray();
    values = new ValueJson(decodeBodies);
  }

  /** Writes the object, without a line end. */
  public void write(EntryView entry, JsonWriter out) {
    ProtocolView protocol = ProtocolView.find(protocols, entry);
    int flags = entry.flags();
    out.beginObject();
    identity(entry, protocol, out);
    endpoints(entry, out);
    out.key(TIMESTAMP).thousandths(entry.startNs() / 1000);
    out.key(START_TIME).numberText(entry.startNs());
    out.key(ELAPSED_TIME);
    if (entry.elapsedNs() < 0) out.nullValue();
    else out.number(entry.elapsedNs() / 1000);
    out.key(STATUS_CLASS).raw(STATUS_CLASSES[entry.array()[entry.offset() + EntryLayout.STATUS_CLASS]]);
    out.key(REQUEST);
    side(entry, protocol, Direction.CLIENT, (flags & EntryLayout.FLAG_NO_REQUEST) != 0, out);
    out.key(RESPONSE);
    side(entry, protocol, Direction.SERVER, (flags & EntryLayout.FLAG_NO_RESPONSE) != 0, out);
    out.key(REQUEST_SIZE).number(entry.requestSize());
    out.key(RESPONSE_SIZE).number(entry.responseSize());
    out.key(TLS).bool((flags & EntryLayout.FLAG_TLS) != 0);
    capture(entry, out);
    if (entry.anomalies() == 0 && (flags & ODD) == 0) out.raw(NOTHING_ODD);
    else oddities(entry, flags, out);
    if (entry.array()[entry.offset() + EntryLayout.KIND] == EXCHANGE) {
      out.key(LEDGER).beginObject();
      out.key(DISSECTED).number(entry.requestSize() + entry.responseSize() - entry.lostBytes());
      out.key(LOST).number(entry.lostBytes());
      out.endObject();
    }
    out.endObject();
  }

  private static void oddities(EntryView entry, int flags, JsonWriter out) {
    out.key(ERROR);
    error(entry, flags, out);
    anomalies(entry.anomalies(), out);
    out.key(AFTER_GAP).bool((flags & EntryLayout.FLAG_AFTER_GAP) != 0);
    out.key(TRUNCATED).bool((flags & EntryLayout.FLAG_TRUNCATED) != 0);
    out.key(INCOMPLETE).bool((flags & EntryLayout.FLAG_INCOMPLETE) != 0);
  }

  private void identity(EntryView entry, ProtocolView protocol, JsonWriter out) {
    out.key(ID);
    out.beginText();
    out.append(workerPrefix);
    out.digits(entry.stream());
    out.append('-');
    out.digits(entry.index());
    out.endText();
    out.raw(nodeAndWorker);
    out.key(STREAM).number(entry.stream());
    out.key(INDEX).number(entry.index());
    out.key(KIND).raw(KINDS[entry.array()[entry.offset() + EntryLayout.KIND]]);
    out.key(PROTOCOL).raw(protocol.object);
    out.key(TRANSPORT).raw(entry.transport() == io.kubeshark.core.Connection.UDP ? UDP : TCP);
  }

  private static void endpoints(EntryView entry, JsonWriter out) {
    out.key(SRC);
    endpoint(entry, EntryLayout.SRC_IP, entry.srcPort(), out);
    out.key(DST);
    endpoint(entry, EntryLayout.DST_IP, entry.dstPort(), out);
  }

  /** {@code {"ip":…,"port":…,"name":""}}. */
  static void endpoint(EntryView entry, int ipAt, int port, JsonWriter out) {
    out.raw(IP_BEGINS);
    out.ip(entry.array(), entry.offset() + ipAt);
    out.append(PORT_BEGINS);
    out.digits(port);
    out.append(NO_NAME);
  }

  private void side(EntryView entry, ProtocolView protocol, Direction side, boolean missing, JsonWriter out) {
    if (missing) {
      out.nullValue();
      return;
    }
    out.beginObject();
    int end = entry.end(side);
    for (int field = entry.first(side); field < end; field = entry.next(field)) {
      FieldType type = entry.fieldType(field);
      if (type == null) continue; // of a newer version
      out.key(protocol.key(entry.fieldId(field)));
      values.write(entry, field, type, protocol, out);
    }
    out.endObject();
  }

  private static void capture(EntryView entry, JsonWriter out) {
    byte[] array = entry.array();
    out.key(CAPTURE).beginObject();
    out.key(BACKEND).raw(CAPTURES[array[entry.offset() + EntryLayout.CAPTURE_BACKEND]]);
    out.key(SOURCE).raw(CAPTURES[array[entry.offset() + EntryLayout.CAPTURE_SOURCE]]);
    out.key(VLAN);
    if (entry.vlan() == 0) out.nullValue();
    else out.number(entry.vlan());
    out.endObject();
  }

  private static void error(EntryView entry, int flags, JsonWriter out) {
    if ((flags & (EntryLayout.FLAG_NO_REQUEST | EntryLayout.FLAG_NO_RESPONSE)) == 0 || entry.kind() != EntryLayout.Kind.EXCHANGE) {
      out.nullValue();
      return;
    }
    Anomaly missing = (flags & EntryLayout.FLAG_NO_REQUEST) != 0 ? Anomaly.UNASKED : Anomaly.UNANSWERED;
    // A message that expects no answer lacks it, but is no error: only dissect knows, and says so by the anomaly.
    if ((entry.anomalies() & missing.bit()) == 0) {
      out.nullValue();
      return;
    }
    out.beginObject().key(TYPE).string("pair-not-found").key(MESSAGE).string(missing.doc).endObject();
  }

  private static void anomalies(long bits, JsonWriter out) {
    out.key(ANOMALIES).beginArray();
    for (long rest = bits; rest != 0; rest &= rest - 1) {
      int ordinal = Long.numberOfTrailingZeros(rest);
      if (ordinal < ANOMALY_CODES.length) out.raw(ANOMALY_CODES[ordinal]);
    }
    out.endArray();
  }

  /** {@code local/}, escaped, to stand inside a string. */
  static byte[] workerPrefix(Names names) {
    byte[] quoted = new JsonWriter(64).string(names.worker() + "/").toByteArray();
    return java.util.Arrays.copyOfRange(quoted, 1, quoted.length - 1);
  }

  static byte[][] texts(int count, java.util.function.IntFunction<String> text) {
    byte[][] all = new byte[count][];
    for (int i = 0; i < count; i++) all[i] = new JsonWriter(32).string(text.apply(i)).toByteArray();
    return all;
  }
}
