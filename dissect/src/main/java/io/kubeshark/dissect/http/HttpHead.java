package io.kubeshark.dissect.http;

import static io.kubeshark.dissect.http.HttpSyntax.VERSION_LENGTH;

import io.kubeshark.core.Anomaly;
import io.kubeshark.core.FieldWriter;

/**
 * Where the parts of a message's head lie in the bytes that hold it: start line and header lines (RFC 9112 sections 2 to 5). Nothing is
 * copied; the spans are valid as long as the bytes are. One per thread, overwritten by each {@link #read}.
 *
 * <pre>
 *   POST /a?b=c HTTP/1.1 CRLF      methodAt targetAt versionAt     HTTP/1.1 200 OK CRLF      versionAt status reasonAt
 *   Host: example CRLF             line 0: name, value, kind
 *   CRLF                           end is behind this
 * </pre>
 */
final class HttpHead {
  /** A longer head is read to its end, but only what lies in its first bytes is kept. nginx takes 32 KiB, Apache 8 KiB a line, Node 16 KiB. */
  static final int BYTES_MAX = 64 << 10;
  /** Header lines kept of one message; framing fields are heeded beyond it. */
  static final int LINES_MAX = 256;
  /** Empty lines that may come before a message (RFC 9112 section 2.2: at least one is to be ignored). */
  private static final int EMPTY_LINES_MAX = 8;

  enum Result {
    WHOLE, MORE, BROKEN,
    /** The first {@link #BYTES_MAX} bytes hold no end: what is known lies in the spans, {@link #end} is where reading must go on. */
    CUT
  }

  static final int NAME_AT = 0;
  static final int NAME_LENGTH = 1;
  static final int VALUE_AT = 2;
  static final int VALUE_LENGTH = 3;
  static final int SPAN = 4;

  final HttpFraming framing = new HttpFraming();
  byte[] array;
  int start;
  int end;
  /** {@link Anomaly} bits. */
  long anomalies;
  int methodAt;
  int methodLength;
  int targetAt;
  int targetLength;
  int versionAt;
  int versionLength;
  int status;
  int reasonAt;
  int reasonLength;
  int lines;
  boolean folded;
  private boolean framingSeen;
  /** Index of the first line of each kind that matters, -1: none. */
  int hostLine;
  int contentTypeLine;
  int contentEncodingLine;
  int upgradeLine;
  int cookieLine;
  int setCookieLine;
  private final int[] spans = new int[LINES_MAX * SPAN];
  private final byte[] kinds = new byte[LINES_MAX];
  private final HttpHeadMemo requestMemo = new HttpHeadMemo();
  private final HttpHeadMemo responseMemo = new HttpHeadMemo();
  /** Of the head that was read last, and how many of its first lines are there. */
  private HttpHeadMemo memo = requestMemo;
  private int known;

  int nameAt(int line) {
    return spans[line * SPAN + NAME_AT];
  }

  int nameLength(int line) {
    return spans[line * SPAN + NAME_LENGTH];
  }

  int valueAt(int line) {
    return spans[line * SPAN + VALUE_AT];
  }

  int valueLength(int line) {
    return spans[line * SPAN + VALUE_LENGTH];
  }

  int kind(int line) {
    return kinds[line];
  }

  boolean methodIs(byte[] word) {
    return methodLength == word.length && HttpSyntax.equal(array, methodAt, word);
  }

  /** CUT in the middle of a line. */
  boolean endsInLine() {
    return array[end - 1] != '\n';
  }

  /** Reads a request's or response's head that begins at {@code from}; {@code to} is the end of the bytes that are there. */
  Result read(byte[] bytes, int from, int to, boolean request) {
    clear(bytes, from);
    int limit = Math.min(to, from + BYTES_MAX);
    int at = skipEmptyLines(from, limit);
    if (at < 0) return Result.BROKEN;
    int lineFeed = HttpSyntax.indexOf(bytes, '\n', at, limit);
    if (lineFeed < 0) {
      if (!mayBegin(at, limit, request)) return Result.BROKEN;
      return limit < from + BYTES_MAX ? Result.MORE : cutStartLine(at, limit, request);
    }
    int lineEnd = lineFeed > at && bytes[lineFeed - 1] == '\r' ? lineFeed - 1 : bareLineFeed(lineFeed);
    if (!(request ? requestLine(at, lineEnd) : statusLine(at, lineEnd))) return Result.BROKEN;
    memo = request ? requestMemo : responseMemo;
    if (readLines(lineFeed + 1, limit)) return Result.WHOLE;
    return limit < from + BYTES_MAX ? Result.MORE : cut();
  }

  private void clear(byte[] bytes, int from) {
    array = bytes;
    start = from;
    end = from;
    anomalies = 0;
    methodLength = targetLength = versionLength = status = reasonLength = lines = known = 0;
    folded = false;
    framingSeen = false;
    hostLine = contentTypeLine = contentEncodingLine = upgradeLine = cookieLine = setCookieLine = -1;
    framing.clear();
  }

  private int skipEmptyLines(int from, int limit) {
    int at = from;
    for (int i = 0; i < EMPTY_LINES_MAX && at < limit && (array[at] == '\r' || array[at] == '\n'); i++) {
      if (array[at] == '\r' && ++at < limit && array[at] != '\n') return -1;
      if (at < limit) at++;
      anomalies |= Anomaly.EXTRA_BYTES.bit();
    }
    return at;
  }

  /** Whether bytes without a line end can be the beginning of a start line at all, so that garbage does not make us wait for 64 KiB. */
  private boolean mayBegin(int at, int limit, boolean request) {
    if (!request) return HttpSyntax.mayBeVersion(array, at, limit);
    int i = at;
    while (i < limit && HttpSyntax.isToken(array[i])) i++;
    if (i - at > HttpSyntax.METHOD_BYTES_MAX) return false;
    return i == limit || (i > at && array[i] == ' ');
  }

  private boolean requestLine(int at, int lineEnd) {
    int i = at;
    while (i < lineEnd && HttpSyntax.isToken(array[i])) i++;
    methodAt = at;
    methodLength = i - at;
    // METHOD SP target SP HTTP/1.x
    versionAt = lineEnd - VERSION_LENGTH;
    if (methodLength == 0 || methodLength > HttpSyntax.METHOD_BYTES_MAX || versionAt < i + 3 || array[i] != ' ') return false;
    if (array[versionAt - 1] != ' ' || !HttpSyntax.isVersion(array, versionAt)) return false;
    versionLength = VERSION_LENGTH;
    targetAt = i + 1;
    targetLength = versionAt - 1 - targetAt;
    if (HttpSyntax.indexOf(array, ' ', targetAt, targetAt + targetLength) >= 0) anomalies |= Anomaly.BAD_START_LINE.bit();
    if (!HttpSyntax.isRegistered(array, at, i)) anomalies |= Anomaly.UNKNOWN_METHOD.bit();
    return true;
  }

  private boolean statusLine(int at, int lineEnd) {
    if (lineEnd - at < VERSION_LENGTH + 4 || !HttpSyntax.isVersion(array, at) || array[at + VERSION_LENGTH] != ' ') return false;
    versionAt = at;
    versionLength = VERSION_LENGTH;
    int code = at + VERSION_LENGTH + 1;
    for (int i = code; i < code + 3; i++) {
      if (!HttpSyntax.isDigit(array[i])) return false;
      status = status * 10 + array[i] - '0';
    }
    if (status < 100) return false;
    reasonAt = code + 3;
    if (reasonAt < lineEnd) {
      if (array[reasonAt] != ' ') return false;
      reasonAt++;
    }
    reasonLength = lineEnd - reasonAt;
    return true;
  }

  private Result cut() {
    frame();
    anomalies |= Anomaly.LIMIT_REACHED.bit();
    return Result.CUT;
  }

  /** A start line of 64 KiB without an end: its beginning is what is kept. */
  private Result cutStartLine(int at, int limit, boolean request) {
    end = limit;
    if (!request) return Result.BROKEN;
    int space = HttpSyntax.indexOf(array, ' ', at, limit);
    if (space < 0 || !HttpSyntax.isRegistered(array, at, space)) return Result.BROKEN;
    methodAt = at;
    methodLength = space - at;
    targetAt = space + 1;
    targetLength = limit - targetAt;
    return cut();
  }

  /** Header lines up to the empty one; {@link #end} is behind the last that is whole. @return whether the empty line was there */
  private boolean readLines(int from, int limit) {
    byte[] bytes = array;
    recall(from, limit);
    int at = end;
    while (at < limit) {
      int lineFeed = HttpSyntax.indexOf(bytes, '\n', at, limit);
      if (lineFeed < 0) return false;
      int lineEnd = lineFeed > at && bytes[lineFeed - 1] == '\r' ? lineFeed - 1 : bareLineFeed(lineFeed);
      end = lineFeed + 1;
      if (lineEnd == at) {
        frame();
        if (2 * known < lines && anomalies == 0) known = memo.remember(bytes, from, at, spans, kinds, lines);
        return true;
      }
      if (bytes[at] == ' ' || bytes[at] == '\t') fold(at, lineEnd);
      else line(at, lineEnd);
      at = end;
    }
    return false;
  }

  /** Takes over the lines that are those of last time; {@link #end} is behind them. */
  private void recall(int from, int limit) {
    known = memo.matching(array, from, limit);
    memo.copyTo(spans, kinds, known, from);
    for (int line = 0; line < known; line++) if (kinds[line] != HttpSyntax.OTHER) note(kinds[line], line);
    lines = known;
    end = known == 0 ? from : from + memo.end(known - 1);
  }

  private int bareLineFeed(int lineFeed) {
    anomalies |= Anomaly.BARE_LINE_FEED.bit();
    return lineFeed;
  }

  private void line(int at, int lineEnd) {
    byte[] bytes = array;
    int nameEnd = HttpSyntax.nameEnd(bytes, at, lineEnd);
    int valueAt = nameEnd + 1;
    if (nameEnd < 0 || nameEnd == lineEnd) {
      anomalies |= Anomaly.BAD_HEADER.bit();
      nameEnd &= ~HttpSyntax.BAD_NAME;
      valueAt = Math.min(nameEnd + 1, lineEnd);
      nameEnd = HttpSyntax.trimEnd(bytes, at, nameEnd);
    }
    valueAt = HttpSyntax.skipBlanks(bytes, valueAt, lineEnd);
    int valueEnd = HttpSyntax.trimEnd(bytes, valueAt, lineEnd);
    int kind = HttpSyntax.headerKind(bytes, at, nameEnd);
    if (lines == LINES_MAX) {
      anomalies |= Anomaly.LIMIT_REACHED.bit();
      framing.field(kind, bytes, valueAt, valueEnd);
      return;
    }
    int span = lines * SPAN;
    spans[span + NAME_AT] = at;
    spans[span + NAME_LENGTH] = nameEnd - at;
    spans[span + VALUE_AT] = valueAt;
    spans[span + VALUE_LENGTH] = valueEnd - valueAt;
    kinds[lines] = (byte) kind;
    if (kind != HttpSyntax.OTHER) note(kind, lines);
    lines++;
  }

  private void note(int kind, int line) {
    switch (kind) {
      case HttpSyntax.HOST -> hostLine = hostLine < 0 ? line : hostLine;
      case HttpSyntax.CONTENT_TYPE -> contentTypeLine = contentTypeLine < 0 ? line : contentTypeLine;
      case HttpSyntax.CONTENT_ENCODING -> contentEncodingLine = contentEncodingLine < 0 ? line : contentEncodingLine;
      case HttpSyntax.UPGRADE -> upgradeLine = upgradeLine < 0 ? line : upgradeLine;
      case HttpSyntax.COOKIE -> cookieLine = cookieLine < 0 ? line : cookieLine;
      case HttpSyntax.SET_COOKIE -> setCookieLine = setCookieLine < 0 ? line : setCookieLine;
      default -> framingSeen = true;
    }
  }

  /** A line that continues the one before it (obs-fold, RFC 9112 section 5.2). */
  private void fold(int at, int lineEnd) {
    anomalies |= (lines == 0 ? Anomaly.BAD_HEADER : Anomaly.FOLDED_HEADER).bit();
    if (lines == 0 || lines == LINES_MAX) return;
    folded = true;
    int span = (lines - 1) * SPAN;
    if (spans[span + VALUE_LENGTH] == 0) spans[span + VALUE_AT] = HttpSyntax.skipBlanks(array, at, lineEnd);
    spans[span + VALUE_LENGTH] = HttpSyntax.trimEnd(array, spans[span + VALUE_AT], lineEnd) - spans[span + VALUE_AT];
  }

  /** Writes the lines into the open map. */
  void writeLines(FieldWriter out) {
    int[] line = spans;
    int end = lines * SPAN;
    memo.write(out, known);
    for (int i = known * SPAN; i < end; i += SPAN) {
      out.mapEntry(array, line[i + NAME_AT], line[i + NAME_LENGTH], array, line[i + VALUE_AT], line[i + VALUE_LENGTH]);
    }
  }

  /** As {@link #writeLines}, with the line ends in folded values, and the blanks around them, replaced by one space. */
  void writeUnfoldedLines(FieldWriter out, byte[] scratch) {
    for (int i = 0; i < lines * SPAN; i += SPAN) {
      int length = unfold(spans[i + VALUE_AT], spans[i + VALUE_LENGTH], scratch);
      out.mapEntry(array, spans[i + NAME_AT], spans[i + NAME_LENGTH], scratch, 0, length);
    }
  }

  private int unfold(int from, int length, byte[] scratch) {
    int to = from + length;
    int written = 0;
    for (int i = from; i < to; i++) {
      if (array[i] != '\r' && array[i] != '\n') {
        scratch[written++] = array[i];
        continue;
      }
      written = HttpSyntax.trimEnd(scratch, 0, written);
      while (i + 1 < to && HttpSyntax.isBlank(array[i + 1])) i++;
      scratch[written++] = ' ';
    }
    return written;
  }

  /** What the lines say of the body's length: after the last one, as a folded line may change the one before it. */
  private void frame() {
    if (!framingSeen) return;
    for (int line = 0; line < lines; line++) {
      if (kinds[line] == HttpSyntax.CONTENT_LENGTH || kinds[line] == HttpSyntax.TRANSFER_ENCODING) {
        framing.field(kinds[line], array, valueAt(line), valueAt(line) + valueLength(line));
      }
    }
  }
}
