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

  ApiError(int status, String code, String message) {
    super(message, null, false, false);
    this.status = status;
    this.code = code;
    this.filter = null;
  }

  ApiError(KflException filter) {
    super(filter.getMessage(), null, false, false);
    this.status = 400;
    this.code = "bad-filter";
    this.filter = filter;
  }

  static ApiError badRequest(String message) {
    return new ApiError(400, "bad-request", message);
  }

  void write(JsonWriter out) {
    out.beginObject().key("error").beginObject().key("code").string(code).key("message").string(getMessage());
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
