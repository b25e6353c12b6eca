package io.kubeshark.worker;

import io.kubeshark.kube.TargetSet;
import java.util.function.Supplier;

/** What {@link TargetFilter} asks about addresses: {@link TargetSet}'s flags. Neither locks nor allocates. */
interface AddressBook {
  int of(long ipHigh, long ipLow);

  /** Whether a service's ready endpoint listens there. */
  boolean endpoint(long ipHigh, long ipLow, int port);

  /** Another object each time that answers may have changed. */
  Object version();

  /** The newest set that is there, at each question. */
  static AddressBook newest(Supplier<TargetSet> targets) {
    return new AddressBook() {
      @Override
      public int of(long ipHigh, long ipLow) {
        return targets.get().of(ipHigh, ipLow);
      }

      @Override
      public boolean endpoint(long ipHigh, long ipLow, int port) {
        return targets.get().endpoint(ipHigh, ipLow, port);
      }

      @Override
      public Object version() {
        return targets.get();
      }
    };
  }
}
