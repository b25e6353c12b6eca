package io.kubeshark.dissect.http;

import static io.kubeshark.dissect.http.HttpSyntax.VERSION_LENGTH;
import static io.kubeshark.dissect.http.HttpSyntax.isDigit;

/**
 * The strict look of a first line, for recognition and for finding back after a loss: a registered method, a target without blanks and
 * {@code HTTP/1.0} or {@code HTTP/1.1}; or the version and a status of three digits. Laxer messages are read only where one is due.
 */
final class HttpShape {
  private HttpShape() {}

  static final int NO = 0;
  static final int YES = 1;
  /** True as far as the bytes reach. */
  static final int PARTIAL = 2;

  /** So much of a blameless target is proof enough: recognition need not see the end of a giant one. */
  static final int TARGET_PROOF_BYTES = 1024;
  private static final int STATUS_LINE_BYTES = VERSION_LENGTH + 5;

  /** {@code METHOD SP target SP HTTP/1.x CRLF} at {@code from}, which is before {@code to}. */
  static int requestLine(byte[] array, int from, int to) {
    int method = HttpSyntax.methodAndSpace(array, from, to);
    if (method <= 0) return method == 0 ? NO : PARTIAL;
    int target = from + method;
    int at = target;
    while (at < to && array[at] != ' ') {
      if ((array[at] & 0xff) < 0x20 || array[at] == 0x7f) return NO;
      at++;
    }
    if (at == to) return at - target >= TARGET_PROOF_BYTES ? YES : PARTIAL;
    if (at == target) return NO;
    at++;
    if (to - at < VERSION_LENGTH + 1) return HttpSyntax.mayBeVersion(array, at, to) ? PARTIAL : NO;
    if (!isVersion01(array, at)) return NO;
    at += VERSION_LENGTH;
    if (array[at] == '\n') return YES;
    if (array[at] != '\r') return NO;
    return at + 1 == to ? PARTIAL : array[at + 1] == '\n' ? YES : NO;
  }

  /** {@code HTTP/1.x SP ddd} and a space or line end at {@code from}. */
  static int statusLine(byte[] array, int from, int to) {
    if (to - from < STATUS_LINE_BYTES) return HttpSyntax.mayBeVersion(array, from, to) ? PARTIAL : NO;
    if (!isVersion01(array, from) || array[from + 8] != ' ') return NO;
    if (array[from + 9] < '1' || array[from + 9] > '9' || !isDigit(array[from + 10]) || !isDigit(array[from + 11])) return NO;
    byte next = array[from + 12];
    return next == ' ' || next == '\r' || next == '\n' ? YES : NO;
  }

  private static boolean isVersion01(byte[] array, int at) {
    return HttpSyntax.isVersion(array, at) && array[at + 7] <= '1';
  }
}
