package io.kubeshark.kfl;

import java.util.Arrays;
import java.util.Comparator;

/** Nodes that combine bools. */
final class Logic {
  private Logic() {}

  private static final Comparator<Node> BY_COST = new Comparator<>() {
    @Override
    public int compare(Node a, Node b) {
      return Integer.compare(a.cost(), b.cost());
    }
  };

  /** The cheap ones first: CEL's && and || do not care about order, not even with errors. */
  private static Node[] byCost(Node[] operands) {
    Node[] sorted = operands.clone();
    Arrays.sort(sorted, BY_COST);
    return sorted;
  }

  private static int sum(Node[] operands) {
    int sum = 0;
    for (Node operand : operands) sum = Math.min(1 << 24, sum + operand.cost());
    return sum;
  }

  static final class And extends Node.OfBool {
    private final Node[] operands;

    And(Node... operands) {
      this.operands = byCost(operands);
    }

    @Override
    int test(Evaluation e) {
      int result = TRUE;
      for (Node operand : operands) {
        int one = operand.test(e);
        if (one == FALSE) return FALSE;
        result |= one; // TRUE is 1, ERROR 2: 3 means both
      }
      return result == TRUE ? TRUE : ERROR;
    }

    @Override
    int cost() {
      return sum(operands);
    }
  }

  static final class Or extends Node.OfBool {
    private final Node[] operands;

    Or(Node... operands) {
      this.operands = byCost(operands);
    }

    @Override
    int test(Evaluation e) {
      int result = FALSE;
      for (Node operand : operands) {
        int one = operand.test(e);
        if (one == TRUE) return TRUE;
        result |= one;
      }
      return result;
    }

    @Override
    int cost() {
      return sum(operands);
    }
  }

  static final class Not extends Node.OfBool {
    private final Node operand;

    Not(Node operand) {
      this.operand = operand;
    }

    @Override
    int test(Evaluation e) {
      int value = operand.test(e);
      return value == ERROR ? ERROR : 1 - value;
    }

    @Override
    int cost() {
      return operand.cost();
    }
  }

  /** {@code condition ? yes : no}, of any type. */
  static final class Choice extends Node {
    private final Node condition;
    private final Node yes;
    private final Node no;

    Choice(Type type, Node condition, Node yes, Node no) {
      super(type);
      this.condition = condition;
      this.yes = yes;
      this.no = no;
    }

    @Override
    int test(Evaluation e) {
      int chosen = condition.test(e);
      return chosen == ERROR ? ERROR : (chosen == TRUE ? yes : no).test(e);
    }

    @Override
    long integer(Evaluation e) {
      int chosen = condition.test(e);
      if (chosen != ERROR) return (chosen == TRUE ? yes : no).integer(e);
      e.failed = true;
      return 0;
    }

    @Override
    boolean string(Evaluation e, Slice out) {
      int chosen = condition.test(e);
      return chosen != ERROR && (chosen == TRUE ? yes : no).string(e, out);
    }

    @Override
    Object object(Evaluation e) {
      int chosen = condition.test(e);
      return chosen == ERROR ? FAILED : (chosen == TRUE ? yes : no).object(e);
    }

    @Override
    int cost() {
      return condition.cost() + Math.max(yes.cost(), no.cost());
    }
  }
}
