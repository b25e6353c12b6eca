package io.kubeshark.dissect.redis;

import io.kubeshark.core.Anomaly;
import io.kubeshark.core.ByteCursor;
import io.kubeshark.core.EntryLayout.StatusClass;
import io.kubeshark.core.FieldWriter;
import io.kubeshark.dissect.Message;
import io.kubeshark.dissect.MessageSink;
import java.nio.charset.StandardCharsets;

/** Writes what a reply says into its message. Keeps nothing between calls. */
final class ReplyReader {
  private static final int KEYWORD_BYTES_MAX = 64;
  private static final byte[] NOTHING = {};
  private static final byte[] JSON = ascii("application/json");
  private static final byte[] TEXT = ascii("text/plain");
  private static final byte[] NULL = ascii("null");
  /** In the order of {@link RespScanner#TYPES}. */
  private static final byte[][] TYPE_NAMES = {ascii("simple string"), ascii("error"), ascii("bulk error"), ascii("integer"), ascii("bulk string"),
    ascii("array"), ascii("null"), ascii("boolean"), ascii("double"), ascii("big number"), ascii("verbatim string"), ascii("map"), ascii("set"),
    ascii("push"), ascii("attribute")};

  private final RespScanner attributes = new RespScanner();
  private final RespJson json = new RespJson();
  private final Argument argument = new Argument();

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * The value from the cursor to {@code end}, which may be before its own end.
   *
   * @return whether it was sent without being asked
   */
  boolean read(Message message, ByteCursor in, int end, MessageSink out, RepliesExpected replies) {
    byte[] array = in.array();
    replies.replyBegins(message, array, in.position(), end, out);
    int at = behindAttributes(array, in.position(), end);
    byte type = array[at];
    replies.replyOfType(message, type, out);
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
    return replies.unasked(message, argument, array, at, lineEnd, end, out);
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

  private static byte[] typeName(byte[] array, int at, int lineEnd) {
    boolean nothing = array[at + 1] == '-' && lineEnd == at + 3;
    int type = RespScanner.TYPES.indexOf(array[at]);
    return nothing && (array[at] == '$' || array[at] == '*') ? NULL : TYPE_NAMES[type];
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
    boolean redirect = RespScanner.startsWith(array, from, to, "MOVED ") || RespScanner.startsWith(array, from, to, "ASK ");
    message.statusClass(redirect ? StatusClass.WARN : StatusClass.ERROR);
  }

  private static int firstWord(byte[] array, int from, int to) {
    int space = ByteCursor.indexOf(array, (byte) ' ', from, to);
    return space < 0 ? to : space;
  }
}
