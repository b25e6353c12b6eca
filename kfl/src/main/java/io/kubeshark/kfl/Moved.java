package io.kubeshark.kfl;

import java.util.List;

/** A macro's expression as if it were written where the macro is used. */
final class Moved {
  private Moved() {}

  static Expr to(Expr expression, int start, int end) {
    return switch (expression) {
      case Expr.Literal e -> new Expr.Literal(e.value(), e.type(), start, end);
      case Expr.Name e -> new Expr.Name(e.name(), start, end);
      case Expr.Select e -> new Expr.Select(to(e.operand(), start, end), e.field(), start, start, end);
      case Expr.Index e -> new Expr.Index(to(e.operand(), start, end), to(e.index(), start, end), start, end);
      case Expr.Call e -> new Expr.Call(e.function(), e.target() == null ? null : to(e.target(), start, end), all(e.arguments(), start, end), start,
          start, end);
      case Expr.Not e -> new Expr.Not(to(e.operand(), start, end), start, end);
      case Expr.Negate e -> new Expr.Negate(to(e.operand(), start, end), start, end);
      case Expr.Logic e -> new Expr.Logic(e.and(), all(e.operands(), start, end), start, end);
      case Expr.Binary e -> new Expr.Binary(e.operator(), to(e.left(), start, end), to(e.right(), start, end), start, start, end);
      case Expr.Conditional e -> new Expr.Conditional(to(e.condition(), start, end), to(e.yes(), start, end), to(e.no(), start, end), start, end);
      case Expr.ListOf e -> new Expr.ListOf(all(e.items(), start, end), start, end);
      case Expr.MapOf e -> new Expr.MapOf(all(e.keys(), start, end), all(e.values(), start, end), start, end);
    };
  }

  private static List<Expr> all(List<Expr> expressions, int start, int end) {
    return expressions.stream().map(e -> to(e, start, end)).toList();
  }
}
