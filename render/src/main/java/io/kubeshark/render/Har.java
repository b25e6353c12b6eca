package io.kubeshark.render;

import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntryView;
import io.kubeshark.core.FieldSpec;
import io.kubeshark.core.ProtocolInfo;
import io.kubeshark.core.Schema;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * HAR 1.2 (w3c.github.io/web-performance/specs/HAR), streamed. HTTP entries are found by the names of their fields: {@code method, url,
 * http_version, status_code, headers, cookies, query_string, body}. Others are left out and counted in the log's comment.
 */
public final class Har implements AutoCloseable {
  private static final int FLUSH_BYTES = 64 << 10;

  private final Schema schema;
  private final OutputStream target;
  private final JsonWriter out = new JsonWriter(FLUSH_BYTES + (16 << 10));
  private final BodyBytes body = new BodyBytes();
  private long written;
  private long skipped;

  public Har(Schema schema, String version, OutputStream target) {
    this.schema = schema;
    this.target = target;
    out.beginObject().key("log").beginObject().key("version").string("1.2");
    out.key("creator").beginObject().key("name").string("kubeshark").key("version").string(version).endObject();
    out.key("pages").beginArray().endArray();
    out.key("entries").beginArray();
  }

  public void add(EntryView entry) throws IOException {
    ProtocolInfo protocol = schema.protocol(entry.protocol());
    FieldSpec method = protocol == null ? null : FieldText.named(protocol, Direction.CLIENT, "method");
    FieldSpec url = protocol == null ? null : FieldText.named(protocol, Direction.CLIENT, "url");
    boolean http = method != null && url != null && FieldText.named(protocol, Direction.SERVER, "status_code") != null;
    if (!http || entry.kind() != EntryLayout.Kind.EXCHANGE || entry.has(EntryLayout.FLAG_NO_REQUEST)) {
      skipped++;
      return;
    }
    entry(entry, protocol, FieldText.of(entry, method), FieldText.of(entry, url));
    written++;
    if (out.length() >= FLUSH_BYTES) flush();
  }

  private void entry(EntryView entry, ProtocolInfo protocol, String method, String url) {
    long totalNs = Math.max(0, entry.endNs() - entry.startNs());
    long waitNs = Math.min(totalNs, Math.max(0, entry.elapsedNs()));
    out.beginObject();
    out.key("startedDateTime").string(time(entry.startNs()));
    out.key("time").thousandths(totalNs / 1000);
    out.key("request");
    request(entry, protocol, method, absolute(entry, protocol, url));
    out.key("response");
    response(entry, protocol);
    out.key("cache").beginObject().endObject();
    out.key("timings").beginObject();
    out.key("send").number(0).key("wait").thousandths(waitNs / 1000).key("receive").thousandths((totalNs - waitNs) / 1000).endObject();
    out.key("serverIPAddress").string(entry.dstIp());
    out.key("connection").string(Long.toString(entry.stream()));
    String comment = between(entry);
    if (entry.has(EntryLayout.FLAG_UNFINISHED)) comment = and(comment, "The call was not over.");
    else if (entry.has(EntryLayout.FLAG_NO_RESPONSE)) comment = and(comment, "No response was captured.");
    if (!comment.isEmpty()) out.key("comment").string(comment);
    out.endObject();
  }

  private static String and(String comment, String sentence) {
    return comment.isEmpty() ? sentence : comment + ". " + sentence;
  }

  /** {@code shop/cart-7c9 → data/orders-db (service orders)}; an end without a name by its address; "" where neither has one. */
  private static String between(EntryView entry) {
    String client = EndNames.described(entry, Direction.CLIENT);
    String server = EndNames.described(entry, Direction.SERVER);
    if (client.isEmpty() && server.isEmpty()) return "";
    return (client.isEmpty() ? entry.srcIp() : client) + " → " + (server.isEmpty() ? entry.dstIp() : server);
  }

  static String time(long epochNs) {
    return Instant.ofEpochSecond(Math.floorDiv(epochNs, 1_000_000_000L), Math.floorMod(epochNs, 1_000_000_000L)).truncatedTo(ChronoUnit.MICROS).toString();
  }

  /** Most requests carry only a path (RFC 9112 section 3.2); the rest of the target is in Host, or else where the packet went. */
  private static String absolute(EntryView entry, ProtocolInfo protocol, String url) {
    if (!url.startsWith("/") && !url.equals("*")) return url;
    String host = FieldText.mapValue(entry, FieldText.named(protocol, Direction.CLIENT, "headers"), "Host");
    if (host == null || host.isBlank()) host = (entry.ipVersion() == 6 ? "[" + entry.dstIp() + "]" : entry.dstIp()) + ":" + entry.dstPort();
    return (entry.has(EntryLayout.FLAG_TLS) ? "https://" : "http://") + host + (url.equals("*") ? "/" : url);
  }

  private void request(EntryView entry, ProtocolInfo protocol, String method, String url) {
    out.beginObject().key("method").string(method).key("url").string(url);
    common(entry, protocol, Direction.CLIENT);
    out.key("queryString");
    pairs(entry, FieldText.named(protocol, Direction.CLIENT, "query_string"));
    FieldSpec bodySpec = FieldText.named(protocol, Direction.CLIENT, "body");
    int field = bodySpec == null ? -1 : entry.find(bodySpec);
    long bodySize = 0;
    if (field >= 0 && entry.bodyWireLength(field) > 0) {
      body.read(entry, field, true, ValueJson.DECODED_BODY_BYTES_MAX);
      bodySize = body.wireLength;
      out.key("postData").beginObject();
      out.key("mimeType").string(body.array, body.mediaAt, body.mediaLength);
      out.key("params").beginArray().endArray();
      out.key("text");
      body.write(out);
      if (!body.text) out.key("encoding").string("base64"); // as Chrome does; HAR 1.2 has no word for it in requests
      comment();
      out.endObject();
      body.clear();
    }
    out.key("headersSize").number(Math.max(-1, entry.requestSize() - bodySize));
    out.key("bodySize").number(bodySize).endObject();
  }

  private void response(EntryView entry, ProtocolInfo protocol) {
    boolean missing = entry.has(EntryLayout.FLAG_NO_RESPONSE);
    FieldSpec status = FieldText.named(protocol, Direction.SERVER, "status_code");
    FieldSpec reason = FieldText.named(protocol, Direction.SERVER, "status_text");
    int statusField = entry.find(status);
    out.beginObject();
    out.key("status").number(statusField < 0 ? 0 : statusCode(entry, statusField));
    out.key("statusText").string(FieldText.of(entry, reason));
    common(entry, protocol, Direction.SERVER);
    FieldSpec bodySpec = FieldText.named(protocol, Direction.SERVER, "body");
    int field = bodySpec == null ? -1 : entry.find(bodySpec);
    long bodySize = missing ? -1 : 0;
    out.key("content").beginObject();
    if (field >= 0) {
      body.read(entry, field, true, ValueJson.DECODED_BODY_BYTES_MAX);
      bodySize = body.wireLength;
      out.key("size").number(body.length).key("mimeType").string(body.array, body.mediaAt, body.mediaLength);
      out.key("text");
      body.write(out);
      if (!body.text) out.key("encoding").string("base64");
      comment();
      body.clear();
    } else {
      out.key("size").number(0).key("mimeType").string("");
    }
    out.endObject();
    String location = FieldText.mapValue(entry, FieldText.named(protocol, Direction.SERVER, "headers"), "Location");
    out.key("redirectURL").string(location == null ? "" : location);
    out.key("headersSize").number(missing ? -1 : Math.max(-1, entry.responseSize() - bodySize));
    out.key("bodySize").number(bodySize).endObject();
  }

  private static long statusCode(EntryView entry, int field) {
    return entry.fieldType(field) == io.kubeshark.core.FieldType.INT ? entry.intValue(field) : 0;
  }

  private void comment() {
    if (body.note != null) out.key("comment").string(body.note);
    else if (body.truncated) out.key("comment").string("Only the first bytes were kept.");
  }

  private void common(EntryView entry, ProtocolInfo protocol, Direction side) {
    out.key("httpVersion").string(FieldText.of(entry, FieldText.named(protocol, side, "http_version")));
    out.key("cookies");
    pairs(entry, FieldText.named(protocol, side, "cookies"));
    out.key("headers");
    pairs(entry, FieldText.named(protocol, side, "headers"));
  }

  private void pairs(EntryView entry, FieldSpec spec) {
    out.beginArray();
    int field = spec == null ? -1 : entry.find(spec);
    int item = field < 0 ? 0 : entry.firstItem(field);
    for (int i = field < 0 ? 0 : entry.count(field); i > 0; i--) {
      out.beginObject().key("name").string(entry.array(), entry.itemAt(item), entry.itemLength(item));
      item = entry.nextItem(item);
      out.key("value").string(entry.array(), entry.itemAt(item), entry.itemLength(item)).endObject();
      item = entry.nextItem(item);
    }
    out.endArray();
  }

  private void flush() throws IOException {
    out.writeTo(target);
    out.truncate(0, written > 0);
    out.shrink(FLUSH_BYTES * 4);
  }

  /** Ends the document; the stream stays open. */
  @Override
  public void close() throws IOException {
    out.endArray();
    if (skipped > 0) out.key("comment").string(skipped + " entries are left out: HAR holds HTTP exchanges with a captured request only.");
    out.endObject().endObject().newLine();
    out.writeTo(target);
    target.flush();
  }
}
