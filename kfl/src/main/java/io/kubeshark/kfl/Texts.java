package io.kubeshark.kfl;

import com.google.re2j.Pattern;
import java.nio.charset.StandardCharsets;

/** Nodes over texts, which stay bytes. */
final class Texts {
  private Texts() {}

  enum Search { CONTAINS, STARTS_WITH, ENDS_WITH }

  static final class Is extends Node.OfBool {
    private final Node operand;
    private final byte[] wanted;
    private final boolean negated;
    private final Slice slice = new Slice();

    Is(Node operand, byte[] wanted, boolean negated) {
      this.operand = operand;
      this.wanted = wanted;
      this.negated = negated;
    }

    @Override
    int test(Evaluation e) {
      if (!operand.string(e, slice)) return ERROR;
      return slice.is(wanted) != negated ? TRUE : FALSE;
    }

    @Override
    int cost() {
      return operand.cost() + 2;
    }
  }

  static final class Compare extends Node.OfBool {
    private final Numbers.Relation relation;
    private final Node left;
    private final Node right;
    private final Slice a = new Slice();
    private final Slice b = new Slice();

    Compare(Numbers.Relation relation, Node left, Node right) {
      this.relation = relation;
      this.left = left;
      this.right = right;
    }

    @Override
    int test(Evaluation e) {
      if (!left.string(e, a) || !right.string(e, b)) return ERROR;
      return relation.holds(a.compare(b)) ? TRUE : FALSE;
    }

    @Override
    int cost() {
      return left.cost() + right.cost() + 4;
    }
  }

  /** {@code method in ["GET", "HEAD"]}. */
  static final class InSet extends Node.OfBool {
    private final Node operand;
    private final byte[][] wanted;
    private final Slice slice = new Slice();

    InSet(Node operand, byte[][] wanted) {
      this.operand = operand;
      this.wanted = wanted;
    }

    @Override
    int test(Evaluation e) {
      if (!operand.string(e, slice)) return ERROR;
      for (byte[] one : wanted) if (slice.is(one)) return TRUE;
      return FALSE;
    }

    @Override
    int cost() {
      return operand.cost() + 2 + wanted.length;
    }
  }

  static final class Find extends Node.OfBool {
    private final Search search;
    private final Node operand;
    private final Node needle;
    private final Slice a = new Slice();
    private final Slice b = new Slice();

    Find(Search search, Node operand, Node needle) {
      this.search = search;
      this.operand = operand;
      this.needle = needle;
    }

    @Override
    int test(Evaluation e) {
      if (!operand.string(e, a) || !needle.string(e, b)) return ERROR;
      boolean found = switch (search) {
        case CONTAINS -> a.contains(b);
        case STARTS_WITH -> a.startsWith(b);
        case ENDS_WITH -> a.endsWith(b);
      };
      return found ? TRUE : FALSE;
    }

    @Override
    int cost() {
      return operand.cost() + needle.cost() + (search == Search.CONTAINS ? COST_SEARCH : 3);
    }
  }

  /** RE2 syntax, linear time. The pattern is found anywhere in the text. */
  static final class Matches extends Node.OfBool {
    private final Node operand;
    private final Node expression;
    private Pattern pattern;
    private String source;
    private final Slice slice = new Slice();

    Matches(Node operand, Node expression, Pattern constant) {
      this.operand = operand;
      this.expression = expression;
      this.pattern = constant;
    }

    @Override
    int test(Evaluation e) {
      if (expression != null && !compile(e) || !operand.string(e, slice)) return ERROR;
      return pattern.matcher(slice.bytes()).find() ? TRUE : FALSE;
    }

    private boolean compile(Evaluation e) {
      if (!(expression.object(e) instanceof String text)) return false;
      if (text.equals(source)) return true;
      try {
        pattern = Pattern.compile(text);
        source = text;
        return true;
      } catch (com.google.re2j.PatternSyntaxException damaged) {
        return false;
      }
    }

    @Override
    int cost() {
      return operand.cost() + COST_OBJECT;
    }
  }

  /** Characters of a text. */
  static final class Size extends Node.OfInt {
    private final Node operand;
    private final Slice slice = new Slice();

    Size(Node operand) {
      super(Type.INT);
      this.operand = operand;
    }

    @Override
    long integer(Evaluation e) {
      if (operand.string(e, slice)) return slice.size();
      e.failed = true;
      return 0;
    }

    @Override
    int cost() {
      return operand.cost() + 5;
    }
  }

  /** A text made from another one. */
  static final class Mapped extends Node.OfString {
    private final Node operand;
    private final java.util.function.UnaryOperator<String> function;

    Mapped(Node operand, java.util.function.UnaryOperator<String> function) {
      this.operand = operand;
      this.function = function;
    }

    @Override
    boolean string(Evaluation e, Slice out) {
      if (!(operand.object(e) instanceof String text)) return false;
      out.set(function.apply(text).getBytes(StandardCharsets.UTF_8));
      return true;
    }

    @Override
    int cost() {
      return operand.cost() + COST_OBJECT;
    }
  }
}
