package io.kubeshark.kfl;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;

/**
 * A compiled expression. Which of the doors is the quick one depends on the type; all of them answer, and none throws: an error of CEL
 * (a missing key, a division by zero) is a value here, because && and || must be able to swallow it without the cost of a throw.
 *
 * <p>Nodes keep scratch: one thread at a time.
 */
abstract class Node {
  static final int FALSE = 0;
  static final int TRUE = 1;
  static final int ERROR = 2;
  /** What {@link #object} answers for an error. */
  static final Object FAILED = new Object();

  /** Rough costs, for the order in which && and || try their operands. */
  static final int COST_HEADER = 1;
  static final int COST_FIELD = 5;
  static final int COST_SEARCH = 20;
  static final int COST_OBJECT = 100;
  static final int COST_BODY = 5000;

  final Type type;

  Node(Type type) {
    this.type = type;
  }

  /** {@link #FALSE}, {@link #TRUE} or {@link #ERROR}. */
  abstract int test(Evaluation e);

  /** An int, or a timestamp or duration in nanoseconds; on an error {@link Evaluation#failed} is set. */
  abstract long integer(Evaluation e);

  /** @return false on an error */
  abstract boolean string(Evaluation e, Slice out);

  /** Boolean, Long, Double, String, Instant, Duration, List, Map, null (CEL's), or {@link #FAILED}. */
  abstract Object object(Evaluation e);

  abstract int cost();

  boolean isConstant() {
    return false;
  }

  /** Base of bools. */
  abstract static class OfBool extends Node {
    OfBool() {
      super(Type.BOOL);
    }

    @Override
    final long integer(Evaluation e) {
      e.failed = true;
      return 0;
    }

    @Override
    final boolean string(Evaluation e, Slice out) {
      return false;
    }

    @Override
    final Object object(Evaluation e) {
      int result = test(e);
      return result == ERROR ? FAILED : (Object) (result == TRUE);
    }
  }

  /** Base of ints, timestamps and durations. */
  abstract static class OfInt extends Node {
    OfInt(Type type) {
      super(type);
    }

    @Override
    final int test(Evaluation e) {
      return ERROR;
    }

    @Override
    final boolean string(Evaluation e, Slice out) {
      return false;
    }

    @Override
    final Object object(Evaluation e) {
      long value = integer(e);
      if (e.failed) {
        e.failed = false;
        return FAILED;
      }
      return type.is(Type.Kind.TIMESTAMP) ? Times.instant(value) : type.is(Type.Kind.DURATION) ? Duration.ofNanos(value) : (Object) value;
    }
  }

  /** Base of texts. */
  abstract static class OfString extends Node {
    private final Slice scratch = new Slice();

    OfString() {
      super(Type.STRING);
    }

    @Override
    final int test(Evaluation e) {
      return ERROR;
    }

    @Override
    final long integer(Evaluation e) {
      e.failed = true;
      return 0;
    }

    @Override
    Object object(Evaluation e) {
      return string(e, scratch) ? scratch.text() : FAILED;
    }
  }

  /** Base of everything else: doubles, lists, maps, and what is known only at run time. */
  abstract static class OfObject extends Node {
    OfObject(Type type) {
      super(type);
    }

    @Override
    final int test(Evaluation e) {
      Object value = object(e);
      return value == Boolean.TRUE ? TRUE : value == Boolean.FALSE ? FALSE : ERROR;
    }

    @Override
    final long integer(Evaluation e) {
      Object value = object(e);
      if (value instanceof Long number) return number;
      if (value instanceof Instant instant) return Times.ns(instant, e);
      if (value instanceof Duration duration) return Times.ns(duration, e);
      e.failed = true;
      return 0;
    }

    @Override
    boolean string(Evaluation e, Slice out) {
      if (!(object(e) instanceof String text)) return false;
      out.set(text.getBytes(StandardCharsets.UTF_8));
      return true;
    }

    @Override
    int cost() {
      return COST_OBJECT;
    }
  }

  /** A literal, in every shape in which it could be asked for. */
  static final class Constant extends Node {
    final Object value;
    final long number;
    final byte[] text;
    private final int truth;

    Constant(Type type, Object value) {
      super(type);
      this.value = value;
      this.truth = value instanceof Boolean bool ? bool ? TRUE : FALSE : ERROR;
      this.text = value instanceof String string ? string.getBytes(StandardCharsets.UTF_8) : null;
      this.number = value instanceof Long integer ? integer
          : value instanceof Instant instant ? Times.ns(instant) : value instanceof Duration duration ? duration.toNanos() : 0;
    }

    @Override
    int test(Evaluation e) {
      return truth;
    }

    @Override
    long integer(Evaluation e) {
      return number;
    }

    @Override
    boolean string(Evaluation e, Slice out) {
      if (text == null) return false;
      out.set(text);
      return true;
    }

    @Override
    Object object(Evaluation e) {
      return value;
    }

    @Override
    int cost() {
      return 0;
    }

    @Override
    boolean isConstant() {
      return true;
    }
  }
}
