package io.kubeshark.dissect.http;

import io.kubeshark.core.ByteCursor;
import io.kubeshark.core.Direction;
import io.kubeshark.dissect.Message;

/** One direction: how far the search for the end of a head has come, and the body that is being read. */
final class HttpSide {
  /** A header line behind the first 64 KiB of a head is looked at up to this length. */
  private static final int REST_LINE_BYTES_MAX = 8 << 10;

  final boolean client;
  final HttpBody body;
  /** The head that is longer than what is kept of it: its message, else null. */
  Message longHead;
  HttpFraming longHeadFraming;
  long longHeadBytes;
  /** For {@link #longHead} of a response. */
  int status;
  private boolean midLine;
  /** Bytes from the message's beginning in which a head does not end. */
  private int searched;
  private boolean startLineRead;

  HttpSide(Direction sender) {
    client = sender == Direction.CLIENT;
    body = client
        ? new HttpBody(HttpFields.BODY_SIZE, HttpFields.REQUEST_BODY, HttpFields.TRAILERS)
        : new HttpBody(HttpFields.RESPONSE_BODY_SIZE, HttpFields.RESPONSE_BODY, HttpFields.RESPONSE_TRAILERS);
  }

  /** Whether a message is being read. */
  boolean open() {
    return body.open() || longHead != null;
  }

  /** No head is waited for any more. */
  void headIsOver() {
    searched = 0;
    startLineRead = false;
  }

  /** The head does not end in these bytes. */
  void headGoesOn(ByteCursor in) {
    startLineRead |= in.indexOf((byte) '\n', in.position()) >= 0;
    searched = in.remaining();
  }

  /**
   * Whether the bytes that are new since {@link #headGoesOn} may make a head whole, so that one that comes byte by byte is not read
   * again and again.
   */
  boolean headMayBeWhole(ByteCursor in) {
    if (searched == 0 || in.remaining() >= HttpHead.BYTES_MAX) return true;
    int from = in.position() + searched;
    int lineFeed = in.indexOf((byte) '\n', from);
    if (lineFeed >= 0 && !startLineRead) return true;
    for (; lineFeed >= 0; lineFeed = in.indexOf((byte) '\n', lineFeed + 1)) if (endsEmptyLine(in, lineFeed)) return true;
    searched = in.remaining();
    return false;
  }

  private static boolean endsEmptyLine(ByteCursor in, int lineFeed) {
    int before = lineFeed - 1;
    if (before > in.position() && in.at(before) == '\r') before--;
    return before >= in.position() && in.at(before) == '\n';
  }

  void beginLongHead(Message message, HttpHead head, boolean inMiddleOfLine) {
    longHead = message;
    longHeadFraming = new HttpFraming();
    longHeadFraming.copyFrom(head.framing);
    longHeadBytes = head.end - head.start;
    status = head.status;
    midLine = inMiddleOfLine;
  }

  /** Reads on in a long head. @return whether it ended */
  boolean readLongHead(ByteCursor in) {
    int before = in.position();
    boolean ended = false;
    while (!ended && in.remaining() > 0) {
      int at = in.position();
      int lineFeed = in.indexOf((byte) '\n', at);
      if (lineFeed < 0) {
        if (!midLine && in.remaining() < REST_LINE_BYTES_MAX) break;
        midLine = true;
        in.position(in.limit());
        break;
      }
      in.position(lineFeed + 1);
      if (!midLine && lineFeed - at < REST_LINE_BYTES_MAX) {
        int lineEnd = HttpSyntax.trimEnd(in.array(), at, lineFeed);
        ended = lineEnd == at;
        int colon = HttpSyntax.indexOf(in.array(), ':', at, lineEnd);
        if (colon > 0) {
          int kind = HttpSyntax.headerKind(in.array(), at, HttpSyntax.trimEnd(in.array(), at, colon));
          longHeadFraming.field(kind, in.array(), HttpSyntax.skipBlanks(in.array(), colon + 1, lineEnd), lineEnd);
        }
      }
      midLine = false;
    }
    longHeadBytes += in.position() - before;
    return ended;
  }
}
