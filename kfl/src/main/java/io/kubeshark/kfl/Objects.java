package io.kubeshark.kfl;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Nodes for what is rare enough to be computed with ordinary objects. */
final class Objects {
  private Objects() {}

  interface Unary {
    Object apply(Object value);
  }

  interface Binary {
    Object apply(Object left, Object right);
  }

  /** A function of one value; an error in it is the result's. */
  static final class Of1 extends Node.OfObject {
    private final Node operand;
    private final Unary function;

    Of1(Type type, Node operand, Unary function) {
      super(type);
      this.operand = operand;
      this.function = function;
    }

    @Override
    Object object(Evaluation e) {
      Object value = operand.object(e);
      return value == FAILED ? FAILED : function.apply(value);
    }

    @Override
    int cost() {
      return operand.cost() + COST_OBJECT;
    }
  }

  /** A function of two values. */
  static final class Of2 extends Node.OfObject {
    private final Node left;
    private final Node right;
    private final Binary function;

    Of2(Type type, Node left, Node right, Binary function) {
      super(type);
      this.left = left;
      this.right = right;
      this.function = function;
    }

    @Override
    Object object(Evaluation e) {
      Object a = left.object(e);
      if (a == FAILED) return FAILED;
      Object b = right.object(e);
      return b == FAILED ? FAILED : function.apply(a, b);
    }

    @Override
    int cost() {
      return left.cost() + right.cost() + COST_OBJECT;
    }
  }

  static Node compare(Numbers.Relation relation, Node left, Node right) {
    return switch (relation) {
      case EQUAL -> new Of2(Type.BOOL, left, right, Values::equal);
      case NOT_EQUAL -> new Of2(Type.BOOL, left, right, (a, b) -> !Values.equal(a, b));
      case LESS, LESS_EQUAL, GREATER, GREATER_EQUAL -> new Of2(Type.BOOL, left, right, (a, b) -> {
        int comparison = Values.compare(a, b);
        boolean notANumber = a instanceof Number && b instanceof Number;
        return comparison != Values.INCOMPARABLE ? relation.holds(comparison) : notANumber ? (Object) false : Node.FAILED;
      });
    };
  }

  static final class ListOf extends Node.OfObject {
    private final Node[] items;

    ListOf(Type type, Node[] items) {
      super(type);
      this.items = items;
    }

    @Override
    Object object(Evaluation e) {
      List<Object> list = new ArrayList<>(items.length);
      for (Node item : items) {
        Object value = item.object(e);
        if (value == FAILED) return FAILED;
        list.add(value);
      }
      return list;
    }
  }

  static final class MapOf extends Node.OfObject {
    private final Node[] keys;
    private final Node[] values;

    MapOf(Type type, Node[] keys, Node[] values) {
      super(type);
      this.keys = keys;
      this.values = values;
    }

    @Override
    Object object(Evaluation e) {
      Map<Object, Object> map = new LinkedHashMap<>();
      for (int i = 0; i < keys.length; i++) {
        Object key = keys[i].object(e);
        Object value = key == FAILED ? FAILED : values[i].object(e);
        if (value == FAILED || map.containsKey(key)) return FAILED;
        map.put(key, value);
      }
      return map;
    }
  }

  /** The variable of a comprehension: each item in turn. */
  static final class LoopVariable extends Node.OfObject {
    Object value;

    LoopVariable(Type type) {
      super(type);
    }

    @Override
    Object object(Evaluation e) {
      return value;
    }

    @Override
    int cost() {
      return COST_FIELD;
    }
  }

  enum Fold { EXISTS, ALL, EXISTS_ONE, MAP, FILTER }

  /** {@code range.exists(x, body)} and its kin; a map's range is its keys. */
  static final class Comprehension extends Node.OfObject {
    private final Fold fold;
    private final Node range;
    private final LoopVariable variable;
    private final Node body;

    Comprehension(Type type, Fold fold, Node range, LoopVariable variable, Node body) {
      super(type);
      this.fold = fold;
      this.range = range;
      this.variable = variable;
      this.body = body;
    }

    @Override
    Object object(Evaluation e) {
      Object from = range.object(e);
      Iterable<?> items = from instanceof Map<?, ?> map ? map.keySet() : from instanceof List<?> list ? list : null;
      if (items == null) return FAILED;
      Object outer = variable.value; // the same loop may run inside itself only through its range
      Object result = switch (fold) {
        case EXISTS -> search(items, e, TRUE);
        case ALL -> search(items, e, FALSE);
        case EXISTS_ONE -> one(items, e);
        case MAP -> mapped(items, e);
        case FILTER -> filtered(items, e);
      };
      variable.value = outer;
      return result;
    }

    /** The wanted outcome decides, whatever errors there are beside it. */
    private Object search(Iterable<?> items, Evaluation e, int wanted) {
      boolean error = false;
      for (Object item : items) {
        if (!e.step()) return FAILED;
        variable.value = item;
        int result = body.test(e);
        if (result == wanted) return wanted == TRUE;
        error |= result == ERROR;
      }
      return error ? FAILED : (Object) (wanted != TRUE);
    }

    private Object one(Iterable<?> items, Evaluation e) {
      int count = 0;
      for (Object item : items) {
        variable.value = item;
        int result = e.step() ? body.test(e) : ERROR;
        if (result == ERROR) return FAILED;
        count += result;
      }
      return count == 1;
    }

    private Object mapped(Iterable<?> items, Evaluation e) {
      List<Object> results = new ArrayList<>();
      for (Object item : items) {
        variable.value = item;
        Object result = e.step() ? body.object(e) : FAILED;
        if (result == FAILED) return FAILED;
        results.add(result);
      }
      return results;
    }

    private Object filtered(Iterable<?> items, Evaluation e) {
      List<Object> results = new ArrayList<>();
      for (Object item : items) {
        variable.value = item;
        int result = e.step() ? body.test(e) : ERROR;
        if (result == ERROR) return FAILED;
        if (result == TRUE) results.add(item);
      }
      return results;
    }

    @Override
    int cost() {
      return range.cost() + 10 * (COST_OBJECT + body.cost());
    }
  }

  /** {@code map_get(map, key, default)}: no error where the key is missing. */
  static final class GetOr extends Node.OfObject {
    private final Node map;
    private final Node key;
    private final Node otherwise;

    GetOr(Type type, Node map, Node key, Node otherwise) {
      super(type);
      this.map = map;
      this.key = key;
      this.otherwise = otherwise;
    }

    @Override
    Object object(Evaluation e) {
      Object from = map.object(e);
      Object name = key.object(e);
      Object fallback = otherwise.object(e);
      if (!(from instanceof Map<?, ?>) || name == FAILED || fallback == FAILED) return FAILED;
      Object value = Values.index(from, name);
      return value == FAILED ? fallback : value;
    }
  }
}
