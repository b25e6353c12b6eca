package io.kubeshark.hub;

/** {@code worker/stream-index} of an entry, or {@code worker/stream} of a connection; index is -1 there. */
record EntryId(String worker, long stream, int index) {
  static EntryId entry(String text) throws ApiError {
    int dash = text == null ? -1 : text.lastIndexOf('-');
    if (dash < 0) throw bad(text, "local/12-3");
    EntryId connection = connection(text.substring(0, dash));
    try {
      return new EntryId(connection.worker, connection.stream, Integer.parseUnsignedInt(text.substring(dash + 1)));
    } catch (NumberFormatException e) {
      throw bad(text, "local/12-3");
    }
  }

  static EntryId connection(String text) throws ApiError {
    int slash = text == null ? -1 : text.lastIndexOf('/');
    if (slash < 1) throw bad(text, "local/12");
    try {
      return new EntryId(text.substring(0, slash), Long.parseLong(text.substring(slash + 1)), -1);
    } catch (NumberFormatException e) {
      throw bad(text, "local/12");
    }
  }

  private static ApiError bad(String text, String example) {
    return ApiError.badRequest("'" + (text == null ? "" : text) + "' is no id; an id looks like " + example);
  }
}
