package io.kubeshark.dissect.redis;

import io.kubeshark.core.Anomaly;
import io.kubeshark.core.ByteCursor;
import io.kubeshark.core.FieldWriter;
import io.kubeshark.dissect.Message;
import io.kubeshark.dissect.MessageSink;
import java.nio.charset.StandardCharsets;

/** Writes what a command says into its message. Keeps nothing between calls. */
final class CommandReader {
  private static final int KEY_BYTES_MAX = 1 << 10;
  private static final int ARGUMENT_BYTES_MAX = 4 << 10;
  private static final int ARGUMENTS_KEPT_MAX = 256;
  private static final int NAME_BYTES_MAX = 64;
  private static final byte[] NOTHING = {};
  private static final byte[] ARRAY = "array".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] INLINE = "inline".getBytes(StandardCharsets.US_ASCII);

  private final byte[] name = new byte[NAME_BYTES_MAX];
  private final Argument argument = new Argument();
  private final Argument item = new Argument();

  /**
   * The array of strings from the cursor to {@code end}, which may be before its own end.
   *
   * @return whether it has no reply
   */
  boolean read(Message message, ByteCursor in, int end, MessageSink out, RepliesExpected replies) {
    FieldWriter fields = message.fields();
    fields.stringField(RedisFields.TYPE, ARRAY, 0, ARRAY.length);
    byte[] array = in.array();
    int at = RespScanner.lineEnd(array, in.position(), end);
    long count = RespScanner.number(array, in.position() + 1, at);
    at += 2;
    boolean unanswered = replies.unanswered(argument, array, at, end, count);
    boolean named = argument.read(array, at, end);
    if (named) name(message, replies, array, argument.from, argument.to - argument.from);
    int first = argument.next;
    fields.intField(RedisFields.ARGUMENT_COUNT, Math.max(0, count - 1));
    if (named && count > 1 && argument.read(array, first, end)) {
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

  /** A command as plain words: the line in [from, end). */
  void readInline(Message message, byte[] array, int from, int end, RepliesExpected replies) {
    message.anomaly(Anomaly.INLINE_COMMAND);
    FieldWriter fields = message.fields();
    fields.stringField(RedisFields.TYPE, INLINE, 0, INLINE.length);
    int word = wordEnd(array, from, end);
    name(message, replies, array, from, word - from);
    int key = Math.min(end, word + 1);
    if (key < end) fields.stringField(RedisFields.KEY, array, key, Math.min(KEY_BYTES_MAX, wordEnd(array, key, end) - key));
    fields.beginList(RedisFields.ARGUMENTS);
    for (int at = key; at < end; ) {
      int behind = wordEnd(array, at, end);
      fields.listItem(array, at, behind - at);
      at = behind + 1;
    }
    fields.endList();
  }

  private static int wordEnd(byte[] array, int from, int end) {
    int space = ByteCursor.indexOf(array, (byte) ' ', from, end);
    return space < 0 ? end : space;
  }

  private void name(Message message, RepliesExpected replies, byte[] array, int at, int length) {
    int kept = Math.min(length, NAME_BYTES_MAX);
    for (int i = 0; i < kept; i++) {
      byte each = array[at + i];
      name[i] = each >= 'a' && each <= 'z' ? (byte) (each - 32) : each;
    }
    message.fields().stringField(RedisFields.COMMAND, name, 0, kept);
    replies.commandNamed(message, RedisCommands.kind(name, kept));
  }
}
