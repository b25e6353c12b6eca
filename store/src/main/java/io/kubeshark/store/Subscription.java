package io.kubeshark.store;

/**
 * Where history ends and live begins. Entries up to {@link #historyTo} are in the store when the subscription is made ({@link #history});
 * those after it come to the subscriber, each once.
 */
public final class Subscription implements AutoCloseable {
  final Subscriber subscriber;
  private final EntryBus bus;
  private final long fromSequence;
  private final long historyTo;

  Subscription(EntryBus bus, Subscriber subscriber, long fromSequence, long historyTo) {
    this.bus = bus;
    this.subscriber = subscriber;
    this.fromSequence = fromSequence;
    this.historyTo = historyTo;
  }

  /** The last sequence number that is not delivered live. */
  public long historyTo() {
    return historyTo;
  }

  /** The query for what came before: add a filter, limits, or start from its newest end. Empty if from lies after {@link #historyTo}. */
  public Query history() {
    return Query.ALL.sequences(fromSequence, historyTo);
  }

  /** A batch may still be under way to the subscriber when this returns, unless it is called from there. */
  @Override
  public void close() {
    bus.remove(this);
  }
}
