package io.kubeshark.dissect.dns;

import io.kubeshark.core.ByteCursor;
import io.kubeshark.core.Connection;
import io.kubeshark.core.Direction;
import io.kubeshark.core.ProtocolInfo;
import io.kubeshark.dissect.DissectOptions;
import io.kubeshark.dissect.Dissector;
import io.kubeshark.dissect.Protocol;

/** DNS over UDP, and over TCP with its length prefix (RFC 1035 section 4.2.2). */
public final class DnsProtocol implements Protocol {
  private static final int QUESTIONS_MAX = 8;
  /** Longer messages are read, but nothing is recognised by them: line ends and letters make a length, too. */
  private static final int RECOGNIZED_BYTES_MAX = 2 << 10;

  @Override
  public ProtocolInfo info() {
    return DnsFields.INFO;
  }

  @Override
  public boolean runsOver(int transport) {
    return transport == Connection.UDP || transport == Connection.TCP;
  }

  /** Whether the cursor came with a length prefix shows in the bytes: a message that fits both ways is taken as it fits exactly. */
  @Override
  public Verdict recognize(Direction sender, ByteCursor head) {
    DnsReader reader = new DnsReader();
    int available = head.remaining();
    if (available >= DnsReader.HEADER_LENGTH && plausible(reader.wrap(head.array(), head.position(), available), sender) == Verdict.MATCH) {
      return Verdict.MATCH;
    }
    if (available < 2) return available == 0 || head.at(head.position()) <= RECOGNIZED_BYTES_MAX >> 8 ? Verdict.NEED_MORE : Verdict.REJECT;
    int length = head.u16();
    if (length < DnsReader.HEADER_LENGTH + 5 || length > RECOGNIZED_BYTES_MAX) return Verdict.REJECT;
    int present = Math.min(length, head.remaining());
    if (present < DnsReader.HEADER_LENGTH) return headerMayBe(head, present, sender) ? Verdict.NEED_MORE : Verdict.REJECT;
    Verdict verdict = plausible(reader.wrap(head.array(), head.position(), present), sender);
    return verdict == Verdict.NEED_MORE && present == length ? Verdict.REJECT : verdict;
  }

  /** The part of a header that is here. */
  private static boolean headerMayBe(ByteCursor head, int present, Direction sender) {
    int at = head.position();
    if (present < 4) return true;
    int flags = head.at(at + 2) << 8 | head.at(at + 3);
    boolean role = (flags & 0x8000) != 0 == (sender == Direction.SERVER);
    boolean few = present < 6 || (head.at(at + 4) << 8 | head.at(at + 5)) <= QUESTIONS_MAX;
    return role && few && (flags & 0x40) == 0 && DnsNumbers.opcodeKnown(flags >> 11 & 15);
  }

  /** Header and questions as a real message has them: NEED_MORE if they are right as far as they are there. */
  static Verdict plausible(DnsReader reader, Direction sender) {
    boolean response = reader.isResponse();
    if (response != (sender == Direction.SERVER)) return Verdict.REJECT;
    boolean reservedSet = (reader.flags() & 0x40) != 0;
    int questions = reader.count(0);
    if (reservedSet || !DnsNumbers.opcodeKnown(reader.opcode()) || questions > QUESTIONS_MAX) return Verdict.REJECT;
    // AA and RA are the server's, except AA in NOTIFY (RFC 1996 section 3.3). TC says in multicast DNS that known answers follow.
    if (!response && (reader.flags() & 0x0480) != 0 && reader.opcode() != 4) return Verdict.REJECT;
    if (questions == 0 && (!response || reader.count(1) == 0)) return Verdict.REJECT;
    for (int i = 0; i < questions; i++) {
      int nameAt = reader.at;
      if (!reader.skipName()) return reader.loop || brokenLabel(reader, nameAt) ? Verdict.REJECT : Verdict.NEED_MORE;
      if (!reader.has(4)) return Verdict.NEED_MORE;
      int type = reader.u16(reader.at);
      int dnsClass = reader.u16(reader.at + 2) & 0x7fff;
      if (type == 0 || !(dnsClass == 1 || dnsClass == 3 || dnsClass == 4 || dnsClass == 254 || dnsClass == 255)) return Verdict.REJECT;
      reader.at += 4;
    }
    return Verdict.MATCH;
  }

  /** A server that could not read the question need not repeat it: too little to recognise the protocol by, but enough to go on. */
  static boolean isBareError(DnsReader reader) {
    boolean nothing = reader.count(0) == 0 && reader.count(1) == 0 && reader.count(2) == 0 && reader.count(3) <= 1;
    return nothing && reader.isResponse() && (reader.flags() & 15) != 0;
  }

  /** A name that no further byte can make right. */
  private static boolean brokenLabel(DnsReader reader, int at) {
    while (at < reader.end) {
      int length = reader.u8(at);
      if (length > 63) return true;
      at += 1 + length;
      if (at - reader.start > DnsReader.HEADER_LENGTH + 255 + 8) return true;
    }
    return false;
  }

  @Override
  public Dissector open(Connection connection, DissectOptions options) {
    return new DnsDissector(connection);
  }
}
