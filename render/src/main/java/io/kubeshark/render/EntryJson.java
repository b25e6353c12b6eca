package io.kubeshark.render;

import io.kubeshark.core.Anomaly;
import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntryView;
import io.kubeshark.core.FieldType;
import io.kubeshark.core.NamePart;
import io.kubeshark.core.Schema;
import java.nio.charset.StandardCharsets;

/**
 * A whole entry as one JSON object: what {@code kubeshark dissect --format jsonl}, exports and the detail call answer. Nothing is
 * allocated per entry, except for bodies that must be decompressed. One per thread: it keeps scratch space.
 *
 * <p>{@code timestamp} is epoch milliseconds with microseconds as fraction, {@code startTime} epoch nanoseconds as a string,
 * {@code elapsedTime} microseconds, null without a response. What holds for few entries is only there where it holds: {@code error},
 * {@code anomalies}, {@code afterGap}, {@code truncated}, {@code incomplete}, {@code capture.vlan}, {@code lostBytes} (bytes of both
 * messages that were never captured; sizes include them). An event has its fields in {@code event}, and neither request nor response.
 *
 * <p>Constant bytes between two values are one segment each, made once: of an HTTP entry they are more than half.
 */
public final class EntryJson {
  private static final byte[] INDEX = ascii("\",\"index\":");
  private static final byte[] IP_BEGINS = ascii("{\"ip\":\"");
  private static final byte[] PORT_BEGINS = ascii("\",\"port\":");
  private static final byte[] NO_NAME = ascii(",\"name\":\"\"}");
  private static final byte[] NO_ADDRESS = ascii("{\"ip\":\"\",\"port\":0");
  private static final byte[] TIMESTAMP = ascii(",\"timestamp\":");
  private static final byte[] START_TIME = ascii(",\"startTime\":\"");
  private static final byte[] ELAPSED_TIME = ascii("\",\"elapsedTime\":");
  private static final byte[] NULL = ascii("null");
  private static final byte[] RESPONSE = ascii(",\"response\":");
  private static final byte[] REQUEST_SIZE = ascii(",\"requestSize\":");
  private static final byte[] RESPONSE_SIZE = ascii(",\"responseSize\":");
  private static final byte[] VLAN = ascii(",\"vlan\":");
  private static final byte[] EVENT = JsonWriter.encodeKey("event");
  private static final byte[] ERROR = JsonWriter.encodeKey("error");
  private static final byte[] TYPE = JsonWriter.encodeKey("type");
  private static final byte[] MESSAGE = JsonWriter.encodeKey("message");
  private static final byte[] ANOMALIES = JsonWriter.encodeKey("anomalies");
  private static final byte[] AFTER_GAP = JsonWriter.encodeKey("afterGap");
  private static final byte[] TRUNCATED = JsonWriter.encodeKey("truncated");
  private static final byte[] INCOMPLETE = JsonWriter.encodeKey("incomplete");
  private static final byte[] UNFINISHED = JsonWriter.encodeKey("unfinished");
  private static final byte[] LOST_BYTES = JsonWriter.encodeKey("lostBytes");
  private static final int ODD = EntryLayout.FLAG_AFTER_GAP | EntryLayout.FLAG_TRUNCATED | EntryLayout.FLAG_INCOMPLETE;
  private static final byte[][] ANOMALY_CODES = texts(Anomaly.values().length, i -> Anomaly.of(i).code);
  private static final byte[][] STATUS_CLASSES = segments(EntryLayout.StatusClass.values().length,
      i -> ",\"statusClass\":\"" + EntryLayout.StatusClass.values()[i].text() + "\",\"request\":");
  private static final EntryLayout.Capture[] CAPTURES = EntryLayout.Capture.values();
  private static final byte[][] CAPTURE_BEGINS = segments(CAPTURES.length * CAPTURES.length * 2, EntryJson::captureBegins);

  private final ProtocolView[] protocols;
  private final ConnectionHeads heads;
  private final ValueJson values;

  /** @param decodeBodies whether compressed bodies are written as what they hold; otherwise as they were on the wire, in base64 */
  public EntryJson(Schema schema, Names names, boolean decodeBodies) {
    protocols = ProtocolView.of(schema);
    heads = new ConnectionHeads(names);
    values = new ValueJson(decodeBodies);
  }

  /** Writes the object, without a line end. */
  public void write(EntryView entry, JsonWriter out) {
    ProtocolView protocol = ProtocolView.find(protocols, entry);
    int flags = entry.flags();
    boolean event = entry.array()[entry.offset() + EntryLayout.KIND] == EntryLayout.Kind.EVENT.ordinal();
    identity(entry, out);
    times(entry, out);
    out.append(STATUS_CLASSES[entry.array()[entry.offset() + EntryLayout.STATUS_CLASS]]);
    side(entry, protocol, Direction.CLIENT, event || (flags & EntryLayout.FLAG_NO_REQUEST) != 0, out);
    out.append(RESPONSE);
    side(entry, protocol, Direction.SERVER, event || (flags & EntryLayout.FLAG_NO_RESPONSE) != 0, out);
    out.append(REQUEST_SIZE);
    out.digits(entry.requestSize());
    out.append(RESPONSE_SIZE);
    out.digits(entry.responseSize());
    capture(entry, flags, out);
    out.afterValue(true);
    if (event) side(entry, protocol, Direction.CLIENT, false, out.key(EVENT));
    if (entry.anomalies() != 0 || (flags & ODD) != 0 || entry.lostBytes() != 0) oddities(entry, flags, out);
    out.endObject();
  }

  private static void oddities(EntryView entry, int flags, JsonWriter out) {
    error(entry, flags, out);
    if (entry.anomalies() != 0) anomalies(entry.anomalies(), out);
    if ((flags & EntryLayout.FLAG_AFTER_GAP) != 0) out.key(AFTER_GAP).bool(true);
    if ((flags & EntryLayout.FLAG_TRUNCATED) != 0) out.key(TRUNCATED).bool(true);
    if ((flags & EntryLayout.FLAG_INCOMPLETE) != 0) out.key(INCOMPLETE).bool(true);
    if ((flags & EntryLayout.FLAG_UNFINISHED) != 0) out.key(UNFINISHED).bool(true);
    if (entry.lostBytes() != 0) out.key(LOST_BYTES).number(entry.lostBytes());
  }

  private void identity(EntryView entry, JsonWriter out) {
    ConnectionHeads.Head head = heads.head(entry, protocols);
    out.raw(head.begins());
    out.digits(entry.index());
    out.append(INDEX);
    out.digits(entry.index());
    out.append(head.goesOn());
  }

  private static void times(EntryView entry, JsonWriter out) {
    out.append(TIMESTAMP);
    out.moment(entry.startNs(), START_TIME);
    out.append(ELAPSED_TIME);
    if (entry.elapsedNs() < 0) out.append(NULL);
    else out.digits(entry.elapsedNs() / 1000);
  }

  /** A row's end: {@code {"ip":…,"port":…,"name":""}}, and more where more is known. */
  static void endpoint(EntryView entry, Direction side, JsonWriter out) {
    int ipAt = side == Direction.CLIENT ? EntryLayout.SRC_IP : EntryLayout.DST_IP;
    if (EndNames.hasAddress(entry, ipAt)) {
      out.raw(IP_BEGINS);
      out.ip(entry.array(), entry.offset() + ipAt);
      out.append(PORT_BEGINS);
      out.digits(side == Direction.CLIENT ? entry.srcPort() : entry.dstPort());
    } else {
      out.raw(NO_ADDRESS);
    }
    if (entry.name(side, NamePart.NAME) < 0) {
      out.append(NO_NAME);
      return;
    }
    out.afterValue(true);
    EndNames.members(entry, side, false, out);
    out.endObject();
  }

  private void side(EntryView entry, ProtocolView protocol, Direction side, boolean missing, JsonWriter out) {
    if (missing) {
      out.append(NULL);
      return;
    }
    out.afterValue(false);
    out.beginObject();
    int end = entry.end(side);
    for (int field = entry.first(side); field < end; field = entry.next(field)) {
      FieldType type = entry.fieldType(field);
      if (type == null) continue; // of a newer version
      byte[] key = protocol.key(entry.fieldId(field));
      // The two common types in one step each: a third less time.
      if (type == FieldType.STRING) out.member(key, entry.array(), entry.valueAt(field), entry.valueLength(field));
      else if (type == FieldType.INT) out.member(key, entry.intValue(field));
      else values.write(entry, field, type, protocol, out.key(key));
    }
    out.endObject();
  }

  private static void capture(EntryView entry, int flags, JsonWriter out) {
    byte[] array = entry.array();
    int backend = array[entry.offset() + EntryLayout.CAPTURE_BACKEND];
    int source = array[entry.offset() + EntryLayout.CAPTURE_SOURCE];
    out.append(CAPTURE_BEGINS[(backend * CAPTURES.length + source) * 2 + ((flags & EntryLayout.FLAG_TLS) != 0 ? 1 : 0)]);
    if (entry.vlan() != 0) {
      out.append(VLAN);
      out.digits(entry.vlan());
    }
    out.append('}');
  }

  private static String captureBegins(int index) {
    int capture = index / 2;
    return ",\"tls\":" + (index % 2 == 1) + ",\"capture\":{\"backend\":\"" + CAPTURES[capture / CAPTURES.length].text()
        + "\",\"source\":\"" + CAPTURES[capture % CAPTURES.length].text() + "\"";
  }

  private static void error(EntryView entry, int flags, JsonWriter out) {
    if ((flags & (EntryLayout.FLAG_NO_REQUEST | EntryLayout.FLAG_NO_RESPONSE)) == 0 || entry.kind() != EntryLayout.Kind.EXCHANGE) return;
    Anomaly missing = (flags & EntryLayout.FLAG_NO_REQUEST) != 0 ? Anomaly.UNASKED : Anomaly.UNANSWERED;
    // A message that expects no answer lacks it, but is no error: only dissect knows, and says so by the anomaly.
    if ((entry.anomalies() & missing.bit()) == 0) return;
    out.key(ERROR).beginObject().key(TYPE).string("pair-not-found").key(MESSAGE).string(missing.doc).endObject();
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

  private static byte[][] segments(int count, java.util.function.IntFunction<String> text) {
    byte[][] all = new byte[count][];
    for (int i = 0; i < count; i++) all[i] = ascii(text.apply(i));
    return all;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
