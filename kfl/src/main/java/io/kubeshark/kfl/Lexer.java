package io.kubeshark.kfl;

import java.util.ArrayList;
import java.util.List;

/** Characters into tokens (CEL language definition, "Syntax"). */
final class Lexer {
  private static final String[] OPERATORS = {"&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", "(", ")", "[", "]",
      "{", "}", ",", "."};

  private final String text;
  /** For completion: nothing is an error. */
  private final boolean tolerant;
  private final List<Token> tokens = new ArrayList<>();
  private int at;

  private Lexer(String text, boolean tolerant) {
    this.text = text;
    this.tolerant = tolerant;
  }

  static List<Token> tokens(String text) throws KflException {
    return new Lexer(text, false).run();
  }

  static List<Token> tolerantTokens(String text) {
    try {
      return new Lexer(text, true).run();
    } catch (KflException e) {
      throw new AssertionError(e);
    }
  }

  private List<Token> run() throws KflException {
    while (true) {
      skipBlanks();
      if (at == text.length()) {
        tokens.add(new Token(Token.Kind.END, "", null, at, at));
        return tokens;
      }
      char c = text.charAt(at);
      if (isQuote(at) || (c == 'r' || c == 'R') && isQuote(at + 1)) string();
      else if (isNameStart(c)) name();
      else if (isDigit(c) || c == '.' && at + 1 < text.length() && isDigit(text.charAt(at + 1)) && !followsOperand()) number();
      else operator(c);
    }
  }

  private void skipBlanks() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '/' && text.startsWith("//", at)) {
        while (at < text.length() && text.charAt(at) != '\n') at++;
      } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\u00a0') {
        at++;
      } else {
        return;
      }
    }
  }

  private boolean followsOperand() {
    if (tokens.isEmpty()) return false;
    Token last = tokens.getLast();
    return last.kind() == Token.Kind.NAME || last.is(")") || last.is("]");
  }

  static boolean isNameStart(char c) {
    return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
  }

  static boolean isNamePart(char c) {
    return isNameStart(c) || isDigit(c);
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private boolean isQuote(int index) {
    return index < text.length() && (text.charAt(index) == '"' || text.charAt(index) == '\'');
  }

  private void name() throws KflException {
    int start = at;
    while (at < text.length() && isNamePart(text.charAt(at))) at++;
    String name = text.substring(start, at);
    if (name.equals("b") && isQuote(at) && !tolerant) throw error("unsupported", "byte strings are not supported", start, at, null);
    tokens.add(new Token(Token.Kind.NAME, name, null, start, at));
  }

  private void operator(char c) throws KflException {
    for (String operator : OPERATORS) {
      if (!text.startsWith(operator, at)) continue;
      tokens.add(new Token(Token.Kind.OPERATOR, operator, null, at, at + operator.length()));
      at += operator.length();
      return;
    }
    if (tolerant) {
      tokens.add(new Token(Token.Kind.OTHER, String.valueOf(c), null, at, ++at));
      return;
    }
    if (c == '=') throw error("syntax", "'=' is not an operator: compare with '=='", at, at + 1, "==");
    if (c == '&') throw error("syntax", "'&' is not an operator: write '&&'", at, at + 1, "&&");
    if (c == '|') throw error("syntax", "'|' is not an operator: write '||'", at, at + 1, "||");
    if (c == '\u201c' || c == '\u201d' || c == '\u2018' || c == '\u2019') throw error("syntax", "typographic quotes: write \"", at, at + 1, "\"");
    int codePoint = text.codePointAt(at);
    throw error("syntax", "unexpected character '" + Character.toString(codePoint) + "'", at, at + Character.charCount(codePoint), null);
  }

  private void number() throws KflException {
    int start = at;
    boolean real = false;
    if (text.startsWith("0x", at) || text.startsWith("0X", at)) {
      at += 2;
      while (at < text.length() && Character.digit(text.charAt(at), 16) >= 0) at++;
    } else {
      while (at < text.length() && isDigit(text.charAt(at))) at++;
      if (at + 1 < text.length() && text.charAt(at) == '.' && isDigit(text.charAt(at + 1))) {
        real = true;
        at++;
        while (at < text.length() && isDigit(text.charAt(at))) at++;
      }
      int exponent = at;
      if (at < text.length() && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
        at++;
        if (at < text.length() && (text.charAt(at) == '+' || text.charAt(at) == '-')) at++;
        if (at < text.length() && isDigit(text.charAt(at))) real = true;
        else at = exponent;
        while (real && at < text.length() && isDigit(text.charAt(at))) at++;
      }
    }
    if (at < text.length() && (isNamePart(text.charAt(at)) || text.charAt(at) == '.')) badNumber(start);
    String source = text.substring(start, at);
    tokens.add(new Token(real ? Token.Kind.DOUBLE : Token.Kind.INT, source, real ? (Object) Double.valueOf(source) : source, start, at));
  }

  private void badNumber(int start) throws KflException {
    int end = at;
    while (end < text.length() && (isNamePart(text.charAt(end)) || text.charAt(end) == '.')) end++;
    if (tolerant) return;
    String source = text.substring(start, end);
    if (source.matches("[0-9]+[uU]")) throw error("unsupported", "unsigned numbers are not needed: write " + source.substring(0, source.length() - 1),
        start, end,
        source.substring(0, source.length() - 1));
    throw error("literal", "'" + source + "' is not a number; texts and addresses stand in quotes", start, end, "\"" + source + "\"");
  }

  private void string() throws KflException {
    int start = at;
    boolean raw = !isQuote(at);
    if (raw) at++;
    String quote = text.substring(at, at + 1);
    if (text.startsWith(quote.repeat(3), at)) quote = quote.repeat(3);
    at += quote.length();
    StringBuilder value = new StringBuilder();
    while (!text.startsWith(quote, at)) {
      if (at >= text.length() || quote.length() == 1 && text.charAt(at) == '\n') {
        if (!tolerant) throw error("syntax", "the text that begins here has no closing " + quote, start, text.length(), null);
        tokens.add(new Token(Token.Kind.OPEN_STRING, text.substring(start, at), value.toString(), start, at));
        return;
      }
      if (text.charAt(at) == '\\' && !raw) escape(value);
      else value.append(text.charAt(at++));
    }
    at += quote.length();
    tokens.add(new Token(Token.Kind.STRING, text.substring(start, at), value.toString(), start, at));
  }

  private void escape(StringBuilder value) throws KflException {
    int start = at++;
    char c = at < text.length() ? text.charAt(at++) : ' ';
    switch (c) {
      case 'a' -> value.append('\u0007');
      case 'b' -> value.append('\b');
      case 'f' -> value.append('\f');
      case 'n' -> value.append('\n');
      case 'r' -> value.append('\r');
      case 't' -> value.append('\t');
      case 'v' -> value.append('\u000b');
      case '\\', '\'', '"', '`', '?' -> value.append(c);
      case 'x', 'X' -> codePoint(value, start, 2, 16);
      case 'u' -> codePoint(value, start, 4, 16);
      case 'U' -> codePoint(value, start, 8, 16);
      case '0', '1', '2', '3' -> {
        at--;
        codePoint(value, start, 3, 8);
      }
      default -> {
        if (!tolerant) throw error("literal", "'\\" + c + "' is no escape; for a backslash write \\\\, or the whole text as r\"…\"", start, at,
            "\\\\");
        value.append(c);
      }
    }
  }

  private void codePoint(StringBuilder value, int start, int digits, int radix) throws KflException {
    long number = 0;
    int end = at + digits;
    while (at < end) {
      int digit = at < text.length() ? Character.digit(text.charAt(at), radix) : -1;
      if (digit < 0) break;
      number = number * radix + digit;
      at++;
    }
    boolean valid = at == end && number <= Character.MAX_CODE_POINT && (number < 0xd800 || number > 0xdfff);
    if (valid) value.appendCodePoint((int) number);
    else if (!tolerant) throw error("literal", "this escape names no character", start, at, null);
  }

  private KflException error(String code, String message, int start, int end, String suggestion) {
    return new KflException(code, message, text, start, end - start, suggestion);
  }
}
