package io.kubeshark.kfl;

/** An expression that is not one: what is wrong, where, and what was probably meant. */
public final class KflException extends Exception {
  private final String code;
  private final int position;
  private final int length;
  private final int line;
  private final int column;
  private final String suggestion;

  KflException(String code, String message, String expression, int position, int length, String suggestion) {
    super(message, null, false, false);
    this.code = code;
    this.position = Math.min(position, expression.length());
    this.length = Math.max(0, Math.min(length, expression.length() - this.position));
    this.suggestion = suggestion;
    int lines = 1;
    int lineStart = 0;
    for (int i = 0; i < this.position; i++) {
      if (expression.charAt(i) != '\n') continue;
      lines++;
      lineStart = i + 1;
    }
    this.line = lines;
    this.column = this.position - lineStart + 1;
  }

  /** Stable: unknown-name, unknown-function, type, syntax, literal, unsupported, limit. */
  public String code() {
    return code;
  }

  /** Characters (UTF-16 units, as in a browser) before the place; the expression's length where something is missing at its end. */
  public int position() {
    return position;
  }

  public int length() {
    return length;
  }

  /** From 1. */
  public int line() {
    return line;
  }

  /** From 1. */
  public int column() {
    return column;
  }

  /** What could stand there instead, or null. */
  public String suggestion() {
    return suggestion;
  }
}
