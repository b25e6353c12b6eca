package io.kubeshark.dissect.dns;

import io.kubeshark.core.Anomaly;
import io.kubeshark.core.ByteCursor;
import io.kubeshark.core.Connection;
import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryLayout.StatusClass;
import io.kubeshark.core.FieldSpec;
import io.kubeshark.core.FieldWriter;
import io.kubeshark.dissect.Dissector;
import io.kubeshark.dissect.Message;
import io.kubeshark.dissect.MessageSink;
import io.kubeshark.dissect.Protocol;

/** Reads DNS messages; pairs by id and question, so that re-used ids of other questions do not meet. */
final class DnsDissector implements Dissector {
  private static final int MULTICAST_PORT = 5353;
  private static final int NXDOMAIN = 3;
  /** Shown of a message; more are only counted. */
  private static final int QUESTIONS_SHOWN_MAX = 64;

  private final boolean stream;
  private final boolean multicast;
  private DnsReader reader;
  private DnsText text;
  private DnsRecords records;

  /** Room to read a message in; too much for each flow, as many carry one question, and nothing stays in it between calls. */
  private record Scratch(DnsReader reader, DnsText text, DnsRecords records) {
    static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(() -> {
      DnsReader reader = new DnsReader();
      DnsText text = new DnsText();
      return new Scratch(reader, text, new DnsRecords(reader, text));
    });
  }

  DnsDissector(Connection connection) {
    stream = connection.transport == Connection.TCP;
    multicast = connection.port[0] == MULTICAST_PORT || connection.port[1] == MULTICAST_PORT;
  }

  private void useScratch() {
    Scratch scratch = Scratch.OF_THREAD.get();
    reader = scratch.reader;
    text = scratch.text;
    records = scratch.records;
  }

  @Override
  public Outcome parse(Direction sender, ByteCursor in, MessageSink out) {
    useScratch();
    int prefix = stream ? 2 : 0;
    if (!in.has(prefix)) {
      out.need(prefix);
      return Outcome.NEED_MORE;
    }
    int length = stream ? in.at(in.position()) << 8 | in.at(in.position() + 1) : in.remaining();
    if (length < DnsReader.HEADER_LENGTH) return Outcome.MALFORMED;
    if (!in.has(prefix + DnsReader.HEADER_LENGTH)) {
      out.need(prefix + DnsReader.HEADER_LENGTH);
      return Outcome.NEED_MORE;
    }
    reader.wrap(in.array(), in.position() + prefix, Math.min(length, in.remaining() - prefix));
    // Who asks is said by the message: servers ask servers from port 53 to port 53.
    Direction role = reader.isResponse() ? Direction.SERVER : Direction.CLIENT;
    // Before the length is believed and waited for.
    if (stream && DnsProtocol.plausible(reader, role) == Protocol.Verdict.REJECT && !DnsProtocol.isBareError(reader)) return Outcome.MALFORMED;
    if (!in.has(prefix + length)) {
      out.need(prefix + length);
      return Outcome.NEED_MORE;
    }
    reader.wrap(in.array(), in.position() + prefix, length);
    text.begin();
    Message message = out.begin(role, in);
    in.skip(prefix + length);
    long key = (long) reader.u16(reader.start) << 48 ^ (reader.isResponse() ? response(message) : request(message)) >>> 16;
    if (reader.bad) message.anomaly(Anomaly.BAD_LENGTH);
    if (reader.bad) message.cutShort();
    if (text.limitReached()) message.anomaly(Anomaly.LIMIT_REACHED);
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
    reader.at = questions;
    for (int i = 0; nextQuestion(i, true); i++) text.item(fields);
    fields.endList();
    fields.beginList(DnsFields.TYPES);
    reader.at = questions;
    for (int i = 0; nextQuestion(i, true); i++) {
      DnsNumbers.type(text.clear(), reader.u16(reader.at - 4));
      text.item(fields);
    }
    fields.endList();
    fields.beginTable(DnsFields.QUESTIONS);
    reader.at = questions;
    for (int i = 0; nextQuestion(i, true); i++) questionRow(fields);
    fields.endTable();
    skipQuestions(questions);
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
    skipQuestions(questions);
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

  private void section(FieldWriter fields, FieldSpec table, int section) {
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

  private void firstQuestion(FieldWriter fields, FieldSpec type, FieldSpec name) {
    if (reader.count(0) == 0) return;
    int next = reader.name(reader.at, reader.end, text.clear());
    if (next < 0 || next + 4 > reader.end) return;
    text.field(fields, name);
    DnsNumbers.type(text.clear(), reader.u16(next));
    text.field(fields, type);
  }

  /** Moves behind question {@code index}, its name in the scratch; false if there is none, or it is not shown. */
  private boolean nextQuestion(int index, boolean shown) {
    if (index >= reader.count(0) || shown && index >= QUESTIONS_SHOWN_MAX) return false;
    int next = reader.name(reader.at, reader.end, shown ? text.clear() : null);
    if (next < 0 || next + 4 > reader.end) {
      reader.bad = true;
      return false;
    }
    reader.at = next + 4;
    return true;
  }

  private void skipQuestions(int from) {
    reader.at = from;
    int index = 0;
    while (nextQuestion(index, false)) index++;
    if (index > QUESTIONS_SHOWN_MAX) text.reachLimit();
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
    useScratch();
    for (int i = in.position(); i + 2 + DnsReader.HEADER_LENGTH <= in.limit(); i++) {
      int length = in.at(i) << 8 | in.at(i + 1);
      if (length < DnsReader.HEADER_LENGTH + 5) continue;
      reader.wrap(in.array(), i + 2, Math.min(length, in.limit() - i - 2));
      if (DnsProtocol.plausible(reader, reader.isResponse() ? Direction.SERVER : Direction.CLIENT) == Protocol.Verdict.MATCH) return i;
    }
    return -1;
  }
}
