package io.kubeshark.store;

/** Wants entries as they come. */
public interface Subscriber {
  /**
   * A batch of records ({@link io.kubeshark.core.EntryLayout}), one after the other. Called on the store's thread, which stores nothing
   * meanwhile: copy what is wanted and return. An exception ends the subscription.
   *
   * @param array valid only during the call
   * @param firstSequence the records' numbers are dense from here
   */
  void onBatch(byte[] array, int offset, int length, long firstSequence, int count);
}
