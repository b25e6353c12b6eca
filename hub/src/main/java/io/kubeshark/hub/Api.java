package io.kubeshark.hub;

import io.kubeshark.core.EntryView;
import io.kubeshark.hub.StoredEntries.Stored;
import io.kubeshark.kfl.Completion;
import io.kubeshark.kfl.Function;
import io.kubeshark.kfl.Kfl;
import io.kubeshark.kfl.KflException;
import io.kubeshark.kfl.Variable;
import io.kubeshark.render.EntryJson;
import io.kubeshark.render.JsonWriter;
import io.kubeshark.render.LedgerJson;
import io.kubeshark.render.SchemaJson;
import io.kubeshark.render.Sections;
import io.kubeshark.wire.LedgerCodec;
import io.kubeshark.wire.proto.Account;
import io.kubeshark.wire.proto.Envelope;
import io.kubeshark.wire.proto.GetPackets;
import io.kubeshark.wire.proto.Layer;
import io.kubeshark.wire.proto.Packet;
import io.kubeshark.wire.proto.Packets;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** REST of docs/api.md. Every request has its own virtual thread and may wait. */
final class Api extends Handler.Abstract {
  private static final String PREFIX = "/api/";
  private static final int ENTRIES_LIMIT = 100;
  private static final int ENTRIES_LIMIT_MAX = 10_000;
  private static final int PACKETS_LIMIT = 500;
  private static final int EXPORT_LIMIT = 10_000;
  private static final int BODY_BYTES_MAX = 1 << 20;
  private static final int BUFFER_BYTES = 64 << 10;
  private static final Set<String> POSTED = Set.of("export", "targets/preview");
  /** What calls take, where they take something. Another name is refused: a filter that is not heeded would answer everything. */
  private static final Map<String, List<String>> PARAMETERS = Map.of("entries", List.of("kfl", "limit", "before", "after"), "entry", List.of("id"),
      "connection", List.of("id"), "packets", List.of("conn", "limit"), "pcap", List.of("conn", "kfl", "from", "to", "limit", "format"),
      "kfl/validate", List.of("kfl"), "kfl/complete", List.of("kfl", "position"));
  private static final List<String> EXPORT_MEMBERS = List.of("format", "ids", "kfl", "limit");
  /** Calls for which no connection to a worker is opened. */
  private static final Set<String> WITHOUT_WORKERS = Set.of("health", "schema", "targets", "targets/preview", "kfl/validate");

  private final Hub hub;
  private final StoredEntries entries;
  private final Exports exports;
  private final RecentValues values;
  private final ClusterApi cluster;
  private final PcapApi pcap;

  Api(Hub hub) {
    this.hub = hub;
    this.entries = new StoredEntries(hub.workers());
    this.values = new RecentValues(entries);
    this.exports = new Exports(hub.workers(), entries, hub.options().version());
    this.cluster = new ClusterApi(hub, entries);
    this.pcap = new PcapApi(hub);
  }

  /** A call's answer as one JSON document. */
  private interface Answer {
    void write(Fields parameters, JsonWriter out) throws ApiError;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    String path = Request.getPathInContext(request);
    if (!path.startsWith(PREFIX)) return false;
    try {
      String call = path.substring(PREFIX.length());
      String methods = call.equals("targets") ? "GET POST" : POSTED.contains(call) ? "POST" : "GET";
      if (!List.of(methods.split(" ")).contains(request.getMethod())) {
        throw new ApiError(405, "method-not-allowed", path + " is called by " + methods.replace(" ", " or "));
      }
      if (WITHOUT_WORKERS.contains(call)) {
        answer(call, request, response, callback);
      } else {
        try (Workers.Look _ = hub.workers().look()) {
          hub.workers().awaitReady();
          answer(call, request, response, callback);
        }
      }
    } catch (ApiError e) {
      if (response.isCommitted()) {
        callback.failed(e);
      } else {
        response.getHeaders().remove("Content-Disposition");
        JsonErrors.write(e, response, callback);
      }
    } catch (UncheckedIOException | IOException gone) {
      callback.failed(gone);
    }
    return true;
  }

  private void answer(String call, Request request, Response response, Callback callback) throws ApiError, IOException {
    Fields parameters = Request.extractQueryParameters(request);
    if (PARAMETERS.containsKey(call)) known(parameters.getNames(), PARAMETERS.get(call), PREFIX + call);
    switch (call) {
      case "pcap" -> pcap.write(parameters, filter(text(parameters, "kfl")), response, callback);
      case "export" -> export(request, response, callback);
      case "targets/preview" -> {
        JsonNode body = body(request);
        json((_, out) -> cluster.preview(body, out), parameters, response, callback);
      }
      case "targets" -> {
        JsonNode body = request.getMethod().equals("POST") ? body(request) : null;
        json((_, out) -> {
          if (body == null) cluster.targets(out);
          else cluster.apply(body, out);
        }, parameters, response, callback);
      }
      default -> json(answer(call), parameters, response, callback);
    }
  }

  private Answer answer(String call) throws ApiError {
    String entry = ClusterApi.entryId(call);
    if (entry != null) return (_, out) -> cluster.manifests(entry, out);
    return switch (call) {
      case "health" -> this::health;
      case "stats" -> this::stats;
      case "schema" -> this::schema;
      case "entries" -> this::entries;
      case "entry" -> this::entry;
      case "connection" -> (parameters, out) -> new ConnectionJson(entries.connection(EntryId.connection(parameters.getValue("id")))).write(out);
      case "packets" -> this::packets;
      case "ledger" -> this::ledger;
      case "workers" -> (_, out) -> cluster.workers(out);
      case "kfl/validate" -> this::validate;
      case "kfl/complete" -> this::complete;
      default -> throw new ApiError(404, "not-found", "there is no " + PREFIX + call + "; docs/api.md lists what there is");
    };
  }

  private static void json(Answer answer, Fields parameters, Response response, Callback callback) throws ApiError {
    JsonWriter out = new JsonWriter();
    answer.write(parameters, out);
    response.setStatus(200);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json; charset=utf-8");
    response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    response.write(true, ByteBuffer.wrap(out.array(), 0, out.length()), callback);
  }

  private static void known(Iterable<String> names, List<String> wanted, String call) throws ApiError {
    for (String name : names) {
      if (wanted.contains(name)) continue;
      throw ApiError.badRequest("'" + name + "' is nothing that " + call + " takes: " + String.join(", ", wanted));
    }
  }

  private static String text(Fields parameters, String name) {
    String value = parameters.getValue(name);
    return value == null ? "" : value;
  }

  static long number(Fields parameters, String name, long otherwise) throws ApiError {
    String value = parameters.getValue(name);
    if (value == null || value.isEmpty()) return otherwise;
    try {
      long number = Long.parseLong(value);
      if (number >= 0) return number;
    } catch (NumberFormatException e) {
      // told below
    }
    throw ApiError.badRequest(name + "=" + value + ": a number from 0 on is wanted");
  }

  private String filter(String kfl) throws ApiError {
    try {
      hub.workers().kfl().compile(kfl);
      return kfl;
    } catch (KflException e) {
      throw new ApiError(e);
    }
  }

  private void health(Fields parameters, JsonWriter out) {
    // A worker that nobody wants is not missed.
    boolean degraded = hub.workers().all().stream().anyMatch(worker -> worker.wanted() && !worker.connected());
    String problem = hub.options().release() == null ? "" : hub.options().release().cluster().problem();
    out.beginObject().key("status").string(degraded || !problem.isEmpty() ? "degraded" : "ok").key("version").string(hub.options().version());
    if (!problem.isEmpty()) out.key("problem").string(problem);
    hub.connections(out);
    out.key("workers").beginArray();
    for (WorkerConnection worker : hub.workers().all()) {
      WorkerView view = worker.view();
      out.beginObject().key("node").string(view == null ? worker.name() : view.names().node()).key("version").string(view == null ? "" : view.hello().getVersion());
      out.key("connected").bool(worker.connected());
      if (!worker.connected()) out.key("problem").string(worker.problem());
      out.endObject();
    }
    out.endArray().endObject();
  }

  private void stats(Fields parameters, JsonWriter out) {
    hub.ticker().samples();
    out.raw(hub.ticker().frame(false).getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  private void schema(Fields parameters, JsonWriter out) {
    Kfl kfl = hub.workers().kfl();
    out.beginObject();
    SchemaJson.members(hub.workers().schema(), out);
    out.key("variables").beginArray();
    for (Variable variable : kfl.variables()) {
      out.beginObject().key("name").string(variable.name()).key("type").string(variable.type()).key("doc").string(variable.doc());
      out.key("protocol").string(variable.protocol()).key("example").string(variable.example()).endObject();
    }
    out.endArray().key("functions").beginArray();
    for (Function function : kfl.functions()) {
      out.beginObject().key("name").string(function.name()).key("signature").string(function.signature()).key("doc").string(function.doc());
      out.key("example").string(function.example()).endObject();
    }
    out.endArray().endObject();
  }

  private void entries(Fields parameters, JsonWriter out) throws ApiError {
    int limit = (int) Math.min(ENTRIES_LIMIT_MAX, number(parameters, "limit", ENTRIES_LIMIT));
    Cursor before = Cursor.parse("before", parameters.getValue("before"));
    Cursor after = Cursor.parse("after", parameters.getValue("after"));
    StoredEntries.Page page = entries.newest(filter(text(parameters, "kfl")), limit, before, after, true);
    out.beginObject().key("rows").beginArray();
    for (Stored entry : page.entries()) row(entry, out);
    out.endArray().key("truncated").bool(page.truncated()).key("older").string(page.older()).key("newer").string(page.newer());
    out.key("sources").beginObject().key("answered").number(page.answered()).key("asked").number(page.asked()).endObject().endObject();
  }

  private static void row(Stored entry, JsonWriter out) throws ApiError {
    if (entry.nat() == null) {
      entry.worker().rows().write(entry.view(), out);
      return;
    }
    JsonWriter row = new JsonWriter(1024);
    entry.worker().rows().write(entry.view(), row);
    out.raw(Nat.joined(row.toByteArray(), entry.nat()));
  }

  private void entry(Fields parameters, JsonWriter out) throws ApiError {
    Stored stored = entries.entryWithNat(EntryId.entry(parameters.getValue("id")));
    EntryView view = stored.view();
    out.beginObject().key("row");
    row(stored, out);
    out.key("entry");
    JsonWriter entry = new JsonWriter();
    new EntryJson(stored.worker().schema(), stored.worker().names(), true).write(view, entry);
    out.raw(stored.nat() == null ? entry.toByteArray() : Nat.joined(entry.toByteArray(), stored.nat()));
    out.key("representation");
    new Sections(stored.worker().schema()).representation(view, out);
    out.endObject();
  }

  private void packets(Fields parameters, JsonWriter out) throws ApiError {
    EntryId id = EntryId.connection(parameters.getValue("conn"));
    WorkerConnection worker = hub.workers().worker(id.worker());
    long question = worker.newId();
    int limit = (int) Math.min(Integer.MAX_VALUE, number(parameters, "limit", PACKETS_LIMIT));
    Packets[] answer = {null};
    worker.ask(question, Envelope.newBuilder().setGetPackets(GetPackets.newBuilder().setId(question).setStream(id.stream()).setLimit(limit)).build(), frame -> {
      answer[0] = frame.getPackets();
      return false;
    });
    out.beginObject().key("packets").beginArray();
    int number = 0;
    for (Packet packet : answer[0].getPacketsList()) packet(packet, ++number, out);
    out.endArray().key("truncated").bool(answer[0].getTruncated());
    out.key("note").string(note(answer[0])).endObject();
  }

  private static void packet(Packet packet, int number, JsonWriter out) {
    byte[] data = packet.getData().toByteArray();
    out.beginObject().key("number").number(number).key("timestamp").thousandths(packet.getTimeNs() / 1000);
    out.key("direction").string(packet.getDirection() == 0 ? "client" : "server");
    out.key("capturedLength").number(data.length).key("length").number(packet.getWireLength()).key("linkType").number(packet.getLinkType());
    out.key("summary").string(packet.getSummary()).key("layers").beginArray();
    for (Layer layer : packet.getLayersList()) {
      out.beginObject().key("name").string(layer.getName()).key("offset").number(layer.getOffset()).key("length").number(layer.getLength()).endObject();
    }
    out.endArray().key("hex").hex(data, 0, data.length).endObject();
  }

  /** What is not here any more, or null. */
  private static String note(Packets packets) {
    boolean unknown = packets.getGone() < 0;
    if (packets.getGone() == 0 || unknown && packets.getTruncated()) return null;
    // Without a time, the oldest go when the size is reached.
    String kept = packets.getTtlMs() == 0 ? "packets are kept until the store is full (--packets-size)" : "packets are kept " + packets.getTtlMs() / 1000 + " s (--packets-ttl)";
    if (unknown) return kept + (packets.getPacketsCount() == 0 ? "; none of this connection is left" : "; how many are gone is not known");
    return kept + "; " + packets.getGone() + " of " + (packets.getGone() + packets.getPacketsCount()) + " are gone";
  }

  private void ledger(Fields parameters, JsonWriter out) {
    List<StatsTicker.Sample> samples = hub.ticker().samples();
    out.beginObject();
    LedgerJson.members(StatsTicker.ledger(samples), out);
    out.key("workers").beginArray();
    Map<String, long[]> drops = new LinkedHashMap<>();
    for (StatsTicker.Sample sample : samples) {
      if (sample.stats() == null) continue;
      out.beginObject().key("node").string(sample.worker().view().names().node()).key("ledger");
      LedgerJson.write(LedgerCodec.decode(sample.stats().getLedger()), out);
      out.endObject();
      for (Account drop : sample.stats().getDropsList()) {
        long[] sum = drops.computeIfAbsent(drop.getCode(), code -> new long[2]);
        sum[0] += drop.getPackets();
        sum[1] += drop.getBytes();
      }
    }
    out.endArray().key("drops").beginArray();
    drops.forEach((code, sum) -> StatsTicker.drop(code, sum[0], sum[1], out));
    out.endArray().endObject();
  }

  private void validate(Fields parameters, JsonWriter out) {
    try {
      hub.workers().kfl().compile(text(parameters, "kfl"));
      out.beginObject().key("ok").bool(true).endObject();
    } catch (KflException e) {
      out.beginObject().key("ok").bool(false).key("error");
      ApiError.write(e, out);
      out.endObject();
    }
  }

  private void complete(Fields parameters, JsonWriter out) throws ApiError {
    String kfl = text(parameters, "kfl");
    int position = (int) Math.min(kfl.length(), number(parameters, "position", kfl.length()));
    Completion completion = hub.workers().kfl().complete(kfl, position, values);
    out.beginObject().key("from").number(completion.from()).key("to").number(completion.to()).key("options").beginArray();
    for (Completion.Option option : completion.options()) {
      out.beginObject().key("label").string(option.label()).key("type").string(option.type()).key("detail").string(option.detail());
      out.key("doc").string(option.doc()).key("apply").string(option.apply()).endObject();
    }
    out.endArray().endObject();
  }

  private void export(Request request, Response response, Callback callback) throws ApiError, IOException {
    JsonNode wanted = body(request);
    known(wanted.propertyNames(), EXPORT_MEMBERS, PREFIX + "export");
    Exports.Format format = format(wanted.path("format").asString(""));
    List<String> ids = new ArrayList<>();
    for (JsonNode id : wanted.path("ids")) ids.add(id.asString(""));
    if (ids.size() > Exports.IDS_MAX) throw ApiError.badRequest("at most " + Exports.IDS_MAX + " ids; use a filter instead");
    for (String id : ids) EntryId.entry(id);
    String kfl = filter(wanted.path("kfl").asString(""));
    int limit = Math.clamp(wanted.path("limit").asInt(EXPORT_LIMIT), 1, StoredEntries.LIMIT_MAX);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, format.contentType);
    response.getHeaders().put("Content-Disposition", "attachment; filename=\"kubeshark." + format.name().toLowerCase(Locale.ROOT) + "\"");
    Exports.Matches matches = wanted.has("ids") ? null : exports.matches(kfl);
    if (matches != null) response.getHeaders().put("Kubeshark-Sources", matches.readers().size() + " of " + matches.asked());
    OutputStream out = new BufferedOutputStream(Content.Sink.asOutputStream(response), BUFFER_BYTES);
    Exports.Target target = exports.target(format, out);
    if (wanted.has("ids")) exports.byId(ids, target);
    else exports.byFilter(matches, limit, target);
    target.close();
    out.close(); // only a whole file is ended: one that broke off must not look whole
    callback.succeeded();
  }

  private static JsonNode body(Request request) throws ApiError, IOException {
    byte[] bytes = Request.asInputStream(request).readNBytes(BODY_BYTES_MAX + 1);
    if (bytes.length > BODY_BYTES_MAX) throw new ApiError(413, "too-large", "the request's body is over " + BODY_BYTES_MAX + " bytes");
    try {
      return JsonMapper.shared().readTree(bytes);
    } catch (JacksonException e) {
      throw ApiError.badRequest("the request's body is not JSON");
    }
  }

  private static Exports.Format format(String name) throws ApiError {
    for (Exports.Format format : Exports.Format.values()) if (format.name().equalsIgnoreCase(name)) return format;
    throw ApiError.badRequest("format '" + name + "': har, csv or jsonl");
  }
}
