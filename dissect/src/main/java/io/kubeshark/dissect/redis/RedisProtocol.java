package io.kubeshark.dissect.redis;

import io.kubeshark.core.ByteCursor;
import io.kubeshark.core.Connection;
import io.kubeshark.core.Direction;
import io.kubeshark.core.ProtocolInfo;
import io.kubeshark.dissect.DissectOptions;
import io.kubeshark.dissect.Dissector;
import io.kubeshark.dissect.Protocol;

/** Redis, RESP2 and RESP3. */
public final class RedisProtocol implements Protocol {
  private static final int COMMAND_NAME_BYTES_MAX = 32;
  private static final int ELEMENTS_LOOKED_AT_MAX = 16;
  private static final String[] REPLIES =
      {"+OK\r\n", "+PONG\r\n", "+QUEUED\r\n", "-ERR ", "-NOAUTH ", "-WRONGTYPE ", "-MOVED ", "-LOADING ", "-WRONGPASS "};

  @Override
  public ProtocolInfo info() {
    return RedisFields.INFO;
  }

  @Override
  public boolean runsOver(int transport) {
    return transport == Connection.TCP;
  }

  @Override
  public Verdict recognize(Direction sender, ByteCursor head) {
    return sender == Direction.CLIENT ? command(head.array(), head.position(), head.limit()) : reply(head);
  }

  /** {@code *N CRLF $M CRLF name}, the name that of a command, then only strings. */
  static Verdict command(byte[] array, int at, int limit) {
    if (at == limit) return Verdict.NEED_MORE;
    if (array[at] != '*') return Verdict.REJECT;
    int next = header(array, at + 1, limit, 1, RespScanner.COUNT_MAX);
    if (next <= 0) return next == 0 ? Verdict.NEED_MORE : Verdict.REJECT;
    if (next == limit) return Verdict.NEED_MORE;
    if (array[next] != '$') return Verdict.REJECT;
    int name = header(array, next + 1, limit, 1, COMMAND_NAME_BYTES_MAX);
    if (name <= 0) return name == 0 ? Verdict.NEED_MORE : Verdict.REJECT;
    int length = (int) RespScanner.number(array, next + 1, name - 2);
    for (int i = name; i < Math.min(limit, name + length); i++) if (!commandCharacter(array[i], i == name)) return Verdict.REJECT;
    if (limit < name + length + 2) return Verdict.NEED_MORE;
    if (array[name + length] != '\r' || array[name + length + 1] != '\n' || !RedisCommands.isKnown(array, name, length)) return Verdict.REJECT;
    // Replies may look the same so far; but what is published counts its subscribers, and messages of arrays hold more than strings.
    int element = name + length + 2;
    long count = RespScanner.number(array, at + 1, next - 2);
    return elementsAreStrings(array, element, limit, count - 1) ? Verdict.MATCH : Verdict.REJECT;
  }

  /** As far as they are here, at most {@value #ELEMENTS_LOOKED_AT_MAX}. */
  private static boolean elementsAreStrings(byte[] array, int at, int limit, long count) {
    for (int i = 0; i < Math.min(count, ELEMENTS_LOOKED_AT_MAX) && at < limit; i++) {
      if (array[at] != '$') return false;
      int lineEnd = RespScanner.lineEnd(array, at, limit);
      if (lineEnd < 0) return lineEnd != RespScanner.BROKEN;
      long length = RespScanner.number(array, at + 1, lineEnd);
      if (length < 0 || length > RespScanner.BULK_BYTES_MAX) return false;
      if (lineEnd + 2 + length + 2 > limit) return true;
      at = lineEnd + 2 + (int) length + 2;
    }
    return true;
  }

  static boolean commandCharacter(byte value, boolean first) {
    boolean letter = value >= 'a' && value <= 'z' || value >= 'A' && value <= 'Z';
    return letter || !first && (value == '.' || value == '_' || value == '-' || value >= '0' && value <= '9');
  }

  /** Index behind a count line whose number lies in [min, max]; 0: not whole yet; -1: no such line. */
  private static int header(byte[] array, int from, int limit, long min, long max) {
    int at = from;
    while (at < limit && at - from < 8 && array[at] >= '0' && array[at] <= '9') at++;
    if (at == limit) return 0;
    if (at == from || array[at] != '\r') return -1;
    if (at + 1 == limit) return 0;
    if (array[at + 1] != '\n') return -1;
    long value = RespScanner.number(array, from, at);
    return value >= min && value <= max ? at + 2 : -1;
  }

  /** Replies say little of themselves: only those that hardly anything else begins with. */
  private static Verdict reply(ByteCursor head) {
    boolean more = false;
    for (String reply : REPLIES) {
      if (head.matches(head.position(), reply)) return Verdict.MATCH;
      int present = Math.min(reply.length(), head.remaining());
      more |= present < reply.length() && head.matches(head.position(), reply.substring(0, present));
    }
    return more ? Verdict.NEED_MORE : Verdict.REJECT;
  }

  @Override
  public Dissector open(Connection connection, DissectOptions options) {
    return new RedisDissector();
  }
}
