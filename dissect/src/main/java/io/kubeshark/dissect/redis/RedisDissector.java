package io.kubeshark.dissect.redis;

import io.kubeshark.core.Anomaly;
import io.kubeshark.core.ByteCursor;
import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryLayout.StatusClass;
import io.kubeshark.core.FieldWriter;
import io.kubeshark.dissect.Dissector;
import io.kubeshark.dissect.Message;
import io.kubeshark.dissect.MessageSink;

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
  private static final byte[] JSON = "application/json".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
  private static final byte[] TEXT = "text/plain".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

  /** {@link Message#tag} of commands whose replies are of the kind that also comes unasked. */
  private static final long SUBSCRIPTION = 1;

  private final Reading[] reading = {new Reading(), new Reading()};
  private final RespJson json = new RespJson();
  private final byte[] name = new byte[KEYWORD_BYTES_MAX];

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
    for (int i = in.position(); i < end; i++) if (in.at(i) < 0x20 || in.at(i) > 0x7e) return Outcome.MALFORMED;
    Message message = out.begin(Direction.CLIENT, in);
    if (end == in.position()) {
      in.position(lineFeed + 1);
      out.discard(message); // an empty line is no command
      return Outcome.CONSUMED;
    }
    message.anomaly(Anomaly.INLINE_COMMAND);
    FieldWriter fields = message.fields();
    fields.stringField(RedisFields.TYPE, "inline");
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
    if (endsWith(name, kept, "SUBSCRIBE")) message.tag = SUBSCRIPTION;
  }

  private static boolean endsWith(byte[] array, int length, String suffix) {
    int from = length - suffix.length();
    if (from < 0) return false;
    for (int i = 0; i < suffix.length(); i++) if (array[from + i] != suffix.charAt(i)) return false;
    return true;
  }

  private boolean command(Message message, ByteCursor in, int end, MessageSink out) {
    FieldWriter fields = message.fields();
    fields.stringField(RedisFields.TYPE, "array");
    byte[] array = in.array();
    int at = RespScanner.lineEnd(array, in.position(), end);
    long count = RespScanner.number(array, in.position() + 1, at);
    at += 2;
    Argument argument = new Argument();
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
    return false;
  }

  /** Writes the list; answers where the last argument begins, -1 if it is not here. */
  private int arguments(Message message, byte[] array, int at, int end, long count) {
    FieldWriter fields = message.fields();
    fields.beginList(RedisFields.ARGUMENTS);
    Argument argument = new Argument();
    int last = -1;
    long read = 0;
    for (; read < count && argument.read(array, at, end); read++) {
      if (read < ARGUMENTS_KEPT_MAX) fields.listItem(array, argument.from, Math.min(ARGUMENT_BYTES_MAX, argument.to - argument.from));
      last = at;
      at = argument.next;
    }
    fields.endList();
    if (read > ARGUMENTS_KEPT_MAX) message.anomaly(Anomaly.LIMIT_REACHED);
    return read == count ? last : -1;
  }

  private static void value(FieldWriter fields, MessageSink out, byte[] array, int from, int to, long missing) {
    fields.beginBody(RedisFields.VALUE, NOTHING, 0, 0, NOTHING, 0, 0, out.bodyBytesMax());
    fields.body(array, from, to - from);
    if (missing > 0) fields.bodyHole(missing);
    fields.endBody();
  }

  /** One bulk string in the array, perhaps cut by the end of what is here. Escape analysis keeps it off the heap. */
  private static final class Argument {
    int from;
    int to;
    int next;
    long declared;

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

  private boolean reply(Message message, ByteCursor in, int end, MessageSink out) {
    byte[] array = in.array();
    int at = in.position();
    byte type = array[at];
    int lineEnd = RespScanner.lineEnd(array, at, end);
    FieldWriter fields = message.fields();
    String typeName = typeName(array, at, lineEnd);
    fields.stringField(RedisFields.REPLY_TYPE, typeName);
    if (type == '-' || type == '!') {
      error(message, array, at, lineEnd, end);
      return false;
    }
    message.statusClass(StatusClass.OK);
    int keyword = type == '+' ? Math.min(lineEnd, at + 1 + KEYWORD_BYTES_MAX) : -1;
    if (keyword > 0) fields.stringField(RedisFields.STATUS, array, at + 1, Math.max(0, firstWord(array, at + 1, keyword) - at - 1));
    else fields.stringField(RedisFields.STATUS, typeName);
    boolean aggregate = type == '*' || type == '%' || type == '~' || type == '>' || type == '|';
    if (aggregate) {
      fields.intField(RedisFields.ELEMENTS, Math.max(0, RespScanner.number(array, at + 1, lineEnd)));
      body(message, out, array, at, end);
    } else {
      scalar(fields, out, array, at, lineEnd, end);
    }
    return (type == '>' || type == '*') && unasked(message, array, lineEnd + 2, end, type == '>', out);
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
    if (declared > to - from) fields.bodyHole(declared - (to - from));
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
  private static boolean unasked(Message message, byte[] array, int at, int end, boolean push, MessageSink out) {
    Argument kind = new Argument();
    if (!kind.read(array, at, end)) return push;
    boolean confirmation = startsWithAny(array, kind.from, kind.to, "subscribe", "psubscribe", "ssubscribe", "unsubscribe", "punsubscribe", "sunsubscribe");
    if (confirmation) {
      Message request = out.request(message);
      if (request != null && request.tag == SUBSCRIPTION) return false;
    } else if (!push && !startsWithAny(array, kind.from, kind.to, "message", "pmessage", "smessage")) {
      return false;
    } else if (!push && out.request(message) != null) {
      return false; // an answer that only looks like a published message
    }
    message.anomaly(Anomaly.PUSH);
    return true;
  }

  private static boolean startsWithAny(byte[] array, int from, int to, String... words) {
    for (String word : words) if (to - from == word.length() && startsWith(array, from, to, word)) return true;
    return false;
  }

  private static String typeName(byte[] array, int at, int lineEnd) {
    boolean nothing = array[at + 1] == '-' && lineEnd == at + 3;
    return switch (array[at]) {
      case '+' -> "simple string";
      case '-' -> "error";
      case '!' -> "bulk error";
      case ':' -> "integer";
      case '$' -> nothing ? "null" : "bulk string";
      case '*' -> nothing ? "null" : "array";
      case '_' -> "null";
      case '#' -> "boolean";
      case ',' -> "double";
      case '(' -> "big number";
      case '=' -> "verbatim string";
      case '%' -> "map";
      case '~' -> "set";
      case '>' -> "push";
      default -> "attribute";
    };
  }

  @Override
  public GapOutcome onGap(Direction sender, long length, MessageSink out) {
    cut(reading[sender.ordinal()], out);
    return GapOutcome.RESYNC;
  }

  @Override
  public void onEnd(Direction sender, MessageSink out) {
    cut(reading[sender.ordinal()], out);
  }

  /** Commands have a shape of their own. Replies begin where the search begins, or behind a CR LF, with a line that a reply can have. */
  @Override
  public int findBoundary(Direction sender, ByteCursor in) {
    byte[] array = in.array();
    for (int at = in.position(); at < in.limit(); at++) {
      if (sender == Direction.CLIENT) {
        if (array[at] == '*' && RedisProtocol.command(array, at, in.limit()) == io.kubeshark.dissect.Protocol.Verdict.MATCH) return at;
      } else if ((at == in.position() || at - in.position() >= 2 && array[at - 1] == '\n' && array[at - 2] == '\r') && replyLine(array, at, in.limit())) {
        return at;
      }
    }
    return -1;
  }

  private static boolean replyLine(byte[] array, int at, int limit) {
    if ("+-:$*%~>_#,(=!".indexOf(array[at]) < 0) return false;
    int lineEnd = RespScanner.lineEnd(array, at, limit);
    if (lineEnd < 0) return false;
    return switch (array[at]) {
      case '+', '-' -> lineEnd > at + 1;
      case ':', '(' -> RespScanner.number(array, at + 1, lineEnd) != Long.MIN_VALUE;
      case '_' -> lineEnd == at + 1;
      case '#' -> lineEnd == at + 2;
      case ',' -> lineEnd > at + 1 && lineEnd - at < 32;
      case '$', '=', '!' -> bulkFits(array, lineEnd + 2, RespScanner.number(array, at + 1, lineEnd), limit);
      default -> RespScanner.number(array, at + 1, lineEnd) >= -1 && (lineEnd + 2 == limit || "+-:$*%~>_#,(=!".indexOf(array[lineEnd + 2]) >= 0);
    };
  }

  /** As far as the bulk string is here, it ends as it says. */
  private static boolean bulkFits(byte[] array, int from, long length, int limit) {
    if (length == -1) return true;
    if (length < 0 || length > RespScanner.BULK_BYTES_MAX) return false;
    long end = from + length;
    return end + 2 > limit || array[(int) end] == '\r' && array[(int) end + 1] == '\n';
  }
}
