package io.kubeshark.dissect.redis;

import io.kubeshark.core.ByteCursor;
import io.kubeshark.core.Direction;
import io.kubeshark.dissect.Protocol;

/** Where a command or reply may begin behind a hole. */
final class RespBoundary {
  private RespBoundary() {}

  /**
   * Commands have a shape of their own. Replies begin where the search begins, or behind a line (of a CR LF the CR may be lost), with
   * one that a reply can have.
   */
  static int find(Direction sender, ByteCursor in) {
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
    if (RespScanner.TYPES.indexOf(array[at]) < 0) return false;
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
    return at >= limit || RespScanner.TYPES.indexOf(array[at]) >= 0;
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
