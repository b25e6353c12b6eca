package io.kubeshark.hub;

import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryView;
import io.kubeshark.core.FieldSpec;
import io.kubeshark.core.FieldType;
import io.kubeshark.core.Ledger;
import io.kubeshark.core.LedgerCode;
import io.kubeshark.core.NamePart;
import io.kubeshark.core.ProtocolInfo;
import io.kubeshark.render.EndNames;
import io.kubeshark.render.FieldText;
import io.kubeshark.render.JsonWriter;
import io.kubeshark.render.LedgerJson;
import io.kubeshark.render.Sections;
import io.kubeshark.wire.LedgerCodec;
import java.util.Map;

/**
 * {@code GET /api/connection}: a connection's entry, its fields found by name. The figures of the response side are its health; their
 * units are the endings of their names.
 */
final class ConnectionJson {
  private static final Map<String, String> UNITS = Map.of("_us", "µs", "_bytes", "bytes", "_ppm", "ppm", "_window", "bytes");

  private final EntryView entry;
  private final WorkerView worker;
  private final ProtocolInfo protocol;

  ConnectionJson(StoredEntries.Stored stored) throws ApiError {
    entry = stored.view();
    worker = stored.worker();
    protocol = worker.schema().protocol(entry.protocol());
    if (protocol == null) throw new ApiError(502, "bad-record", "the worker sent a connection of protocol '" + entry.protocol() + "' without its schema");
  }

  void write(JsonWriter out) {
    String state = text("state");
    boolean open = state.equals("open") || state.startsWith("syn") || state.equals("half-closed");
    out.beginObject().key("id").string(worker.names().worker() + "/" + entry.stream());
    out.key("state").string(state).key("transport").string(entry.transport() == 17 ? "udp" : "tcp");
    protocols(out);
    out.key("startTime").numberText(entry.startNs());
    out.key("endTime");
    if (open) out.nullValue();
    else out.numberText(entry.endNs());
    end("client", Direction.CLIENT, "local", out);
    end("server", Direction.SERVER, "remote", out);
    out.key("sections");
    new Sections(worker.schema()).side(entry, Direction.CLIENT, out);
    health(out);
    out.key("ledger");
    LedgerJson.write(ledger(), out);
    out.endObject();
  }

  private int field(String name) {
    for (FieldSpec field : protocol.fields()) if (field.name().equals(name)) return entry.find(field);
    return -1;
  }

  private String text(String name) {
    int field = field(name);
    return field < 0 ? "" : FieldText.of(entry, field);
  }

  private long number(String name) {
    int field = field(name);
    return field < 0 || entry.fieldType(field) != FieldType.INT ? 0 : entry.intValue(field);
  }

  private void protocols(JsonWriter out) {
    out.key("protocols").beginArray();
    int field = field("l7_detected");
    int item = field < 0 ? 0 : entry.firstItem(field);
    for (int i = field < 0 ? 0 : entry.count(field); i > 0; i--, item = entry.nextItem(item)) out.string(entry.itemText(item));
    out.endArray();
  }

  private void end(String key, Direction side, String prefix, JsonWriter out) {
    boolean client = side == Direction.CLIENT;
    out.key(key).beginObject().key("ip").string(client ? entry.srcIp() : entry.dstIp()).key("port").number(client ? entry.srcPort() : entry.dstPort());
    if (entry.name(side, NamePart.NAME) < 0) out.key("name").string("");
    EndNames.members(entry, side, true, out);
    out.key("packets").number(number(prefix + "_pkts")).key("bytes").number(number(prefix + "_bytes")).endObject();
  }

  private void health(JsonWriter out) {
    out.key("health").beginArray();
    for (FieldSpec spec : protocol.fields()) {
      if (spec.direction() != Direction.SERVER || spec.type() != FieldType.INT) continue;
      int field = entry.find(spec);
      if (field < 0) continue;
      out.beginObject().key("name").string(spec.name()).key("title").string(spec.title().replaceFirst(" \\((µs|ppm)\\)$", ""));
      out.key("value");
      if (entry.intValue(field) < 0) out.nullValue(); // -1: not seen
      else out.number(entry.intValue(field));
      out.key("unit").string(unit(spec.name())).key("doc").string(spec.doc().replaceFirst("; -1 unknown$", ""));
      out.key("selector").string(spec.variable() == null ? null : spec.variable() + " == " + entry.intValue(field)).endObject();
    }
    out.endArray();
  }

  private static String unit(String name) {
    for (Map.Entry<String, String> unit : UNITS.entrySet()) if (name.endsWith(unit.getKey())) return unit.getValue();
    return "";
  }

  private Ledger ledger() {
    Ledger ledger = new Ledger();
    ledger.wire(number("wire"));
    int field = field("ledger");
    int item = field < 0 ? 0 : entry.firstItem(field);
    for (int i = field < 0 ? 0 : entry.count(field); i > 0; i--) {
      LedgerCode code = LedgerCodec.code(entry.itemText(item));
      item = entry.nextItem(item);
      if (code != null) ledger.add(code, Long.parseLong(entry.itemText(item)));
      item = entry.nextItem(item);
    }
    return ledger;
  }
}
