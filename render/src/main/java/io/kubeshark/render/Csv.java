package io.kubeshark.render;

import io.kubeshark.core.Anomaly;
import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntryView;
import io.kubeshark.core.NamePart;
import io.kubeshark.core.ProtocolInfo;
import io.kubeshark.core.Schema;
import java.util.ArrayList;
import java.util.List;

/**
 * Rows as CSV (RFC 4180: CRLF, quotes doubled). Text off the wire that a spreadsheet would run as a formula gets an apostrophe in front
 * (OWASP, CSV injection).
 */
public final class Csv {
  private static final String[] COLUMNS = {
    "id", "time", "protocol", "kind", "method", "status", "status_class", "summary", "src_ip", "src_port", "dst_ip", "dst_port", "elapsed_us",
    "request_bytes", "response_bytes", "node", "tls", "flags", "anomalies",
    "src_name", "src_namespace", "src_pod", "src_service", "src_node", "dst_name", "dst_namespace", "dst_pod", "dst_service", "dst_node"
  };
  private static final NamePart[] NAME_COLUMNS = {NamePart.NAME, NamePart.NAMESPACE, NamePart.POD, NamePart.SERVICE, NamePart.NODE};

  private final Schema schema;
  private final Names names;

  public Csv(Schema schema, Names names) {
    this.schema = schema;
    this.names = names;
  }

  public static String header() {
    return String.join(",", COLUMNS) + "\r\n";
  }

  public void write(EntryView entry, StringBuilder out) {
    ProtocolInfo protocol = schema.protocol(entry.protocol());
    ProtocolInfo.Row row = protocol == null ? new ProtocolInfo.Row(null, null, null) : protocol.row();
    text(names.worker() + "/" + entry.stream() + "-" + entry.index(), out).append(',');
    out.append(Har.time(entry.startNs())).append(',');
    text(entry.protocol(), out).append(',');
    out.append(entry.kind().text()).append(',');
    text(FieldText.of(entry, row.method()), out).append(',');
    text(FieldText.of(entry, row.status()), out).append(',');
    out.append(entry.statusClass().text()).append(',');
    text(FieldText.of(entry, row.summary()), out).append(',');
    out.append(entry.srcIp()).append(',').append(entry.srcPort()).append(',');
    out.append(entry.dstIp()).append(',').append(entry.dstPort()).append(',');
    if (entry.elapsedNs() >= 0) out.append(entry.elapsedNs() / 1000);
    out.append(',').append(entry.requestSize()).append(',').append(entry.responseSize()).append(',');
    text(names.node(), out).append(',');
    out.append(entry.has(EntryLayout.FLAG_TLS)).append(',');
    out.append(String.join(" ", RowJson.flagNames(entry.flags()))).append(',');
    out.append(String.join(" ", anomalies(entry.anomalies())));
    for (Direction side : Direction.values()) for (NamePart part : NAME_COLUMNS) text(entry.nameText(side, part), out.append(','));
    out.append("\r\n");
  }

  private static List<String> anomalies(long bits) {
    List<String> codes = new ArrayList<>();
    for (long rest = bits; rest != 0; rest &= rest - 1) {
      Anomaly anomaly = Anomaly.of(Long.numberOfTrailingZeros(rest));
      if (anomaly != null) codes.add(anomaly.code);
    }
    return codes;
  }

  static StringBuilder text(String value, StringBuilder out) {
    boolean formula = !value.isEmpty() && "=+-@\t\r".indexOf(value.charAt(0)) >= 0;
    boolean quote = formula || value.indexOf(',') >= 0 || value.indexOf('"') >= 0 || value.indexOf('\n') >= 0 || value.indexOf('\r') >= 0;
    if (!quote) return out.append(value);
    return out.append('"').append(formula ? "'" : "").append(value.replace("\"", "\"\"")).append('"');
  }
}
