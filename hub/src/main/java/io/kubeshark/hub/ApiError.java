package io.kubeshark.hub;

import io.kubeshark.kfl.KflException;
import io.kubeshark.render.JsonWriter;

/** An answer that is not what was asked for: HTTP status, stable code, and a sentence that says what, where and what to do. */
final class ApiError extends Exception {
  private static final long serialVersionUID = 1L;

  final int status;
  final String code;
  /** Where a filter is wrong; null for other errors. */
  private final transient KflException filter;
  /** Character of the input where it is wrong; -1: not said. */
  private final int position;

  ApiError(int status, String code, String message) {
    this(status, code, message, -1);
  }

  ApiError(int status, String code, String message, int position) {
    super(message, null, false, false);
    this.status = status;
    this.code = code;
    this.filter = null;
    this.position = position;
  }

  ApiError(KflException filter) {
    super(filter.getMessage(), null, false, false);
    this.status = 400;
    this.code = "bad-filter";
    this.filter = filter;
    this.position = -1;
  }

  static ApiError badRequest(String message) {
    return new ApiError(400, "bad-request", message);
  }

  void write(JsonWriter out) {
    out.beginObject().key("error").beginObject().key("code").string(code).key("message").string(getMessage());
    if (position >= 0) out.key("position").number(position);
    if (filter != null) {
      out.key("filter");
      write(filter, out);
    }
    out.endObject().endObject();
  }

  /** {@code KflError} of docs/api.md. */
  static void write(KflException e, JsonWriter out) {
    out.beginObject().key("code").string(e.code()).key("message").string(e.getMessage());
    out.key("position").number(e.position()).key("length").number(e.length()).key("line").number(e.line()).key("column").number(e.column());
    out.key("suggestion").string(e.suggestion()).endObject();
  }
}
