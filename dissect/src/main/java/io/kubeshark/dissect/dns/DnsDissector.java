package io.kubeshark.dissect.dns;

import io.kubeshark.core.Anomaly;
import io.kubeshark.core.ByteCursor;
import io.kubeshark.core.Connection;
import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryLayout.StatusClass;
import io.kubeshark.core.FieldWriter;
import io.kubeshark.dissect.Dissector;
import io.kubeshark.dissect.Message;
import io.kubeshark.dissect.MessageSink;

/** Reads DNS messages; pairs by id and question, so that re-used ids of other questions do not meet. */
final class DnsDissector implements Dissector {
  private static final int MULTICAST_PORT = 5353;
  private static final int NXDOMAIN = 3;

  private final boolean stream;
  private final boolean multicast;
  private final DnsReader reader = new DnsReader();
  private final DnsText text = new DnsText();
  private final DnsRecords records = new DnsRecords(reader, text);

  DnsDissector(Connection connection) {
    stream = connection.transport == Connection.TCP;
    multicast = connection.port[0] == MULTICAST_PORT || connection.port[1] == MULTICAST_PORT;
  }

  @Override
  public Outcome parse(Direction sender, ByteCursor in, MessageSink out) {
    int prefix = stream ? 2 : 0;
    if (!in.has(prefix)) {
      out.need(prefix);
      return Outcome.NEED_MORE;
    }
    int length = stream ? in.at(in.position()) << 8 | in.at(in.position() + 1) : in.remaining();
    if (length < DnsReader.HEADER_LENGTH) return Outcome.MALFORMED;
    if (!in.has(prefix + length)) {
      out.need(prefix + length);
      return Outcome.NEED_MORE;
    }
    reader.wrap(in.array(), in.position() + prefix, length);
    // Who asks is said by the message: servers ask servers from port 53 to port 53.
    Direction role = reader.isResponse() ? Direction.SERVER : Direction.CLIENT;
    if (stream && DnsProtocol.plausible(reader, role) == io.kubeshark.dissect.Protocol.Verdict.REJECT) return Outcome.MALFORMED;
    reader.wrap(in.array(), in.position() + prefix, length);
    Message message = out.begin(role, in);
    in.skip(prefix + length);
    long key = (long) reader.u16(reader.start) << 48 ^ (reader.isResponse() ? response(message) : request(message)) >>> 16;
    if (reader.bad) message.anomaly(Anomaly.BAD_LENGTH);
    if (reader.loop) message.anomaly(Anomaly.COMPRESSION_LOOP);
    if (!reader.bad && reader.at < reader.end) message.anomaly(Anomaly.EXTRA_BYTES);
    if (multicast) out.endOneWay(message, in);
    else out.end(message, in, key);
    return Outcome.CONSUMED;
  }

  /** Writes the query's fields; answers the hash of its questions. */
  private long request(Message message) {
    FieldWriter fields = message.fields();
    fields.boolField(DnsFields.IS_REQUEST, true);
    fields.intField(DnsFields.ID, reader.u16(reader.start));
    DnsNumbers.opcode(text.clear(), reader.opcode());
    text.field(fields, DnsFields.OPCODE);
    flags();
    text.field(fields, DnsFields.FLAGS);
    fields.intField(DnsFields.LENGTH, reader.end - reader.start);
    int questions = reader.at;
    firstQuestion(fields, DnsFields.TYPE, DnsFields.NAME);
    fields.beginList(DnsFields.NAMES);
    eachQuestion(questions, () -> nameItem(fields));
    fields.endList();
    fields.beginList(DnsFields.TYPES);
    eachQuestion(questions, () -> typeItem(fields));
    fields.endList();
    fields.beginTable(DnsFields.QUESTIONS);
    eachQuestion(questions, () -> questionRow(fields));
    fields.endTable();
    long hash = reader.questionHash(questions, reader.at);
    if (!reader.bad && reader.count(1) + reader.count(2) + reader.count(3) > 0) {
      fields.beginTable(DnsFields.REQUEST_RECORDS);
      records.table(fields, reader.count(1), "answer");
      if (!reader.bad) records.table(fields, reader.count(2), "authority");
      if (!reader.bad) records.table(fields, reader.count(3), "additional");
      fields.endTable();
    }
    return hash;
  }

  private long response(Message message) {
    FieldWriter fields = message.fields();
    fields.boolField(DnsFields.IS_RESPONSE, true);
    flags();
    text.field(fields, DnsFields.RESPONSE_FLAGS);
    fields.intField(DnsFields.RESPONSE_LENGTH, reader.end - reader.start);
    int questions = reader.at;
    firstQuestion(fields, DnsFields.RESPONSE_TYPE, DnsFields.RESPONSE_NAME);
    eachQuestion(questions, () -> {});
    long hash = reader.questionHash(questions, reader.at);
    int answers = reader.at;
    records.extendedCode = 0;
    if (!reader.bad) section(fields, DnsFields.ANSWERS, 1);
    if (!reader.bad) section(fields, DnsFields.AUTHORITIES, 2);
    if (!reader.bad) section(fields, DnsFields.ADDITIONALS, 3);
    if (reader.count(1) > 0) records.answers(fields, DnsFields.ANSWER_DATA, answers, reader.count(1));
    int code = reader.flags() & 15 | records.extendedCode;
    DnsNumbers.code(text.clear(), code);
    text.field(fields, DnsFields.CODE);
    message.statusClass(code == 0 ? StatusClass.OK : code == NXDOMAIN ? StatusClass.WARN : StatusClass.ERROR);
    if ((reader.flags() & 0x0200) != 0) message.anomaly(Anomaly.TRUNCATED_ANSWER);
    return hash;
  }

  private void section(FieldWriter fields, io.kubeshark.core.FieldSpec table, int section) {
    if (reader.count(section) == 0) return;
    fields.beginTable(table);
    records.table(fields, reader.count(section), null);
    fields.endTable();
  }

  private void flags() {
    int flags = reader.flags();
    text.clear();
    flag(flags, 0x0400, "aa");
    flag(flags, 0x0200, "tc");
    flag(flags, 0x0100, "rd");
    flag(flags, 0x0080, "ra");
    flag(flags, 0x0020, "ad");
    flag(flags, 0x0010, "cd");
  }

  private void flag(int flags, int bit, String name) {
    if ((flags & bit) == 0) return;
    if (!text.isEmpty()) text.ascii(' ');
    text.ascii(name);
  }

  private void firstQuestion(FieldWriter fields, io.kubeshark.core.FieldSpec type, io.kubeshark.core.FieldSpec name) {
    if (reader.count(0) == 0) return;
    int next = reader.name(reader.at, reader.end, text.clear());
    if (next < 0 || next + 4 > reader.end) return;
    text.field(fields, name);
    DnsNumbers.type(text.clear(), reader.u16(next));
    text.field(fields, type);
  }

  /** Runs {@code each} with the reading position behind each question, the name's text in the scratch; ends behind the last. */
  private void eachQuestion(int from, Runnable each) {
    reader.at = from;
    for (int i = 0; i < reader.count(0); i++) {
      int next = reader.name(reader.at, reader.end, text.clear());
      if (next < 0 || next + 4 > reader.end) {
        reader.bad = true;
        return;
      }
      reader.at = next + 4;
      each.run();
    }
  }

  private void nameItem(FieldWriter fields) {
    text.item(fields);
  }

  private void typeItem(FieldWriter fields) {
    DnsNumbers.type(text.clear(), reader.u16(reader.at - 4));
    text.item(fields);
  }

  private void questionRow(FieldWriter fields) {
    text.cell(fields);
    DnsNumbers.type(text.clear(), reader.u16(reader.at - 4));
    text.cell(fields);
    DnsNumbers.dnsClass(text.clear(), reader.u16(reader.at - 2));
    text.cell(fields);
    fields.endRow();
  }

  @Override
  public GapOutcome onGap(Direction sender, long length, MessageSink out) {
    return GapOutcome.RESYNC;
  }

  /** A length prefix and a header and question behind it that a message could have. */
  @Override
  public int findBoundary(Direction sender, ByteCursor in) {
    for (int i = in.position(); i + 2 + DnsReader.HEADER_LENGTH <= in.limit(); i++) {
      int length = in.at(i) << 8 | in.at(i + 1);
      if (length < DnsReader.HEADER_LENGTH + 5) continue;
      reader.wrap(in.array(), i + 2, Math.min(length, in.limit() - i - 2));
      if (DnsProtocol.plausible(reader, reader.isResponse() ? Direction.SERVER : Direction.CLIENT) == io.kubeshark.dissect.Protocol.Verdict.MATCH) return i;
    }
    return -1;
  }
}
