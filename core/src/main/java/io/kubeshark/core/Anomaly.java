package io.kubeshark.core;

/**
 * Odd but readable: what was strange about an entry's bytes. One bit each in the record, so at most 64. The ordinal is written into
 * records: only append. Codes are stable.
 */
public enum Anomaly {
  AFTER_GAP("after-gap", "First message after a hole in the capture; it may be mislabelled."),
  BODY_HOLE("body-hole", "Part of the body was not captured."),
  INCOMPLETE_MESSAGE("incomplete-message", "The message ends before its declared end."),
  UNANSWERED("unanswered", "No response was seen before the connection ended, timed out or was evicted."),
  UNASKED("unasked", "The request of this response was not seen."),
  LIMIT_REACHED("limit-reached", "A named limit cut what is kept of this message; it is counted whole."),
  BAD_LENGTH("bad-length", "A declared length contradicts the bytes."),
  CONFLICTING_LENGTH("conflicting-length", "Two declared lengths contradict each other (request smuggling works this way)."),
  BARE_LINE_FEED("bare-line-feed", "Lines end in LF without CR."),
  FOLDED_HEADER("folded-header", "A header is folded over several lines (obsolete since RFC 7230)."),
  BAD_HEADER("bad-header", "A header line without a colon, or with spaces in its name."),
  UNKNOWN_METHOD("unknown-method", "The method is not registered."),
  BAD_CHUNK("bad-chunk", "A chunk-size line is not what RFC 9112 section 7.1 allows."),
  EXTRA_BYTES("extra-bytes", "Bytes between messages that belong to none."),
  EARLY_RESPONSE("early-response", "The response began before the request was complete."),
  INTERIM_RESPONSE("interim-response", "Interim (1xx) responses came before the final one."),
  COMPRESSION_LOOP("compression-loop", "A compressed name points at itself or ahead."),
  BAD_NAME("bad-name", "A name is longer than the standard allows, or not well-formed."),
  TRUNCATED_ANSWER("truncated-answer", "The server says that its answer did not fit (TC)."),
  DUPLICATE_ID("duplicate-id", "A second request with the id of one that waits for its answer."),
  INLINE_COMMAND("inline-command", "A command without RESP framing."),
  DEPTH_LIMIT("depth-limit", "Nested deeper than the limit; the rest is skipped."),
  PUSH("push", "A message that the server sent without being asked."),
  TIMING_INVERTED("timing-inverted", "The response carries an earlier time than the request (packets reordered in the capture)."),
  CUT_BY_SNAPLEN("cut-by-snaplen", "The packet was captured shorter than it was."),
  BAD_START_LINE("bad-start-line", "The request line has blanks where none may be."),
  WAITING("waiting", "No response for half a minute, on an open connection. The call gets another entry when it ends, in whatever way."),
  TOLD_BEFORE("told-before", "The call lasted so long that it has an entry already, marked waiting or in-progress."),
  IN_PROGRESS("in-progress", "A message of the call had not ended after half a minute (streams, long downloads and uploads). The call gets another entry when it ends.");

  private static final Anomaly[] VALUES = values();

  public final String code;
  public final String doc;

  Anomaly(String code, String doc) {
    this.code = code;
    this.doc = doc;
  }

  public long bit() {
    return 1L << ordinal();
  }

  public static Anomaly of(int ordinal) {
    return ordinal >= 0 && ordinal < VALUES.length ? VALUES[ordinal] : null;
  }
}
