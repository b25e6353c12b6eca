package io.kubeshark.render;

import io.kubeshark.core.Anomaly;
import io.kubeshark.core.FieldSpec;
import io.kubeshark.core.LedgerCode;
import io.kubeshark.core.ProtocolInfo;
import io.kubeshark.core.Schema;

/** The parts of {@code /api/schema} that come from core: protocols, anomalies, ledger accounts. */
public final class SchemaJson {
  private SchemaJson() {}

  /** Writes the members {@code protocols}, {@code anomalies} and {@code ledger} into an open object. */
  public static void members(Schema schema, JsonWriter out) {
    out.key("protocols").beginArray();
    for (ProtocolInfo protocol : schema.protocols()) protocol(protocol, out);
    out.endArray();
    out.key("anomalies").beginArray();
    for (Anomaly anomaly : Anomaly.values()) {
      out.beginObject().key("code").string(anomaly.code).key("title").string(title(anomaly.code)).key("doc").string(anomaly.doc).endObject();
    }
    out.endArray();
    out.key("ledger").beginArray();
    for (LedgerCode code : LedgerCode.values()) {
      out.beginObject();
      LedgerJson.describe(code, out);
      out.endObject();
    }
    out.endArray();
  }

  private static void protocol(ProtocolInfo protocol, JsonWriter out) {
    out.beginObject();
    out.key("id").string(protocol.id()).key("name").string(protocol.id()).key("longName").string(protocol.longName());
    out.key("abbreviation").string(protocol.abbreviation()).key("backgroundColor").string(protocol.backgroundColor());
    out.key("foregroundColor").string(protocol.foregroundColor()).key("referenceLink").string(protocol.referenceLink());
    out.key("layer").string(protocol.layer());
    out.key("ports").beginArray();
    for (int port : protocol.ports()) out.number(port);
    out.endArray();
    out.key("rowVariables").beginObject();
    variable("method", protocol.row().method(), out);
    variable("status", protocol.row().status(), out);
    variable("summary", protocol.row().summary(), out);
    out.endObject();
    out.endObject();
  }

  private static void variable(String column, FieldSpec field, JsonWriter out) {
    if (field != null && field.variable() != null) out.key(column).string(field.variable());
  }

  /** {@code after-gap} → {@code After gap}. */
  private static String title(String code) {
    return Character.toUpperCase(code.charAt(0)) + code.substring(1).replace('-', ' ');
  }
}
