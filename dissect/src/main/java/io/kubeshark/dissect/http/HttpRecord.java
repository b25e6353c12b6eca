package io.kubeshark.dissect.http;

import io.kubeshark.core.Anomaly;
import io.kubeshark.core.FieldSpec;
import io.kubeshark.core.FieldWriter;
import io.kubeshark.dissect.Message;

/** Writes the head of a message as fields. One per thread: it holds nothing between calls but room to read and decode into. */
final class HttpRecord {
  /** Query parameters and cookies kept of one message. */
  static final int PAIRS_MAX = 256;

  private static final byte[] SCHEME = HttpSyntax.ascii("http://");
  private static final byte[] SCHEME_END = HttpSyntax.ascii("://");
  private static final byte[] CONNECT = HttpSyntax.ascii("CONNECT");

  /** A decoded name or value, an unfolded header, a URL: none is longer than a head and a host. */
  private final byte[] scratch = new byte[2 * HttpHead.BYTES_MAX + SCHEME.length];

  final HttpHead head = new HttpHead();

  /** Everything that {@link #head} says of a request, but its size and body. */
  void request(Message message) {
    FieldWriter out = message.fields();
    byte[] array = head.array;
    out.stringField(HttpFields.METHOD, array, head.methodAt, head.methodLength);
    int targetEnd = head.targetAt + head.targetLength;
    int pathAt = pathAt(head, targetEnd);
    url(out, head);
    out.stringField(HttpFields.TARGET, array, head.targetAt, head.targetLength);
    int question = -1;
    if (pathAt >= 0) {
      question = HttpSyntax.indexOf(array, '?', pathAt, targetEnd);
      out.stringField(HttpFields.PATH, array, pathAt, (question < 0 ? targetEnd : question) - pathAt);
    }
    if (head.versionLength > 0) out.stringField(HttpFields.VERSION, array, head.versionAt, head.versionLength);
    if (head.hostLine >= 0) out.stringField(HttpFields.HOST, array, head.valueAt(head.hostLine), head.valueLength(head.hostLine));
    headers(out, HttpFields.HEADERS, head);
    if (head.cookieLine >= 0) cookies(message, head);
    if (question >= 0) query(message, array, question + 1, targetEnd);
  }

  /** As {@link #request}, of a response. */
  void response(Message message) {
    FieldWriter out = message.fields();
    out.intField(HttpFields.STATUS, head.status);
    out.stringField(HttpFields.STATUS_TEXT, head.array, head.reasonAt, head.reasonLength);
    out.stringField(HttpFields.RESPONSE_VERSION, head.array, head.versionAt, head.versionLength);
    headers(out, HttpFields.RESPONSE_HEADERS, head);
    if (head.setCookieLine >= 0) setCookies(out, head);
  }

  /** Where the path of an origin-form or absolute-form target begins (RFC 9112 section 3.2); -1: the target has none. */
  private static int pathAt(HttpHead head, int targetEnd) {
    byte first = head.array[head.targetAt];
    if (first == '/' || first == '*') return head.targetAt;
    if (head.methodIs(CONNECT)) return -1;
    int authority = authorityAt(head, targetEnd);
    if (authority < 0) return head.targetAt;
    int slash = HttpSyntax.indexOf(head.array, '/', authority, targetEnd);
    int question = HttpSyntax.indexOf(head.array, '?', authority, targetEnd);
    return slash < 0 || (question >= 0 && question < slash) ? question : slash;
  }

  private static int authorityAt(HttpHead head, int targetEnd) {
    int colon = HttpSyntax.indexOf(head.array, ':', head.targetAt, targetEnd);
    boolean absolute = colon > 0 && targetEnd - colon >= SCHEME_END.length && HttpSyntax.equal(head.array, colon, SCHEME_END);
    return absolute ? colon + SCHEME_END.length : -1;
  }

  /** The target URI (RFC 9112 section 3.3). */
  private void url(FieldWriter out, HttpHead head) {
    byte[] array = head.array;
    byte first = array[head.targetAt];
    int hostLength = head.hostLine < 0 ? 0 : head.valueLength(head.hostLine);
    if (hostLength == 0 || (first != '/' && first != '*')) {
      out.stringField(HttpFields.URL, array, head.targetAt, head.targetLength);
      return;
    }
    int targetLength = first == '*' && head.targetLength == 1 ? 0 : head.targetLength;
    out.stringField(HttpFields.URL, SCHEME, array, head.valueAt(head.hostLine), hostLength, head.targetAt, targetLength);
  }

  private void headers(FieldWriter out, FieldSpec field, HttpHead head) {
    out.beginMap(field);
    if (head.folded) head.writeUnfoldedLines(out, scratch);
    else head.writeLines(out);
    out.endMap();
  }

  private void cookies(Message message, HttpHead head) {
    FieldWriter out = message.fields();
    out.beginMap(HttpFields.COOKIES);
    int pairs = 0;
    for (int line = head.cookieLine; line < head.lines; line++) {
      if (head.kind(line) != HttpSyntax.COOKIE) continue;
      int at = head.valueAt(line);
      int end = at + head.valueLength(line);
      while (at < end) {
        int semicolon = HttpSyntax.indexOf(head.array, ';', at, end);
        int pairEnd = semicolon < 0 ? end : semicolon;
        if (pairs++ == PAIRS_MAX) {
          message.anomaly(Anomaly.LIMIT_REACHED);
          out.endMap();
          return;
        }
        cookie(out, head.array, at, pairEnd);
        at = pairEnd + 1;
      }
    }
    out.endMap();
  }

  private void setCookies(FieldWriter out, HttpHead head) {
    out.beginMap(HttpFields.RESPONSE_COOKIES);
    for (int line = head.setCookieLine; line < head.lines; line++) {
      if (head.kind(line) != HttpSyntax.SET_COOKIE) continue;
      int at = head.valueAt(line);
      int end = at + head.valueLength(line);
      int semicolon = HttpSyntax.indexOf(head.array, ';', at, end);
      cookie(out, head.array, at, semicolon < 0 ? end : semicolon);
    }
    out.endMap();
  }

  private static void cookie(FieldWriter out, byte[] array, int from, int to) {
    int at = HttpSyntax.skipBlanks(array, from, to);
    int end = HttpSyntax.trimEnd(array, at, to);
    if (at == end) return;
    int equals = HttpSyntax.indexOf(array, '=', at, end);
    int nameEnd = equals < 0 ? end : equals;
    int valueAt = equals < 0 ? end : equals + 1;
    out.mapEntry(array, at, nameEnd - at, array, valueAt, end - valueAt);
  }

  private void query(Message message, byte[] array, int from, int to) {
    FieldWriter out = message.fields();
    int hash = HttpSyntax.indexOf(array, '#', from, to);
    int end = hash < 0 ? to : hash;
    out.beginMap(HttpFields.QUERY);
    int at = from;
    for (int pairs = 0; at < end; pairs++) {
      if (pairs == PAIRS_MAX) {
        message.anomaly(Anomaly.LIMIT_REACHED);
        break;
      }
      int ampersand = HttpSyntax.indexOf(array, '&', at, end);
      int pairEnd = ampersand < 0 ? end : ampersand;
      if (pairEnd > at) parameter(out, array, at, pairEnd);
      at = pairEnd + 1;
    }
    out.endMap();
  }

  private void parameter(FieldWriter out, byte[] array, int from, int to) {
    int equals = HttpSyntax.indexOf(array, '=', from, to);
    int nameEnd = equals < 0 ? to : equals;
    int valueAt = equals < 0 ? to : equals + 1;
    int nameLength = decode(array, from, nameEnd, 0);
    int valueLength = decode(array, valueAt, to, nameLength);
    out.mapEntry(scratch, 0, nameLength, scratch, nameLength, valueLength);
  }

  /** Percent-decoding as forms do it ('+' is a space); what is not {@code %HH} stays as it is. @return bytes written to scratch */
  private int decode(byte[] array, int from, int to, int target) {
    int written = target;
    for (int i = from; i < to; i++) {
      byte b = array[i];
      if (b == '+') {
        b = ' ';
      } else if (b == '%' && i + 2 < to) {
        int high = HttpSyntax.hexDigit(array[i + 1]);
        int low = HttpSyntax.hexDigit(array[i + 2]);
        if (high >= 0 && low >= 0) {
          b = (byte) (high << 4 | low);
          i += 2;
        }
      }
      scratch[written++] = b;
    }
    return written - target;
  }
}
