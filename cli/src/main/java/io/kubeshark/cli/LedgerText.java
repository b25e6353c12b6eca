package io.kubeshark.cli;

import io.kubeshark.core.Ledger;
import io.kubeshark.core.LedgerCode;
import java.util.Locale;

/** The ledger for people: every byte on the wire, by what became of it. */
final class LedgerText {
  private LedgerText() {}

  static String of(Ledger ledger) {
    StringBuilder text = new StringBuilder();
    line(text, "on the wire", ledger.wire(), ledger.wire(), "");
    for (LedgerCode.Kind kind : LedgerCode.Kind.values()) {
      line(text, "  " + kind.text(), ledger.total(kind), ledger.wire(), "");
      for (LedgerCode code : LedgerCode.values()) {
        if (code.kind != kind || ledger.bytes(code) == 0 && ledger.packets(code) == 0) continue;
        line(text, "    " + code.code, ledger.bytes(code), ledger.wire(), packets(ledger.packets(code)) + code.title);
      }
    }
    if (ledger.pending() != 0) line(text, "  pending", ledger.pending(), ledger.wire(), "unaccounted: this is a bug, please report it");
    return text.toString();
  }

  private static String packets(long count) {
    return count == 0 ? "" : Sizes.count(count) + " packets. ";
  }

  private static void line(StringBuilder text, String name, long bytes, long wire, String note) {
    double share = wire == 0 ? 0 : 100.0 * bytes / wire;
    text.append(String.format(Locale.ROOT, "%-28s %18s B %6.2f %%  %s", name, Sizes.count(bytes), share, note).stripTrailing()).append('\n');
  }
}
