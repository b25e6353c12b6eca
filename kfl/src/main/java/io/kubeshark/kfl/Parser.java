package io.kubeshark.kfl;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Tokens into an expression (CEL language definition, "Syntax"), precedence as there:
 * <pre>? :   ||   &&   == != < <= > >= in   + -   * / %   ! -   . [] ()</pre>
 */
final class Parser {
  static final int EXPRESSION_CHARS_MAX = 16 << 10;
  private static final int DEPTH_MAX = 100;
  /** Links of one chain of equal operators, except && and ||, which are kept flat. */
  private static final int CHAIN_MAX = 200;
  private static final int MACRO_DEPTH_MAX = 8;
  private static final Map<String, Integer> PRECEDENCE = new HashMap<>();

  static {
    for (String relation : new String[] {"==", "!=", "<", "<=", ">", ">=", "in"}) PRECEDENCE.put(relation, 1);
    for (String sum : new String[] {"+", "-"}) PRECEDENCE.put(sum, 2);
    for (String product : new String[] {"*", "/", "%"}) PRECEDENCE.put(product, 3);
  }

  private final String text;
  private final Map<String, String> macros;
  private final int macroDepth;
  private final List<Token> tokens;
  private int next;
  private int depth;

  private Parser(String text, Map<String, String> macros, int macroDepth) throws KflException {
    this.text = text;
    this.macros = macros;
    this.macroDepth = macroDepth;
    if (text.length() > EXPRESSION_CHARS_MAX) {
      throw new KflException("limit", "a filter has at most " + EXPRESSION_CHARS_MAX + " characters", text, EXPRESSION_CHARS_MAX, text.length(),
          null);
    }
    this.tokens = Lexer.tokens(text);
  }

  static Expr parse(String text, Map<String, String> macros) throws KflException {
    return new Parser(text, macros, 0).whole();
  }

  private Expr whole() throws KflException {
    Expr expression = expression();
    Token rest = peek();
    if (rest.kind() == Token.Kind.END) return expression;
    String word = Hints.operatorFor(rest.text());
    if (rest.kind() == Token.Kind.NAME && word != null) throw error("syntax", "'" + rest.text() + "' is written '" + word + "'", rest, word);
    if (rest.kind() == Token.Kind.STRING || rest.kind() == Token.Kind.NAME || rest.kind() == Token.Kind.INT) {
      throw error("syntax", "an operator such as '&&' is missing before '" + rest.text() + "'", rest, null);
    }
    throw error("syntax", "unexpected '" + rest.text() + "'", rest, null);
  }

  private Expr expression() throws KflException {
    if (++depth > DEPTH_MAX) throw error("limit", "nested more than " + DEPTH_MAX + " deep", peek(), null);
    Expr condition = logic(false);
    if (peek().is("?")) {
      next++;
      Expr yes = logic(false);
      expect(":");
      Expr no = expression();
      condition = new Expr.Conditional(condition, yes, no, condition.start(), no.end());
    }
    depth--;
    return condition;
  }

  private Expr logic(boolean and) throws KflException {
    Expr first = and ? relation(1) : logic(true);
    if (!peek().is(and ? "&&" : "||")) return first;
    List<Expr> operands = new ArrayList<>();
    operands.add(first);
    while (peek().is(and ? "&&" : "||")) {
      next++;
      operands.add(and ? relation(1) : logic(true));
    }
    return new Expr.Logic(and, List.copyOf(operands), first.start(), operands.getLast().end());
  }

  private Expr relation(int precedence) throws KflException {
    if (precedence > 3) return unary();
    Expr left = relation(precedence + 1);
    for (int links = 0; ; links++) {
      Token operator = peek();
      boolean isOperator = operator.kind() == Token.Kind.OPERATOR || operator.kind() == Token.Kind.NAME && operator.text().equals("in");
      if (!isOperator || PRECEDENCE.getOrDefault(operator.text(), 0) != precedence) return left;
      if (links == CHAIN_MAX) throw error("limit", "more than " + CHAIN_MAX + " operators in a row", operator, null);
      next++;
      Expr right = relation(precedence + 1);
      left = new Expr.Binary(operator.text(), left, right, operator.start(), left.start(), right.end());
    }
  }

  private Expr unary() throws KflException {
    Token operator = peek();
    if (!operator.is("!") && !operator.is("-")) return member();
    next++;
    if (operator.is("-") && peek().kind() == Token.Kind.INT && operator.end() == peek().start()) { // so that the smallest int can be written
      next--;
      return member();
    }
    if (++depth > DEPTH_MAX) throw error("limit", "nested more than " + DEPTH_MAX + " deep", operator, null);
    Expr operand = unary();
    depth--;
    return operator.is("!") ? new Expr.Not(operand, operator.start(), operand.end()) : new Expr.Negate(operand, operator.start(), operand.end());
  }

  private Expr member() throws KflException {
    Expr operand = primary();
    for (int links = 0; ; links++) {
      if (links == CHAIN_MAX) throw error("limit", "more than " + CHAIN_MAX + " members in a row", peek(), null);
      if (peek().is(".")) {
        next++;
        Token name = peek();
        if (name.kind() != Token.Kind.NAME) throw missing("a name after '.'");
        next++;
        if (peek().is("(")) {
          next++;
          List<Expr> arguments = list(")");
          operand = new Expr.Call(name.text(), operand, arguments, name.start(), operand.start(), previousEnd());
        } else {
          operand = new Expr.Select(operand, name.text(), name.start(), operand.start(), name.end());
        }
      } else if (peek().is("[")) {
        next++;
        Expr index = expression();
        expect("]");
        operand = new Expr.Index(operand, index, operand.start(), previousEnd());
      } else {
        return operand;
      }
    }
  }

  private Expr primary() throws KflException {
    Token token = peek();
    if (token.is("-")) {
      next++;
      return integer("-", peek());
    }
    switch (token.kind()) {
      case INT -> {
        return integer("", token);
      }
      case DOUBLE -> {
        next++;
        return new Expr.Literal(token.value(), Type.DOUBLE, token.start(), token.end());
      }
      case STRING -> {
        next++;
        return new Expr.Literal(token.value(), Type.STRING, token.start(), token.end());
      }
      case NAME -> {
        return name(token);
      }
      case OPERATOR -> {
        if (token.is("(")) {
          next++;
          Expr inner = expression();
          expect(")");
          return inner;
        }
        if (token.is("[")) {
          next++;
          return new Expr.ListOf(list("]"), token.start(), previousEnd());
        }
        if (token.is("{")) return map(token);
        throw missing("a value before '" + token.text() + "'");
      }
      case END, OPEN_STRING, OTHER -> throw missing("a value");
    }
    throw new AssertionError(token);
  }

  private Expr name(Token token) throws KflException {
    switch (token.text()) {
      case "true", "false" -> {
        next++;
        return new Expr.Literal(token.text().equals("true"), Type.BOOL, token.start(), token.end());
      }
      case "null" -> {
        next++;
        return new Expr.Literal(null, Type.NULL, token.start(), token.end());
      }
      case "in" -> throw missing("a value before 'in'");
      default -> next++;
    }
    if (peek().is("(")) {
      next++;
      List<Expr> arguments = list(")");
      return new Expr.Call(token.text(), null, arguments, token.start(), token.start(), previousEnd());
    }
    String word = Hints.operatorFor(token.text());
    if (word != null) throw error("syntax", "'" + token.text() + "' is written '" + word + "'", token, word);
    return macros.containsKey(token.text()) && !peek().is(".") ? macro(token) : new Expr.Name(token.text(), token.start(), token.end());
  }

  /** Errors inside a macro are shown where it is used. */
  private Expr macro(Token token) throws KflException {
    if (macroDepth == MACRO_DEPTH_MAX) throw error("limit", "macro '" + token.text() + "' uses itself, or too many others", token, null);
    try {
      return Moved.to(new Parser(macros.get(token.text()), macros, macroDepth + 1).whole(), token.start(), token.end());
    } catch (KflException e) {
      throw error(e.code(), "macro '" + token.text() + "' (" + macros.get(token.text()) + "): " + e.getMessage(), token, null);
    }
  }

  private Expr integer(String sign, Token token) throws KflException {
    next++;
    String source = token.text();
    boolean hex = source.startsWith("0x") || source.startsWith("0X");
    try {
      long value = Long.parseLong(sign + (hex ? source.substring(2) : source), hex ? 16 : 10);
      return new Expr.Literal(value, Type.INT, token.start() - sign.length(), token.end());
    } catch (NumberFormatException e) {
      throw error("literal", "'" + source + "' is not a 64-bit number", token, null);
    }
  }

  private List<Expr> list(String close) throws KflException {
    List<Expr> items = new ArrayList<>();
    while (!peek().is(close)) {
      items.add(expression());
      if (!peek().is(",")) break;
      next++;
    }
    expect(close);
    return List.copyOf(items);
  }

  private Expr map(Token open) throws KflException {
    next++;
    List<Expr> keys = new ArrayList<>();
    List<Expr> values = new ArrayList<>();
    while (!peek().is("}")) {
      keys.add(expression());
      expect(":");
      values.add(expression());
      if (!peek().is(",")) break;
      next++;
    }
    expect("}");
    return new Expr.MapOf(List.copyOf(keys), List.copyOf(values), open.start(), previousEnd());
  }

  private Token peek() {
    return tokens.get(next);
  }

  private int previousEnd() {
    return tokens.get(next - 1).end();
  }

  private void expect(String operator) throws KflException {
    if (!peek().is(operator)) throw missing("'" + operator + "'");
    next++;
  }

  private KflException missing(String what) {
    Token token = peek();
    String where = token.kind() == Token.Kind.END ? " at the end" : what.contains("before") ? "" : " before '" + token.text() + "'";
    return error("syntax", what + " is missing" + where, token, null);
  }

  private KflException error(String code, String message, Token token, String suggestion) {
    return new KflException(code, message, text, token.start(), token.end() - token.start(), suggestion);
  }
}
