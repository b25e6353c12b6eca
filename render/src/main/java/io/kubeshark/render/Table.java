package io.kubeshark.render;

import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntryView;
import io.kubeshark.core.NamePart;
import io.kubeshark.core.ProtocolInfo;
import io.kubeshark.core.Schema;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * Entries as lines for terminals, columns aligned as far as they fit. Control characters off the wire are shown as dots: a capture must
 * not be able to drive the terminal.
 */
public final class Table {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSSSSS", Locale.ROOT);
  private static final int PROTOCOL_WIDTH = 8;
  private static final int ENDPOINT_WIDTH = 21; // 255.255.255.255:65535
  private static final int METHOD_WIDTH = 8;
  private static final int STATUS_WIDTH = 8;
  private static final int ELAPSED_WIDTH = 9;
  private static final int SUMMARY_WIDTH_MIN = 20;

  private final Schema schema;
  private final ZoneId zone;
  private final int summaryWidth;

  /** @param width the terminal's columns; 0: lines as long as they come */
  public Table(Schema schema, ZoneId zone, int width) {
    this.schema = schema;
    this.zone = zone;
    int before = 15 + PROTOCOL_WIDTH + 2 * ENDPOINT_WIDTH + METHOD_WIDTH + STATUS_WIDTH + ELAPSED_WIDTH + 8;
    summaryWidth = width == 0 ? RowJson.SUMMARY_BYTES_MAX : Math.max(SUMMARY_WIDTH_MIN, width - before);
  }

  public String header() {
    StringBuilder out = new StringBuilder();
    cell("TIME", 15, out);
    cell("PROTOCOL", PROTOCOL_WIDTH, out);
    cell("CLIENT", ENDPOINT_WIDTH, out);
    cell("SERVER", ENDPOINT_WIDTH, out);
    cell("METHOD", METHOD_WIDTH, out);
    cell("STATUS", STATUS_WIDTH, out);
    cell("TOOK", ELAPSED_WIDTH, out);
    return out.append("SUMMARY\n").toString();
  }

  public void write(EntryView entry, StringBuilder out) {
    ProtocolInfo protocol = schema.protocol(entry.protocol());
    ProtocolInfo.Row row = protocol == null ? new ProtocolInfo.Row(null, null, null) : protocol.row();
    Instant start = Instant.ofEpochSecond(Math.floorDiv(entry.startNs(), 1_000_000_000L), Math.floorMod(entry.startNs(), 1_000_000_000L));
    cell(TIME.format(ZonedDateTime.ofInstant(start, zone)), 15, out);
    cell(protocol == null ? entry.protocol() : protocol.abbreviation(), PROTOCOL_WIDTH, out);
    cell(endpoint(entry, Direction.CLIENT, NamePart.POD), ENDPOINT_WIDTH, out);
    cell(endpoint(entry, Direction.SERVER, NamePart.SERVICE), ENDPOINT_WIDTH, out);
    cell(FieldText.of(entry, row.method()), METHOD_WIDTH, out);
    cell(FieldText.of(entry, row.status()), STATUS_WIDTH, out);
    cell(elapsed(entry.elapsedNs()), ELAPSED_WIDTH, out);
    String summary = FieldText.of(entry, row.summary());
    if (summary.length() > summaryWidth) summary = summary.substring(0, summaryWidth - 1) + "…";
    printable(summary, out);
    out.append('\n');
  }

  /** The name, cut so that the port stays; where there is none, the address. An event has neither address nor port. */
  private static String endpoint(EntryView entry, Direction side, NamePart wanted) {
    boolean client = side == Direction.CLIENT;
    boolean hasAddress = EndNames.hasAddress(entry, client ? EntryLayout.SRC_IP : EntryLayout.DST_IP);
    String port = hasAddress ? ":" + (client ? entry.srcPort() : entry.dstPort()) : "";
    String name = entry.nameText(side, wanted);
    if (name.isEmpty()) name = entry.nameText(side, NamePart.NAME);
    if (!name.isEmpty()) {
      int room = ENDPOINT_WIDTH - port.length();
      return (name.length() > room ? name.substring(0, room - 1) + "…" : name) + port;
    }
    if (!hasAddress) return "-";
    String ip = client ? entry.srcIp() : entry.dstIp();
    return ip.indexOf(':') >= 0 ? "[" + ip + "]" + port : ip + port;
  }

  static String elapsed(long ns) {
    if (ns < 0) return "-";
    if (ns < 1_000_000) return ns / 1000 + " µs";
    if (ns < 1_000_000_000) return String.format(Locale.ROOT, "%.1f ms", ns / 1e6);
    return String.format(Locale.ROOT, "%.2f s", ns / 1e9);
  }

  private static void cell(String value, int width, StringBuilder out) {
    int before = out.length();
    printable(value, out);
    do out.append(' ');
    while (out.length() - before <= width);
  }

  static void printable(String value, StringBuilder out) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      // Format characters (bidirectional overrides) can make a line read as another.
      out.append(Character.isISOControl(c) || Character.getType(c) == Character.FORMAT || c == '\u2028' || c == '\u2029' ? '·' : c);
    }
  }
}
