package io.kubeshark.dissect.http;

import io.kubeshark.core.Anomaly;
import io.kubeshark.core.ByteCursor;
import io.kubeshark.core.FieldSpec;
import io.kubeshark.core.FieldWriter;
import io.kubeshark.dissect.Dissector.Outcome;
import io.kubeshark.dissect.Message;
import io.kubeshark.dissect.MessageSink;

/**
 * The body of one direction's open message, read in slices as they come (RFC 9112 sections 6 and 7).
 *
 * <pre>
 *   LENGTH ------------------------------------------------------> NONE
 *   CHUNK_SIZE --> CHUNK_DATA --> CHUNK_END --> CHUNK_SIZE ... --0--> TRAILERS --> NONE
 *   UNTIL_CLOSE ------------------------------------ end of stream --> NONE
 *   PEEK: the request was not seen; if a status line follows, it was one whose response has no body (HEAD), else one of the above
 * </pre>
 */
final class HttpBody {
  /** Longer chunk-size lines, extensions included, are not believed. */
  static final int CHUNK_LINE_BYTES_MAX = 4 << 10;
  /** Trailer bytes kept; also the longest trailer line. */
  static final int TRAILER_BYTES_MAX = 64 << 10;
  private static final int CHUNK_SIZE_DIGITS_MAX = 15;

  enum State {
    NONE, PEEK, LENGTH, CHUNK_SIZE, CHUNK_DATA, CHUNK_END, TRAILERS, UNTIL_CLOSE
  }

  private static final byte[] EMPTY = {};

  private final FieldSpec sizeField;
  private final FieldSpec bodyField;
  private final FieldSpec trailersField;
  private State state = State.NONE;
  private State afterPeek;
  private Message message;
  /** Of the body or of the chunk's data. */
  private long remaining;
  private long size;
  private int trailerBytes;
  private boolean trailersOpen;

  HttpBody(FieldSpec sizeField, FieldSpec bodyField, FieldSpec trailersField) {
    this.sizeField = sizeField;
    this.bodyField = bodyField;
    this.trailersField = trailersField;
  }

  boolean open() {
    return state != State.NONE;
  }

  /**
   * A body begins; its bytes come through {@link #read}.
   *
   * @param how LENGTH, CHUNK_SIZE or UNTIL_CLOSE
   * @param length of the body for LENGTH
   * @param head where its media type lies, or null
   * @param sure false if the message may have no body at all
   */
  void begin(Message of, State how, long length, HttpHead head, int keptBytesMax, boolean sure) {
    message = of;
    state = sure ? how : State.PEEK;
    afterPeek = how;
    remaining = length;
    size = 0;
    trailerBytes = 0;
    trailersOpen = false;
    int type = head == null ? -1 : head.contentTypeLine;
    int coding = head == null ? -1 : head.contentEncodingLine;
    of.fields().beginBody(
        bodyField,
        type < 0 ? EMPTY : head.array, type < 0 ? 0 : head.valueAt(type), type < 0 ? 0 : head.valueLength(type),
        coding < 0 ? EMPTY : head.array, coding < 0 ? 0 : head.valueAt(coding), coding < 0 ? 0 : head.valueLength(coding),
        keptBytesMax);
  }

  /** Reads on; {@link #open} tells whether the message has ended. */
  Outcome read(ByteCursor in, MessageSink out) {
    int before = in.position();
    while (in.remaining() > 0 && state != State.NONE) {
      Outcome outcome = switch (state) {
        case PEEK -> peek(in, out);
        case LENGTH, CHUNK_DATA, UNTIL_CLOSE -> data(in, out);
        case CHUNK_SIZE -> chunkSize(in, out);
        case CHUNK_END -> chunkEnd(in, out);
        case TRAILERS -> trailer(in, out);
        case NONE -> Outcome.CONSUMED;
      };
      if (outcome == Outcome.NEED_MORE && in.position() > before) return Outcome.CONSUMED;
      if (outcome != Outcome.CONSUMED) return outcome;
    }
    return Outcome.CONSUMED;
  }

  /** A hole of this many bytes. @return whether it lies inside the body, so that reading can go on behind it */
  boolean absorb(long lost, MessageSink out) {
    boolean inside = switch (state) {
      case LENGTH, CHUNK_DATA -> lost <= remaining;
      case UNTIL_CLOSE -> true;
      case NONE, PEEK, CHUNK_SIZE, CHUNK_END, TRAILERS -> false;
    };
    if (!inside) return false;
    message.lost(lost);
    message.fields().bodyHole(lost);
    size += lost;
    remaining -= lost;
    if (state == State.LENGTH && remaining == 0) finishHere(out);
    if (state == State.CHUNK_DATA && remaining == 0) state = State.CHUNK_END;
    return true;
  }

  /** No more bytes will come. */
  void streamEnds(MessageSink out) {
    if (state == State.UNTIL_CLOSE || (state == State.PEEK && afterPeek == State.UNTIL_CLOSE)) finishHere(out);
    else abandon(out);
  }

  /** The rest of the open message, if there is one, will not be read. */
  void abandon(MessageSink out) {
    if (state == State.NONE) return;
    closeFields();
    Message unfinished = message;
    clear();
    out.endIncomplete(unfinished);
  }

  private Outcome peek(ByteCursor in, MessageSink out) {
    int shape = HttpShape.statusLine(in.array(), in.position(), in.limit());
    if (shape == HttpShape.PARTIAL) return needMore(in, out);
    state = afterPeek;
    if (shape == HttpShape.YES) {
      message.anomaly(Anomaly.BAD_LENGTH);
      message.fields().dropBody();
      finish(in, out);
    }
    return Outcome.CONSUMED;
  }

  private Outcome data(ByteCursor in, MessageSink out) {
    int count = state == State.UNTIL_CLOSE ? in.remaining() : (int) Math.min(in.remaining(), remaining);
    message.fields().body(in.array(), in.position(), count);
    in.skip(count);
    size += count;
    remaining -= count;
    if (remaining == 0) {
      if (state == State.LENGTH) finish(in, out);
      else if (state == State.CHUNK_DATA) state = State.CHUNK_END;
    }
    return Outcome.CONSUMED;
  }

  /** {@code 1*HEXDIG [chunk-ext] CRLF} (RFC 9112 section 7.1). */
  private Outcome chunkSize(ByteCursor in, MessageSink out) {
    int at = in.position();
    int limit = Math.min(in.limit(), at + CHUNK_LINE_BYTES_MAX);
    int lineFeed = HttpSyntax.indexOf(in.array(), '\n', at, limit);
    if (lineFeed < 0 && limit - at == CHUNK_LINE_BYTES_MAX) return badChunk(out);
    byte[] array = in.array();
    int end = lineFeed < 0 ? limit : lineFeed;
    long value = 0;
    int i = at;
    for (int digit; i < end && (digit = HttpSyntax.hexDigit(array[i])) >= 0; i++) value = value << 4 | digit;
    if (i - at > CHUNK_SIZE_DIGITS_MAX || (i == at && i < end)) return badChunk(out);
    if (lineFeed < 0) return needMore(in, out);
    int lineEnd = lineFeed > i && array[lineFeed - 1] == '\r' ? lineFeed - 1 : bareLineFeed(lineFeed);
    i = HttpSyntax.skipBlanks(array, i, lineEnd);
    if (lineEnd == at || (i < lineEnd && array[i] != ';')) return badChunk(out);
    in.position(lineFeed + 1);
    remaining = value;
    state = State.CHUNK_DATA;
    if (value == 0) {
      endBody();
      state = State.TRAILERS;
    }
    return Outcome.CONSUMED;
  }

  private Outcome chunkEnd(ByteCursor in, MessageSink out) {
    int at = in.position();
    if (in.at(at) == '\r') {
      if (!in.has(2)) return needMore(in, out);
      if (in.at(at + 1) != '\n') return badChunk(out);
      in.skip(2);
    } else {
      if (in.at(at) != '\n') return badChunk(out);
      bareLineFeed(at);
      in.skip(1);
    }
    state = State.CHUNK_SIZE;
    return Outcome.CONSUMED;
  }

  private Outcome trailer(ByteCursor in, MessageSink out) {
    int at = in.position();
    int limit = Math.min(in.limit(), at + TRAILER_BYTES_MAX);
    int lineFeed = HttpSyntax.indexOf(in.array(), '\n', at, limit);
    if (lineFeed < 0) return limit - at == TRAILER_BYTES_MAX ? badChunk(out) : needMore(in, out);
    byte[] array = in.array();
    int lineEnd = lineFeed > at && array[lineFeed - 1] == '\r' ? lineFeed - 1 : bareLineFeed(lineFeed);
    in.position(lineFeed + 1);
    if (lineEnd == at) {
      finish(in, out);
      return Outcome.CONSUMED;
    }
    trailerBytes += lineFeed + 1 - at;
    if (trailerBytes > TRAILER_BYTES_MAX) {
      trailerBytes = TRAILER_BYTES_MAX;
      message.anomaly(Anomaly.LIMIT_REACHED);
    } else {
      trailerLine(array, at, lineEnd);
    }
    return Outcome.CONSUMED;
  }

  private void trailerLine(byte[] array, int at, int lineEnd) {
    FieldWriter fields = message.fields();
    if (!trailersOpen) fields.beginMap(trailersField);
    trailersOpen = true;
    int colon = HttpSyntax.indexOf(array, ':', at, lineEnd);
    if (colon < 0) message.anomaly(Anomaly.BAD_HEADER);
    int nameEnd = colon < 0 ? lineEnd : colon;
    int valueAt = colon < 0 ? lineEnd : HttpSyntax.skipBlanks(array, colon + 1, lineEnd);
    fields.mapEntry(array, at, nameEnd - at, array, valueAt, HttpSyntax.trimEnd(array, valueAt, lineEnd) - valueAt);
  }

  private int bareLineFeed(int lineFeed) {
    message.anomaly(Anomaly.BARE_LINE_FEED);
    return lineFeed;
  }

  private Outcome badChunk(MessageSink out) {
    message.anomaly(Anomaly.BAD_CHUNK);
    abandon(out);
    return Outcome.MALFORMED;
  }

  private static Outcome needMore(ByteCursor in, MessageSink out) {
    out.need(in.remaining() + 1);
    return Outcome.NEED_MORE;
  }

  private void finish(ByteCursor at, MessageSink out) {
    closeFields();
    Message whole = message;
    clear();
    out.end(whole, at);
  }

  private void finishHere(MessageSink out) {
    closeFields();
    Message whole = message;
    clear();
    out.endHere(whole);
  }

  private void closeFields() {
    if (state != State.TRAILERS) endBody();
    else if (trailersOpen) message.fields().endMap();
  }

  private void endBody() {
    message.fields().endBody();
    message.fields().intField(sizeField, size);
  }

  private void clear() {
    message = null;
    state = State.NONE;
  }
}
