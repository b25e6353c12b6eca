package io.kubeshark.wire;

import io.kubeshark.core.Ledger;
import io.kubeshark.core.LedgerCode;
import io.kubeshark.wire.proto.Account;
import io.kubeshark.wire.proto.LedgerCounts;
import java.util.HashMap;
import java.util.Map;

/** A ledger on the wire: accounts by code, so that versions with other accounts understand each other. */
public final class LedgerCodec {
  private LedgerCodec() {}

  private static final Map<String, LedgerCode> BY_CODE = new HashMap<>();

  static {
    for (LedgerCode code : LedgerCode.values()) BY_CODE.put(code.code, code);
  }

  /** The account with this code, or null when it is from another version. */
  public static LedgerCode code(String code) {
    return BY_CODE.get(code);
  }

  public static LedgerCounts encode(Ledger ledger) {
    LedgerCounts.Builder counts = LedgerCounts.newBuilder().setWire(ledger.wire());
    for (LedgerCode code : LedgerCode.values()) {
      if (ledger.bytes(code) == 0 && ledger.packets(code) == 0) continue;
      counts.addAccounts(account(code, ledger.bytes(code), ledger.packets(code)));
    }
    return counts.build();
  }

  public static Account account(LedgerCode code, long bytes, long packets) {
    return Account.newBuilder().setCode(code.code).setBytes(bytes).setPackets(packets).build();
  }

  /** Accounts that are not known here stay pending: shown, and not made up. */
  public static Ledger decode(LedgerCounts counts) {
    Ledger ledger = new Ledger();
    ledger.wire(counts.getWire());
    for (Account account : counts.getAccountsList()) {
      LedgerCode code = BY_CODE.get(account.getCode());
      if (code != null) ledger.add(code, account.getBytes(), account.getPackets());
    }
    return ledger;
  }
}
