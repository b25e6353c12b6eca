package io.kubeshark.dissect.redis;

import io.kubeshark.core.Anomaly;
import io.kubeshark.dissect.Message;
import io.kubeshark.dissect.MessageSink;

/** What one connection's commands say of its replies: which have none, which come unasked, and, behind a hole, what may not be a reply. */
final class RepliesExpected {
  private static final String[] CONFIRMATIONS = {"subscribe", "psubscribe", "ssubscribe", "unsubscribe", "punsubscribe", "sunsubscribe"};
  private static final String[] PUBLISHED = {"message", "pmessage", "smessage"};

  /** {@link Message#tag} of commands whose replies are of the kind that also comes unasked. */
  private static final long SUBSCRIPTION = 1;
  /** And of those whose reply may be an aggregate. */
  private static final long AGGREGATE = 2;

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

  void commandNamed(Message message, RedisCommands.Kind kind) {
    if (kind == RedisCommands.Kind.SUBSCRIPTION) message.tag = SUBSCRIPTION;
    monitoring |= kind == RedisCommands.Kind.MONITOR;
    pushes |= kind == RedisCommands.Kind.SUBSCRIPTION;
    if (kind == RedisCommands.Kind.OTHER) {
      message.tag = AGGREGATE;
      aggregates++;
    }
  }

  /** Whether this command, whose {@code count} strings begin at {@code at}, has no reply. */
  boolean unanswered(Argument argument, byte[] array, int at, int end, long count) {
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

  /** To be told of each reply before it is read: whether it is one may be in doubt. */
  void replyBegins(Message message, byte[] array, int at, int end, MessageSink out) {
    if (behindHole && isStrong(array, at, end)) behindHole = false;
    if (inDoubt || behindHole) {
      message.framingInDoubt();
      if (out.request(message) != null) inDoubt = behindHole = false;
    }
  }

  /** A string whose end is where its length says, or a status that text is not. */
  private static boolean isStrong(byte[] array, int at, int end) {
    return array[at] == '$' && array[at + 1] != '-'
        || RespScanner.startsWith(array, at, end, "+OK\r\n") || RespScanner.startsWith(array, at, end, "+QUEUED\r\n");
  }

  /** And of its value's first byte, behind attributes. */
  void replyOfType(Message message, byte type, MessageSink out) {
    if (type == '>') {
      pushes = true;
    } else if (aggregates > 0) {
      Message request = out.request(message);
      if (request != null && request.tag == AGGREGATE) aggregates--;
    }
  }

  /** Whether the value at {@code at} was sent without being asked. */
  boolean unasked(Message message, Argument kind, byte[] array, int at, int lineEnd, int end, MessageSink out) {
    byte type = array[at];
    if (type == '+' && monitoring && lineEnd > at + 1 && array[at + 1] >= '0' && array[at + 1] <= '9') {
      message.anomaly(Anomaly.PUSH);
      return true; // a line of MONITOR: a time, a client, a command
    }
    return (type == '>' || type == '*') && pushed(message, kind, array, lineEnd + 2, end, type == '>', out);
  }

  /** Arrays and pushes: published messages, invalidations, further confirmations of one SUBSCRIBE. */
  private boolean pushed(Message message, Argument kind, byte[] array, int at, int end, boolean push, MessageSink out) {
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
    for (String word : words) if (to - from == word.length() && RespScanner.startsWith(array, from, to, word)) return true;
    return false;
  }

  /** @param within the hole may lie in an aggregate that has begun */
  void hole(boolean within) {
    behindHole = true;
    inDoubt |= pushes || aggregates > 0 || within;
  }
}
