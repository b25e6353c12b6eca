package io.kubeshark.kfl;

import io.kubeshark.core.EntryView;
import java.util.function.LongSupplier;

/**
 * A compiled filter. Not thread-safe: it keeps scratch space, so that testing an entry allocates nothing. Each thread takes its own
 * {@link #copy()}, which costs some microseconds.
 */
public final class Filter {
  interface Source {
    Node compile();
  }

  private final String expression;
  private final Source source;
  /** Null: everything matches. */
  private final Node root;
  private final Evaluation evaluation;
  private final Kfl.Origin origin;
  private final LongSupplier clockNs;

  Filter(String expression, Source source, Kfl.Origin origin, LongSupplier clockNs) {
    this.expression = expression;
    this.source = source;
    this.root = source == null ? null : source.compile();
    this.origin = origin;
    this.clockNs = clockNs;
    this.evaluation = new Evaluation(origin, clockNs);
  }

  /** The text that it was compiled from. */
  public String expression() {
    return expression;
  }

  /** Whether it lets everything through. */
  public boolean isEmpty() {
    return root == null;
  }

  /** The same filter for another thread. */
  public Filter copy() {
    return new Filter(expression, source, origin, clockNs);
  }

  /**
   * Whether the entry matches. A filter that ends in an error (a missing map key that nothing absorbs, a division by zero) does not match;
   * nor does a record whose inside is damaged.
   */
  public boolean test(EntryView view) {
    if (root == null) return true;
    try {
      return outcome(view) == Node.TRUE;
    } catch (IndexOutOfBoundsException | IllegalArgumentException | NegativeArraySizeException e) {
      return false; // lengths inside the record contradict each other
    }
  }

  /** {@link Node#FALSE}, {@link Node#TRUE} or {@link Node#ERROR}. */
  int outcome(EntryView view) {
    evaluation.begin(view);
    return root.test(evaluation);
  }
}
