package io.kubeshark.kfl;

import java.util.Arrays;

/** Nodes over ints, timestamps and durations. */
final class Numbers {
  private Numbers() {}

  enum Relation {
    EQUAL, NOT_EQUAL, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL;

    static Relation of(String operator) {
      return switch (operator) {
        case "==" -> EQUAL;
        case "!=" -> NOT_EQUAL;
        case "<" -> LESS;
        case "<=" -> LESS_EQUAL;
        case ">" -> GREATER;
        case ">=" -> GREATER_EQUAL;
        default -> null;
      };
    }

    /** For the operands in the other order. */
    Relation mirrored() {
      return switch (this) {
        case EQUAL, NOT_EQUAL -> this;
        case LESS -> GREATER;
        case LESS_EQUAL -> GREATER_EQUAL;
        case GREATER -> LESS;
        case GREATER_EQUAL -> LESS_EQUAL;
      };
    }

    boolean holds(int comparison) {
      return switch (this) {
        case EQUAL -> comparison == 0;
        case NOT_EQUAL -> comparison != 0;
        case LESS -> comparison < 0;
        case LESS_EQUAL -> comparison <= 0;
        case GREATER -> comparison > 0;
        case GREATER_EQUAL -> comparison >= 0;
      };
    }
  }

  static final class Compare extends Node.OfBool {
    private final Relation relation;
    private final Node left;
    private final Node right;

    Compare(Relation relation, Node left, Node right) {
      this.relation = relation;
      this.left = left;
      this.right = right;
    }

    @Override
    int test(Evaluation e) {
      long a = left.integer(e);
      long b = e.failed ? 0 : right.integer(e); // not on: a test below would take the failure for its own
      if (e.failed) {
        e.failed = false;
        return ERROR;
      }
      return relation.holds(Long.compare(a, b)) ? TRUE : FALSE;
    }

    @Override
    int cost() {
      return left.cost() + right.cost();
    }
  }

  /** Against a literal: one range check does for all relations but !=. */
  static final class InRange extends Node.OfBool {
    private final Node operand;
    private final long least;
    private final long greatest;
    private final boolean negated;

    private InRange(Node operand, long least, long greatest, boolean negated) {
      this.operand = operand;
      this.least = least;
      this.greatest = greatest;
      this.negated = negated;
    }

    static Node of(Relation relation, Node operand, long bound) {
      long min = Long.MIN_VALUE;
      long max = Long.MAX_VALUE;
      return switch (relation) {
        case EQUAL -> new InRange(operand, bound, bound, false);
        case NOT_EQUAL -> new InRange(operand, bound, bound, true);
        case LESS -> new InRange(operand, bound, max, true);
        case LESS_EQUAL -> new InRange(operand, min, bound, false);
        case GREATER -> new InRange(operand, min, bound, true);
        case GREATER_EQUAL -> new InRange(operand, bound, max, false);
      };
    }

    @Override
    int test(Evaluation e) {
      long value = operand.integer(e);
      if (e.failed) {
        e.failed = false;
        return ERROR;
      }
      return (value >= least && value <= greatest) != negated ? TRUE : FALSE;
    }

    @Override
    int cost() {
      return operand.cost();
    }
  }

  /** {@code status_code in [500, 502]}. */
  static final class InSet extends Node.OfBool {
    private final Node operand;
    private final long[] sorted;

    InSet(Node operand, long[] numbers) {
      this.operand = operand;
      this.sorted = numbers.clone();
      Arrays.sort(sorted);
    }

    @Override
    int test(Evaluation e) {
      long value = operand.integer(e);
      if (e.failed) {
        e.failed = false;
        return ERROR;
      }
      return Arrays.binarySearch(sorted, value) >= 0 ? TRUE : FALSE;
    }

    @Override
    int cost() {
      return operand.cost() + 1;
    }
  }

  /** Overflow and division by zero are errors. */
  static final class Arithmetic extends Node.OfInt {
    private final char operator;
    private final Node left;
    private final Node right;

    Arithmetic(Type type, char operator, Node left, Node right) {
      super(type);
      this.operator = operator;
      this.left = left;
      this.right = right;
    }

    @Override
    long integer(Evaluation e) {
      long a = left.integer(e);
      long b = e.failed ? 0 : right.integer(e);
      if (!defined(operator, a, b)) e.failed = true;
      return e.failed ? 0 : compute(operator, a, b);
    }

    static boolean defined(char operator, long a, long b) {
      return switch (operator) {
        case '+' -> ((a ^ a + b) & (b ^ a + b)) >= 0;
        case '-' -> ((a ^ b) & (a ^ a - b)) >= 0;
        case '*' -> Math.multiplyHigh(a, b) == a * b >> 63;
        case '/' -> b != 0 && !(a == Long.MIN_VALUE && b == -1);
        default -> b != 0 && !(a == Long.MIN_VALUE && b == -1);
      };
    }

    static long compute(char operator, long a, long b) {
      return switch (operator) {
        case '+' -> a + b;
        case '-' -> a - b;
        case '*' -> a * b;
        case '/' -> a / b;
        default -> a % b;
      };
    }

    @Override
    int cost() {
      return left.cost() + right.cost() + 1;
    }
  }

  /** A function of one number: a timestamp's field, a sign. */
  static final class Mapped extends Node.OfInt {
    interface Function {
      long apply(long value, Evaluation e);
    }

    private final Node operand;
    private final Function function;

    Mapped(Type type, Node operand, Function function) {
      super(type);
      this.operand = operand;
      this.function = function;
    }

    @Override
    long integer(Evaluation e) {
      long value = operand.integer(e);
      return e.failed ? 0 : function.apply(value, e);
    }

    @Override
    int cost() {
      return operand.cost() + 1;
    }
  }
}
