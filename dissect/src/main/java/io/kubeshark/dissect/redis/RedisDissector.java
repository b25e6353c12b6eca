package io.kubeshark.dissect.redis;

import io.kubeshark.core.Anomaly;
import io.kubeshark.core.ByteCursor;
import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryLayout.StatusClass;
import io.kubeshark.core.FieldWriter;
import io.kubeshark.dissect.Dissector;
import io.kubeshark.dissect.Message;
import io.kubeshark.dissect.MessageSink;
import io.kubeshark.dissect.Protocol;
import java.nio.charset.StandardCharsets;

/**
 * Reads commands and replies. A value is waited for as a whole up to {@value #WHOLE_BYTES_MAX} bytes; of a longer one the beginning is
 * shown and the rest is counted as it passes.
 */
final class RedisDissector implements Dissector {
  private static final int WHOLE_BYTES_MAX = 128 << 10;
  private static final int KEY_BYTES_MAX = 1 << 10;
  private static final int ARGUMENT_BYTES_MAX = 4 << 10;
  private static final int ARGUMENTS_KEPT_MAX = 256;
  private static final int KEYWORD_BYTES_MAX = 64;
  private static final byte[] NOTHING = {};
  private static final byte[] JSON = ascii("application/json");
  private static final byte[] TEXT = ascii("text/plain");
  private static final byte[] ARRAY = ascii("array");
  private static final byte[] INLINE = ascii("inline");

  private static final String TYPES = "+-!:$*_#,(=%~>|";
  private static final byte[][] TYPE_NAMES = {ascii("simple string"), ascii("error"), ascii("bulk error"), ascii("integer"), ascii("bulk string"),
    ascii("array"), ascii("null"), ascii("boolean"), ascii("double"), ascii("big number"), ascii("verbatim string"), ascii("map"), ascii("set"),
    ascii("push"), ascii("attribute")};
  private static final byte[] NULL = ascii("null");
  private static final String[] CONFIRMATIONS = {"subscribe", "psubscribe", "ssubscribe", "unsubscribe", "punsubscribe", "sunsubscribe"};
  private static final String[] PUBLISHED = {"message", "pmessage", "smessage"};

  /** {@link Message#tag} of commands whose replies are of the kind that also comes unasked. */
  private static final long SUBSCRIPTION = 1;
  /** And of those whose reply may be an aggregate. */
  private static final long AGGREGATE = 2;

  private final RespScanner attributes = new RespScanner();
  private final Reading[] reading = {new Reading(), new Reading()};
  private RespJson json;
  private byte[] name;
  private Argument argument;
  private Argument item;
  /** The client asked for no replies, or for none to the next command. */
  private boolean repliesOff;
  private int skippedReplies;
  private boolean monitoring;
  /** Replies outstanding that may be aggregates: behind a hole their elements look like replies. Some may have come unseen. */
  private long aggregates;
  /** Aggregates may come at any time. */
  private boolean pushes;
  /** Behind such a hole. */
  private boolean inDoubt;
  /** Behind any hole, and all that followed is so short that text within a value may look like it. */
  private boolean behindHole;

  /** Room to write in; too much for each connection, and nothing stays in it between calls. */
  private record Scratch(RespJson json, byte[] name, Argument argument, Argument item) {
    static final ThreadLocal<Scratch> OF_THREAD =
        ThreadLocal.withInitial(() -> new Scratch(new RespJson(), new byte[KEYWORD_BYTES_MAX], new Argument(), new Argument()));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** One direction's value in progress. */
  private static final class Reading {
    final RespScanner scanner = new RespScanner();
    boolean started;
    /** A value too long to wait for, whose beginning is written already. */
    Message passing;
    boolean oneWay;
  }

  @Override
  public Outcome parse(Direction sender, ByteCursor in, MessageSink out) {
    Scratch scratch = Scratch.OF_THREAD.get();
    json = scratch.json;
    name = scratch.name;
    argument = scratch.argument;
    item = scratch.item;
    Reading now = reading[sender.ordinal()];
    if (!now.started && now.passing == null) {
      if (sender == Direction.CLIENT && in.at(in.position()) != '*') return inline(in, out);
      now.scanner.start();
      now.started = true;
    }
    RespScanner.Result result = now.scanner.scan(in.array(), in.position(), in.limit());
    if (result == RespScanner.Result.MALFORMED) return malformed(now, out);
    if (now.passing != null) return pass(now, result, in, out);
    if (result == RespScanner.Result.NEED_MORE && in.remaining() < WHOLE_BYTES_MAX) {
      out.need(Math.min(now.scanner.needed, WHOLE_BYTES_MAX));
      return Outcome.NEED_MORE;
    }
    Message message = out.begin(sender, in);
    int end = in.position() + now.scanner.scanned();
    if (result == RespScanner.Result.NEED_MORE) end = in.limit();
    boolean oneWay = sender == Direction.CLIENT ? command(message, in, end, out) : reply(message, in, end, out);
    now.started = false;
    if (result == RespScanner.Result.NEED_MORE) {
      now.passing = message;
      now.oneWay = oneWay;
      message.anomaly(Anomaly.LIMIT_REACHED);
      in.skip(now.scanner.scanned());
      now.scanner.forget();
      return Outcome.CONSUMED;
    }
    in.skip(now.scanner.scanned());
    finish(message, oneWay, in, out);
    return Outcome.CONSUMED;
  }

  /** More of a value that is not kept. */
  private Outcome pass(Reading now, RespScanner.Result result, ByteCursor in, MessageSink out) {
    int scanned = now.scanner.scanned();
    now.scanner.forget();
    in.skip(scanned);
    if (result == RespScanner.Result.WHOLE) {
      Message message = now.passing;
      now.passing = null;
      finish(message, now.oneWay, in, out);
      return Outcome.CONSUMED;
    }
    if (scanned > 0) return Outcome.CONSUMED;
    out.need(in.remaining() + 1);
    return Outcome.NEED_MORE;
  }

  private static void finish(Message message, boolean oneWay, ByteCursor in, MessageSink out) {
    if (oneWay) out.endOneWay(message, in);
    else out.end(message, in);
  }

  private static Outcome malformed(Reading now, MessageSink out) {
    cut(now, out);
    return Outcome.MALFORMED;
  }

  private static void cut(Reading now, MessageSink out) {
    if (now.passing != null) out.endIncomplete(now.passing);
    now.passing = null;
    now.started = false;
  }

  /** A command as plain words on a line ({@code PING CRLF}), as people type it. */
  private Outcome inline(ByteCursor in, MessageSink out) {
    int lineFeed = in.indexOf((byte) '\n', in.position());
    if (lineFeed < 0) {
      if (in.remaining() > RespScanner.LINE_BYTES_MAX) return Outcome.MALFORMED;
      out.need(in.remaining() + 1);
      return Outcome.NEED_MORE;
    }
    int end = lineFeed > in.position() && in.at(lineFeed - 1) == '\r' ? lineFeed - 1 : lineFeed;
    if (end > in.position() && !RedisProtocol.commandCharacter((byte) in.at(in.position()), true)) return Outcome.MALFORMED;
    for (int i = in.position(); i < end; i++) if (in.at(i) < 0x20 || in.at(i) > 0x7e) return Outcome.MALFORMED;
    Message message = out.begin(Direction.CLIENT, in);
    if (end == in.position()) {
      in.position(lineFeed + 1);
      out.discard(message); // an empty line is no command
      return Outcome.CONSUMED;
    }
    message.anomaly(Anomaly.INLINE_COMMAND);
    FieldWriter fields = message.fields();
    fields.stringField(RedisFields.TYPE, INLINE, 0, INLINE.length);
    int word = wordEnd(in, in.position(), end);
    commandName(message, in.array(), in.position(), word - in.position());
    int key = Math.min(end, word + 1);
    if (key < end) fields.stringField(RedisFields.KEY, in.array(), key, Math.min(KEY_BYTES_MAX, wordEnd(in, key, end) - key));
    fields.beginList(RedisFields.ARGUMENTS);
    for (int at = key; at < end; ) {
      int behind = wordEnd(in, at, end);
      fields.listItem(in.array(), at, behind - at);
      at = behind + 1;
    }
    fields.endList();
    in.position(lineFeed + 1);
    out.end(message, in);
    return Outcome.CONSUMED;
  }

  private static int wordEnd(ByteCursor in, int from, int end) {
    int space = ByteCursor.indexOf(in.array(), (byte) ' ', from, end);
    return space < 0 ? end : space;
  }

  private void commandName(Message message, byte[] array, int at, int length) {
    int kept = Math.min(length, KEYWORD_BYTES_MAX);
    for (int i = 0; i < kept; i++) {
      byte each = array[at + i];
      name[i] = each >= 'a' && each <= 'z' ? (byte) (each - 32) : each;
    }
    message.fields().stringField(RedisFields.COMMAND, name, 0, kept);
    RedisCommands.Kind kind = RedisCommands.kind(name, kept);
    if (kind == RedisCommands.Kind.SUBSCRIPTION) message.tag = SUBSCRIPTION;
    monitoring |= kind == RedisCommands.Kind.MONITOR;
    pushes |= kind == RedisCommands.Kind.SUBSCRIPTION;
    if (kind == RedisCommands.Kind.OTHER) {
      message.tag = AGGREGATE;
      aggregates++;
    }
  }

  /** Whether this command has no reply. */
  private boolean unanswered(byte[] array, int at, int end, long count) {
    boolean skipped = skippedReplies > 0;
    if (skipped) skippedReplies--;
    if (count < 3 || !argument.read(array, at, end) || !argument.is(array, "CLIENT") || !argument.read(array, argument.next, end)) {
      return repliesOff || skipped;
    }
    pushes |= argument.is(array, "TRACKING");
    if (argument.is(array, "REPLY") && argument.read(array, argument.next, end)) {
      if (argument.is(array, "OFF")) repliesOff = true;
      else if (argument.is(array, "ON")) repliesOff = false;
      else if (argument.is(array, "SKIP")) skippedReplies = 1;
      return !argument.is(array, "ON");
    }
    return repliesOff || skipped;
  }

  private boolean command(Message message, ByteCursor in, int end, MessageSink out) {
    FieldWriter fields = message.fields();
    fields.stringField(RedisFields.TYPE, ARRAY, 0, ARRAY.length);
    byte[] array = in.array();
    int at = RespScanner.lineEnd(array, in.position(), end);
    long count = RespScanner.number(array, in.position() + 1, at);
    at += 2;
    boolean unanswered = unanswered(array, at, end, count);
    if (argument.read(array, at, end)) commandName(message, array, argument.from, argument.to - argument.from);
    int first = argument.next;
    fields.intField(RedisFields.ARGUMENT_COUNT, Math.max(0, count - 1));
    if (count > 1 && argument.read(array, first, end)) {
      fields.stringField(RedisFields.KEY, array, argument.from, Math.min(KEY_BYTES_MAX, argument.to - argument.from));
      int last = arguments(message, array, first, end, count - 1);
      if (count > 2 && last >= 0 && argument.read(array, last, end)) {
        value(fields, out, array, argument.from, argument.to, argument.declared - (argument.to - argument.from));
      }
    }
    return unanswered;
  }

  /** Writes the list; answers where the last argument begins, -1 if it is not here. */
  private int arguments(Message message, byte[] array, int at, int end, long count) {
    FieldWriter fields = message.fields();
    fields.beginList(RedisFields.ARGUMENTS);
    int last = -1;
    long read = 0;
    for (; read < count && item.read(array, at, end); read++) {
      if (read < ARGUMENTS_KEPT_MAX) fields.listItem(array, item.from, Math.min(ARGUMENT_BYTES_MAX, item.to - item.from));
      last = at;
      at = item.next;
    }
    fields.endList();
    if (read > ARGUMENTS_KEPT_MAX) message.anomaly(Anomaly.LIMIT_REACHED);
    return read == count ? last : -1;
  }

  private static void value(FieldWriter fields, MessageSink out, byte[] array, int from, int to, long missing) {
    fields.beginBody(RedisFields.VALUE, NOTHING, 0, 0, NOTHING, 0, 0, out.bodyBytesMax());
    fields.body(array, from, to - from);
    if (missing > 0) fields.bodyCut(missing);
    fields.endBody();
  }

  /** One bulk string in the array, perhaps cut by the end of what is here. */
  private static final class Argument {
    int from;
    int to;
    int next;
    long declared;

    /** @param upper in upper case */
    boolean is(byte[] array, String upper) {
      if (to - from != upper.length()) return false;
      for (int i = 0; i < upper.length(); i++) if ((array[from + i] & 0xdf) != upper.charAt(i)) return false;
      return true;
    }

    boolean read(byte[] array, int at, int end) {
      if (at >= end) return false;
      int lineEnd = RespScanner.lineEnd(array, at, end);
      if (lineEnd < 0) return false;
      if (array[at] == '$') {
        declared = RespScanner.number(array, at + 1, lineEnd);
        if (declared < 0) return false;
        from = lineEnd + 2;
        to = (int) Math.min(end, from + declared);
        next = (int) Math.min(end, from + declared + 2);
      } else {
        from = at + 1;
        to = lineEnd;
        declared = to - from;
        next = lineEnd + 2;
      }
      return from <= to;
    }
  }

  /** A string whose end is where its length says, or a status that text is not. */
  private static boolean isStrong(byte[] array, int at, int end) {
    return array[at] == '$' && array[at + 1] != '-' || startsWith(array, at, end, "+OK\r\n") || startsWith(array, at, end, "+QUEUED\r\n");
  }

  private boolean reply(Message message, ByteCursor in, int end, MessageSink out) {
    byte[] array = in.array();
    if (behindHole && isStrong(array, in.position(), end)) behindHole = false;
    if (inDoubt || behindHole) {
      message.framingInDoubt();
      if (out.request(message) != null) inDoubt = behindHole = false;
    }
    int at = behindAttributes(array, in.position(), end);
    byte type = array[at];
    if (type == '>') {
      pushes = true;
    } else if (aggregates > 0) {
      Message request = out.request(message);
      if (request != null && request.tag == AGGREGATE) aggregates--;
    }
    int lineEnd = RespScanner.lineEnd(array, at, end);
    FieldWriter fields = message.fields();
    byte[] typeName = typeName(array, at, lineEnd);
    fields.stringField(RedisFields.REPLY_TYPE, typeName, 0, typeName.length);
    if (type == '-' || type == '!') {
      error(message, array, at, lineEnd, end);
      return false;
    }
    message.statusClass(StatusClass.OK);
    int keyword = type == '+' ? Math.min(lineEnd, at + 1 + KEYWORD_BYTES_MAX) : -1;
    if (keyword > 0) fields.stringField(RedisFields.STATUS, array, at + 1, Math.max(0, firstWord(array, at + 1, keyword) - at - 1));
    else fields.stringField(RedisFields.STATUS, typeName, 0, typeName.length);
    boolean aggregate = type == '*' || type == '%' || type == '~' || type == '>' || type == '|';
    if (aggregate) {
      fields.intField(RedisFields.ELEMENTS, Math.max(0, RespScanner.number(array, at + 1, lineEnd)));
      body(message, out, array, at, end);
    } else {
      scalar(fields, out, array, at, lineEnd, end);
    }
    if (type == '+' && monitoring && lineEnd > at + 1 && array[at + 1] >= '0' && array[at + 1] <= '9') {
      message.anomaly(Anomaly.PUSH);
      return true; // a line of MONITOR: a time, a client, a command
    }
    return (type == '>' || type == '*') && unasked(message, array, lineEnd + 2, end, type == '>', out);
  }

  /** Where the value begins that attributes belong to, which are not shown; {@code at} if that is not here. */
  private int behindAttributes(byte[] array, int at, int end) {
    int value = at;
    while (value < end && array[value] == '|') {
      int lineEnd = RespScanner.lineEnd(array, value, end);
      if (lineEnd < 0) return at;
      attributes.start(Math.max(0, RespScanner.number(array, value + 1, lineEnd)) * 2);
      if (attributes.scan(array, lineEnd + 2, end) != RespScanner.Result.WHOLE) return at;
      value = lineEnd + 2 + attributes.scanned();
    }
    return value < end && RespScanner.lineEnd(array, value, end) > value ? value : at;
  }

  private void body(Message message, MessageSink out, byte[] array, int at, int end) {
    json.render(array, at, end, Math.max(16, out.bodyBytesMax()));
    FieldWriter fields = message.fields();
    fields.beginBody(RedisFields.REPLY, JSON, 0, JSON.length, NOTHING, 0, 0, json.length());
    fields.body(json.array(), 0, json.length());
    fields.endBody();
    if (json.tooDeep()) message.anomaly(Anomaly.DEPTH_LIMIT);
    if (json.truncated()) message.anomaly(Anomaly.LIMIT_REACHED);
  }

  private static void scalar(FieldWriter fields, MessageSink out, byte[] array, int at, int lineEnd, int end) {
    boolean bulk = array[at] == '$' || array[at] == '=';
    long declared = bulk ? RespScanner.number(array, at + 1, lineEnd) : lineEnd - at - 1;
    if (declared < 0 || array[at] == '_') return;
    int from = bulk ? lineEnd + 2 : at + 1;
    int to = (int) Math.min(end, from + declared);
    boolean plain = !bulk;
    fields.beginBody(RedisFields.REPLY, plain ? TEXT : NOTHING, 0, plain ? TEXT.length : 0, NOTHING, 0, 0, out.bodyBytesMax());
    fields.body(array, from, to - from);
    if (declared > to - from) fields.bodyCut(declared - (to - from));
    fields.endBody();
  }

  private static void error(Message message, byte[] array, int at, int lineEnd, int end) {
    int from = array[at] == '!' ? Math.min(end, lineEnd + 2) : at + 1;
    int to = array[at] == '!' ? (int) Math.min(end, from + Math.max(0, RespScanner.number(array, at + 1, lineEnd))) : lineEnd;
    int word = firstWord(array, from, Math.min(to, from + KEYWORD_BYTES_MAX));
    message.fields().stringField(RedisFields.STATUS, array, from, word - from);
    message.fields().stringField(RedisFields.ERROR, array, from, to - from);
    boolean redirect = startsWith(array, from, to, "MOVED ") || startsWith(array, from, to, "ASK ");
    message.statusClass(redirect ? StatusClass.WARN : StatusClass.ERROR);
  }

  private static int firstWord(byte[] array, int from, int to) {
    int space = ByteCursor.indexOf(array, (byte) ' ', from, to);
    return space < 0 ? to : space;
  }

  private static boolean startsWith(byte[] array, int from, int to, String prefix) {
    if (to - from < prefix.length()) return false;
    for (int i = 0; i < prefix.length(); i++) if (array[from + i] != prefix.charAt(i)) return false;
    return true;
  }

  /** Whether an array or push was sent without being asked: published messages, invalidations, further confirmations of one SUBSCRIBE. */
  private boolean unasked(Message message, byte[] array, int at, int end, boolean push, MessageSink out) {
    Argument kind = argument;
    if (!kind.read(array, at, end)) return push;
    boolean confirmation = isAny(array, kind.from, kind.to, CONFIRMATIONS);
    if (confirmation) {
      Message request = out.request(message);
      if (request != null && request.tag == SUBSCRIPTION) return false;
    } else if (!push && !isAny(array, kind.from, kind.to, PUBLISHED)) {
      return false;
    } else if (!push && out.request(message) != null) {
      return false; // an answer that only looks like a published message
    }
    message.anomaly(Anomaly.PUSH);
    return true;
  }

  private static boolean isAny(byte[] array, int from, int to, String[] words) {
    for (String word : words) if (to - from == word.length() && startsWith(array, from, to, word)) return true;
    return false;
  }

  private static byte[] typeName(byte[] array, int at, int lineEnd) {
    boolean nothing = array[at + 1] == '-' && lineEnd == at + 3;
    int type = TYPES.indexOf(array[at]);
    return nothing && (array[at] == '$' || array[at] == '*') ? NULL : TYPE_NAMES[type];
  }

  @Override
  public GapOutcome onGap(Direction sender, long length, MessageSink out) {
    Reading now = reading[sender.ordinal()];
    boolean open = (now.started || now.passing != null) && now.scanner.withinAggregate();
    cut(now, out);
    if (sender == Direction.SERVER) {
      behindHole = true;
      inDoubt |= pushes || aggregates > 0 || open;
    }
    return GapOutcome.RESYNC;
  }

  @Override
  public void onEnd(Direction sender, MessageSink out) {
    cut(reading[sender.ordinal()], out);
  }

  /**
   * Commands have a shape of their own. Replies begin where the search begins, or behind a line (of a CR LF the CR may be lost), with
   * one that a reply can have.
   */
  @Override
  public int findBoundary(Direction sender, ByteCursor in) {
    byte[] array = in.array();
    for (int at = in.position(); at < in.limit(); at++) {
      if (sender == Direction.CLIENT) {
        if (array[at] == '*' && RedisProtocol.command(array, at, in.limit()) == Protocol.Verdict.MATCH) return at;
      } else if ((at == in.position() || array[at - 1] == '\n') && replyLine(array, at, in.limit())) {
        return at;
      }
    }
    return -1;
  }

  /** One value, and behind it, if that is here, another one's beginning. */
  private static boolean replyLine(byte[] array, int at, int limit) {
    if (TYPES.indexOf(array[at]) < 0) return false;
    int lineEnd = RespScanner.lineEnd(array, at, limit);
    if (lineEnd < 0) return false;
    return switch (array[at]) {
      case '+' -> printable(array, at + 1, lineEnd) && begins(array, lineEnd + 2, limit);
      case '-' -> printable(array, at + 1, lineEnd) && array[at + 1] >= 'A' && array[at + 1] <= 'Z' && begins(array, lineEnd + 2, limit);
      case ':', '(' -> RespScanner.number(array, at + 1, lineEnd) != Long.MIN_VALUE && begins(array, lineEnd + 2, limit);
      case '_' -> lineEnd == at + 1 && begins(array, lineEnd + 2, limit);
      case '#' -> lineEnd == at + 2 && (array[at + 1] == 't' || array[at + 1] == 'f') && begins(array, lineEnd + 2, limit);
      case ',' -> printable(array, at + 1, lineEnd) && lineEnd - at < 32 && begins(array, lineEnd + 2, limit);
      case '$', '=', '!' -> bulkFits(array, lineEnd + 2, RespScanner.number(array, at + 1, lineEnd), limit);
      default -> countFits(RespScanner.number(array, at + 1, lineEnd)) && begins(array, lineEnd + 2, limit);
    };
  }

  private static boolean printable(byte[] array, int from, int to) {
    for (int i = from; i < to; i++) if (array[i] < 0x20 || array[i] > 0x7e) return false;
    return to > from;
  }

  private static boolean begins(byte[] array, int at, int limit) {
    return at >= limit || TYPES.indexOf(array[at]) >= 0;
  }

  private static boolean countFits(long count) {
    return count >= -1 && count <= RespScanner.COUNT_MAX;
  }

  /** As far as the bulk string is here, it ends as it says. */
  private static boolean bulkFits(byte[] array, int from, long length, int limit) {
    if (length == -1) return begins(array, from, limit);
    if (length < 0 || length > RespScanner.BULK_BYTES_MAX) return false;
    long end = from + length;
    return end + 2 > limit || array[(int) end] == '\r' && array[(int) end + 1] == '\n' && begins(array, (int) end + 2, limit);
  }
}
