package io.kubeshark.render;

import io.kubeshark.core.Ledger;
import io.kubeshark.core.LedgerCode;

/** {@code Ledger} of docs/api.md: accounts that hold something, in the order of their codes. */
public final class LedgerJson {
  private LedgerJson() {}

  public static void write(Ledger ledger, JsonWriter out) {
    out.beginObject();
    members(ledger, out);
    out.endObject();
  }

  /** The members alone, for objects that have others beside them. */
  public static void members(Ledger ledger, JsonWriter out) {
    out.key("wire").number(ledger.wire());
    out.key("accounts").beginArray();
    for (LedgerCode code : LedgerCode.values()) {
      if (ledger.bytes(code) == 0 && ledger.packets(code) == 0) continue;
      out.beginObject();
      describe(code, out);
      out.key("bytes").number(ledger.bytes(code)).key("packets").number(ledger.packets(code)).endObject();
    }
    out.endArray();
    out.key("pending").number(ledger.pending());
    // Less than nothing pending means that bytes were booked twice.
    out.key("balanced").bool(ledger.pending() >= 0);
  }

  /** {@code {"wire":…,"dissected":…,"opaque":…,"lost":…,"pending":…}}. */
  public static void totals(Ledger ledger, JsonWriter out) {
    out.beginObject().key("wire").number(ledger.wire());
    for (LedgerCode.Kind kind : LedgerCode.Kind.values()) out.key(kind.text()).number(ledger.total(kind));
    out.key("pending").number(ledger.pending()).endObject();
  }

  static void describe(LedgerCode code, JsonWriter out) {
    out.key("class").string(code.kind.text()).key("code").string(code.code).key("title").string(code.title);
    out.key("doc").string(code.doc).key("remedy").string(code.remedy);
  }
}
