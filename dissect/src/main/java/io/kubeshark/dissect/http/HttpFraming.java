package io.kubeshark.dissect.http;

import io.kubeshark.core.Anomaly;

/** What the fields of a message say of its body's length (RFC 9112 section 6). */
final class HttpFraming {
  private static final byte[] CHUNKED = HttpSyntax.ascii("chunked");
  /** No coding at all; gone since RFC 7230, but some still send it. */
  private static final byte[] IDENTITY = HttpSyntax.ascii("identity");

  private boolean lengthSeen;
  private boolean lengthBad;
  private boolean codingSeen;
  private boolean conflict;
  /** The last transfer coding is chunked. */
  boolean chunked;
  /** Of Content-Length, -1: none that can be believed. Of several different ones the first. */
  long length;

  void clear() {
    lengthSeen = lengthBad = codingSeen = conflict = chunked = false;
    length = -1;
  }

  void copyFrom(HttpFraming other) {
    lengthSeen = other.lengthSeen;
    lengthBad = other.lengthBad;
    codingSeen = other.codingSeen;
    conflict = other.conflict;
    chunked = other.chunked;
    length = other.length;
  }

  /**
   * The body ends where nothing but the connection's end can tell: a coding that is not chunked, or a length that is none. Servers refuse
   * requests with such a length, so these have no body.
   */
  boolean unknowable(boolean response) {
    return codingSeen ? !chunked : lengthBad && response;
  }

  long anomalies() {
    return (conflict || (lengthSeen && codingSeen) ? Anomaly.CONFLICTING_LENGTH.bit() : 0)
        | (lengthBad || (codingSeen && !chunked) ? Anomaly.BAD_LENGTH.bit() : 0);
  }

  /** One more header line, if its kind concerns the body's length. */
  void field(int kind, byte[] array, int from, int to) {
    if (kind == HttpSyntax.CONTENT_LENGTH) contentLength(array, from, to);
    else if (kind == HttpSyntax.TRANSFER_ENCODING) transferEncoding(array, from, to);
  }

  /** {@code 1*DIGIT}, or a list of equal ones, which a careless proxy makes of several lines. */
  private void contentLength(byte[] array, int from, int to) {
    int at = from;
    do {
      int comma = HttpSyntax.indexOf(array, ',', at, to);
      int end = comma < 0 ? to : comma;
      oneLength(number(array, HttpSyntax.skipBlanks(array, at, end), HttpSyntax.trimEnd(array, at, end)));
      at = end + 1;
    } while (at <= to);
  }

  private void oneLength(long value) {
    if (value < 0) lengthBad = true;
    else if (lengthSeen && length >= 0 && length != value) conflict = true;
    else length = value;
    lengthSeen = true;
    if (lengthBad && length >= 0) conflict = true;
  }

  /** -1: not a number, or over 2^63 - 1. */
  private static long number(byte[] array, int from, int to) {
    if (from >= to) return -1;
    long value = 0;
    for (int i = from; i < to; i++) {
      if (!HttpSyntax.isDigit(array[i])) return -1;
      int digit = array[i] - '0';
      if (value > (Long.MAX_VALUE - digit) / 10) return -1;
      value = value * 10 + digit;
    }
    return value;
  }

  private void transferEncoding(byte[] array, int from, int to) {
    int last = from;
    for (int i = from; i < to; i++) if (array[i] == ',') last = i + 1;
    last = HttpSyntax.skipBlanks(array, last, to);
    if (to - last == IDENTITY.length && HttpSyntax.is(array, last, IDENTITY)) return;
    codingSeen = true;
    chunked = to - last == CHUNKED.length && HttpSyntax.is(array, last, CHUNKED);
  }
}
