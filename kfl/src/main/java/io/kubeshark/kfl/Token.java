package io.kubeshark.kfl;

/**
 * @param text the operator, the name, or the source of a literal
 * @param value of a literal: Long, Double, String
 * @param end after its last character
 */
record Token(Kind kind, String text, Object value, int start, int end) {
  enum Kind { NAME, INT, DOUBLE, STRING, OPERATOR, END,
    /** Only where the text is looked at for completion: a string without its closing quote. */
    OPEN_STRING,
    /** Likewise: characters that begin no token. */
    OTHER }

  boolean is(String operator) {
    return kind == Kind.OPERATOR && text.equals(operator);
  }
}
