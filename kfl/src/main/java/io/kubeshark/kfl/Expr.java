package io.kubeshark.kfl;

import java.util.List;

/** A parsed expression. Every node knows the characters [start, end) that it came from. */
sealed interface Expr {
  int start();

  int end();

  /** @param value Boolean, Long, Double, String or null */
  record Literal(Object value, Type type, int start, int end) implements Expr {}

  record Name(String name, int start, int end) implements Expr {}

  record Select(Expr operand, String field, int fieldStart, int start, int end) implements Expr {}

  record Index(Expr operand, Expr index, int start, int end) implements Expr {}

  /** @param target null for a function that stands alone */
  record Call(String function, Expr target, List<Expr> arguments, int nameStart, int start, int end) implements Expr {}

  record Not(Expr operand, int start, int end) implements Expr {}

  record Negate(Expr operand, int start, int end) implements Expr {}

  /** A whole chain of one operator, && or ||. */
  record Logic(boolean and, List<Expr> operands, int start, int end) implements Expr {}

  record Binary(String operator, Expr left, Expr right, int operatorStart, int start, int end) implements Expr {}

  record Conditional(Expr condition, Expr yes, Expr no, int start, int end) implements Expr {}

  record ListOf(List<Expr> items, int start, int end) implements Expr {}

  record MapOf(List<Expr> keys, List<Expr> values, int start, int end) implements Expr {}

  /** The dotted name that this could be ({@code src.pod.name}), or null. */
  default String dotted() {
    if (this instanceof Name name) return name.name();
    String operand = this instanceof Select select ? select.operand().dotted() : null;
    return operand == null ? null : operand + "." + ((Select) this).field();
  }
}
