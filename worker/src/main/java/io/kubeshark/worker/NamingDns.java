package io.kubeshark.worker;

import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntryView;
import io.kubeshark.core.FieldSpec;
import io.kubeshark.core.NameLearner;
import io.kubeshark.core.ProtocolInfo;
import io.kubeshark.core.Schema;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;

/**
 * Reads addresses out of DNS entries. The name that was asked for counts, not the one at the end of a chain of aliases: it is what
 * whoever asked wrote down. Names are as true as the answers that were captured.
 */
final class NamingDns {
  /** Addresses of one answer that are looked at. */
  static final int ANSWERS_MAX = 64;
  private static final byte[] DNS = "dns".getBytes(StandardCharsets.US_ASCII);
  private static final long NS_PER_S = 1_000_000_000L;

  private final NameLearner learner;
  private final FieldSpec asked;
  private final FieldSpec repeated;
  private final FieldSpec answers;
  private final int typeColumn;
  private final int ttlColumn;
  private final int dataColumn;
  private final byte[] ip = new byte[16];

  NamingDns(Schema schema, NameLearner learner) {
    ProtocolInfo dns = schema.protocol("dns");
    this.learner = learner;
    asked = field(dns, Direction.CLIENT, "name");
    repeated = field(dns, Direction.SERVER, "name");
    answers = field(dns, Direction.SERVER, "answers");
    typeColumn = column("type");
    ttlColumn = column("ttl");
    dataColumn = column("data");
  }

  private static FieldSpec field(ProtocolInfo dns, Direction side, String name) {
    if (dns == null) return null;
    for (FieldSpec field : dns.fields()) if (field.direction() == side && field.name().equals(name)) return field;
    throw new IllegalArgumentException("the protocol dns has no field '" + name + "'");
  }

  private int column(String name) {
    int column = answers == null ? 0 : answers.columns().indexOf(name);
    if (column < 0) throw new IllegalArgumentException("the table of DNS answers has no column '" + name + "'");
    return column;
  }

  void learn(EntryView entry) {
    if (answers == null || learner == NameLearner.NONE || !entry.isProtocol(DNS) || entry.kind() != EntryLayout.Kind.EXCHANGE) return;
    int table = entry.find(answers);
    if (table < 0) return;
    int name = entry.find(asked);
    if (name < 0) name = entry.find(repeated);
    if (name < 0 || entry.valueLength(name) == 0) return;
    int columns = entry.columns(table);
    int item = entry.firstItem(table);
    for (int row = Math.min(entry.count(table), ANSWERS_MAX); row > 0; row--) {
      int type = -1;
      int ttl = -1;
      int data = -1;
      for (int column = 0; column < columns; column++, item = entry.nextItem(item)) {
        if (column == typeColumn) type = item;
        if (column == ttlColumn) ttl = item;
        if (column == dataColumn) data = item;
      }
      if (type < 0 || ttl < 0 || data < 0 || !isAddress(entry, type) || !address(entry.itemText(data))) continue;
      learner.learn(ip, 0, entry.stringValue(name), entry.startNs(), seconds(entry, ttl) * NS_PER_S);
    }
  }

  /** A or AAAA. */
  private static boolean isAddress(EntryView entry, int type) {
    int length = entry.itemLength(type);
    if (length != 1 && length != 4) return false;
    for (int i = 0; i < length; i++) if (entry.array()[entry.itemAt(type) + i] != 'A') return false;
    return true;
  }

  /** Fills {@link #ip}. @return false if it is none (broken data are written as RFC 3597 does), or one that no host has for itself */
  private boolean address(String text) {
    if (text.isEmpty() || text.charAt(0) == '\\') return false;
    InetAddress address = InetAddress.ofLiteral(text);
    if (address.isAnyLocalAddress() || address.isLoopbackAddress() || address.isMulticastAddress()) return false;
    byte[] bytes = address.getAddress();
    java.util.Arrays.fill(ip, (byte) 0);
    if (bytes.length == 4) ip[10] = ip[11] = -1;
    System.arraycopy(bytes, 0, ip, 16 - bytes.length, bytes.length);
    return true;
  }

  private static long seconds(EntryView entry, int item) {
    long seconds = 0;
    for (int i = 0; i < Math.min(10, entry.itemLength(item)); i++) {
      int digit = entry.array()[entry.itemAt(item) + i] - '0';
      if (digit < 0 || digit > 9) return 0;
      seconds = seconds * 10 + digit;
    }
    return seconds;
  }
}
