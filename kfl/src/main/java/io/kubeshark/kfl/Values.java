package io.kubeshark.kfl;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the operators mean for values whose type is known only at run time. */
final class Values {
  private Values() {}

  /** {@link #compare}'s answer for values that have no order between them. */
  static final int INCOMPARABLE = Integer.MIN_VALUE;
  /** Items of a list made by '+'. */
  private static final int LIST_MAX = 100_000;

  /** Numbers are equal by value; values of different kinds are just not equal. */
  static boolean equal(Object a, Object b) {
    if (a instanceof Number && b instanceof Number) return compareNumbers((Number) a, (Number) b) == 0;
    if (a instanceof List<?> left && b instanceof List<?> right) {
      if (left.size() != right.size()) return false;
      for (int i = 0; i < left.size(); i++) if (!equal(left.get(i), right.get(i))) return false;
      return true;
    }
    if (a instanceof Map<?, ?> left && b instanceof Map<?, ?> right) {
      if (left.size() != right.size()) return false;
      for (Map.Entry<?, ?> entry : left.entrySet()) {
        Object other = right.get(entry.getKey());
        if (other == null && !right.containsKey(entry.getKey()) || !equal(entry.getValue(), other)) return false;
      }
      return true;
    }
    return a == null ? b == null : a.equals(b);
  }

  static int compare(Object a, Object b) {
    if (a instanceof Number left && b instanceof Number right) return compareNumbers(left, right);
    if (a instanceof String left && b instanceof String right) return compareTexts(left, right);
    if (a instanceof Boolean left && b instanceof Boolean right) return left.compareTo(right);
    if (a instanceof Instant left && b instanceof Instant right) return left.compareTo(right);
    if (a instanceof Duration left && b instanceof Duration right) return left.compareTo(right);
    return INCOMPARABLE;
  }

  private static int compareNumbers(Number a, Number b) {
    if (a instanceof Long left && b instanceof Long right) return left.compareTo(right);
    double left = a.doubleValue();
    double right = b.doubleValue();
    if (Double.isNaN(left) || Double.isNaN(right)) return INCOMPARABLE;
    return left < right ? -1 : left > right ? 1 : 0;
  }

  /** By code points; UTF-16 units would put emoji before some older characters. */
  private static int compareTexts(String a, String b) {
    int length = Math.min(a.length(), b.length());
    for (int i = 0; i < length; i++) {
      char left = a.charAt(i);
      char right = b.charAt(i);
      if (left == right) continue;
      boolean leftHigh = Character.isSurrogate(left);
      return leftHigh != Character.isSurrogate(right) ? leftHigh ? 1 : -1 : left - right;
    }
    return a.length() - b.length();
  }

  static Object in(Object item, Object container) {
    if (container instanceof Map<?, ?> map) return containsKey(map, item);
    if (!(container instanceof List<?> list)) return Node.FAILED;
    for (Object one : list) if (equal(item, one)) return true;
    return false;
  }

  private static boolean containsKey(Map<?, ?> map, Object key) {
    return map.containsKey(key) || key instanceof Double number && number == Math.rint(number) && map.containsKey((long) (double) number);
  }

  static Object index(Object container, Object key) {
    if (container instanceof Map<?, ?> map) {
      Object normal = key instanceof Double number && number == Math.rint(number) ? (Object) (long) (double) number : key;
      Object value = map.get(normal);
      return value != null || map.containsKey(normal) ? value : Node.FAILED;
    }
    if (!(container instanceof List<?> list) || !(key instanceof Number number)) return Node.FAILED;
    double position = number.doubleValue();
    return position >= 0 && position < list.size() && position == Math.rint(position) ? list.get((int) position) : Node.FAILED;
  }

  static Object size(Object value) {
    return switch (value) {
      case String text -> (Object) (long) text.codePointCount(0, text.length());
      case List<?> list -> (long) list.size();
      case Map<?, ?> map -> (long) map.size();
      case null, default -> Node.FAILED;
    };
  }

  static Object arithmetic(char operator, Object a, Object b) {
    if (a instanceof Long left && b instanceof Long right) {
      return Numbers.Arithmetic.defined(operator, left, right) ? (Object) Numbers.Arithmetic.compute(operator, left, right) : Node.FAILED;
    }
    if (a instanceof Double left && b instanceof Double right) {
      return switch (operator) {
        case '+' -> (Object) (left + right);
        case '-' -> left - right;
        case '*' -> left * right;
        case '/' -> left / right;
        default -> Node.FAILED;
      };
    }
    if (operator == '+' && a instanceof String left && b instanceof String right) return left + right;
    if (operator == '+' && a instanceof List<?> left && b instanceof List<?> right && left.size() + right.size() <= LIST_MAX) {
      List<Object> both = new ArrayList<>(left);
      both.addAll(right);
      return both;
    }
    return times(operator, a, b);
  }

  private static Object times(char operator, Object a, Object b) {
    if (operator != '+' && operator != '-') return Node.FAILED;
    Object result = Node.FAILED;
    if (b instanceof Duration span) {
      Duration signed = operator == '+' ? span : span.negated();
      result = a instanceof Instant instant ? instant.plus(signed) : a instanceof Duration duration ? duration.plus(signed) : Node.FAILED;
    } else if (operator == '+' && a instanceof Duration span && b instanceof Instant instant) {
      result = instant.plus(span);
    } else if (operator == '-' && a instanceof Instant later && b instanceof Instant earlier) {
      result = Duration.between(earlier, later);
    }
    boolean fits = result instanceof Instant instant ? Times.fits(instant) : result instanceof Duration duration && Times.fits(duration);
    return fits ? result : Node.FAILED;
  }

  static Object negate(Object value) {
    if (value instanceof Double number) return -number;
    return value instanceof Long number && number != Long.MIN_VALUE ? (Object) (-number) : Node.FAILED;
  }

  static Object toInt(Object value) {
    try {
      return switch (value) {
        case Long number -> number;
        case Double number -> number > -0x1p63 && number < 0x1p63 ? (Object) (long) (double) number : Node.FAILED;
        case String text -> Long.valueOf(text);
        case Instant instant -> instant.getEpochSecond();
        case null, default -> Node.FAILED;
      };
    } catch (NumberFormatException e) {
      return Node.FAILED;
    }
  }

  static Object toDouble(Object value) {
    try {
      return value instanceof Number number ? (Object) number.doubleValue() : value instanceof String text ? Double.valueOf(text) : Node.FAILED;
    } catch (NumberFormatException e) {
      return Node.FAILED;
    }
  }

  static Object toText(Object value) {
    return switch (value) {
      case String text -> text;
      case Long number -> number.toString();
      case Boolean bool -> bool.toString();
      case Double number -> number == Math.rint(number) && Math.abs(number) < 1e15 ? Long.toString((long) (double) number) : number.toString();
      case Instant instant -> instant.toString();
      case Duration duration -> Times.text(duration);
      case null, default -> Node.FAILED;
    };
  }

  static Object toTimestamp(Object value) {
    Object instant = switch (value) {
      case Instant same -> same;
      case Long seconds -> Math.abs(seconds) < Long.MAX_VALUE / Times.NS - 1 ? Instant.ofEpochSecond(seconds) : null;
      case String text -> Times.timestamp(text);
      case null, default -> null;
    };
    return instant == null ? Node.FAILED : instant;
  }

  static Object toDuration(Object value) {
    Object duration = value instanceof Duration same ? same : value instanceof String text ? Times.duration(text) : null;
    return duration == null ? Node.FAILED : duration;
  }
}
