package io.kubeshark.kube;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class AddressMapTest {
  @Test
  void manyChangesAgainstAHashMap() {
    Random random = new Random(3);
    AddressMap<String> map = new AddressMap<>();
    Map<Address, String> expected = new HashMap<>();
    for (int step = 0; step < 40_000; step++) {
      Address address = new Address(random.nextInt(3), random.nextInt(300));
      switch (random.nextInt(5)) {
        case 0, 1, 2 -> {
          map.put(address.high(), address.low(), "v" + step);
          expected.put(address, "v" + step);
        }
        case 3 -> {
          String gone = map.get(address.high(), address.low());
          map.replaceAll(value -> value == gone ? null : value);
          expected.remove(address);
        }
        default -> {
          if (random.nextInt(200) == 0) {
            map.replaceAll(value -> value.endsWith("7") ? null : value);
            expected.values().removeIf(value -> value.endsWith("7"));
          } else if (random.nextInt(200) == 0) {
            map.rebuild(value -> !value.endsWith("3"));
            expected.values().removeIf(value -> value.endsWith("3"));
          }
        }
      }
      assertThat(map.size()).isEqualTo(expected.size());
      assertThat(map.get(address.high(), address.low())).isEqualTo(expected.get(address));
    }
    for (int high = 0; high < 3; high++) {
      for (int low = 0; low < 300; low++) assertThat(map.get(high, low)).isEqualTo(expected.get(new Address(high, low)));
    }
  }

  /** A reader never misses what is there all the time, and never gets another address's value, while the map grows and shrinks. */
  @Test
  void readersDuringChanges() throws InterruptedException {
    AddressMap<Long> map = new AddressMap<>();
    for (long i = 0; i < 40; i++) map.put(1, i, i);
    AtomicBoolean done = new AtomicBoolean();
    long[] wrong = {0, 0};
    Thread reader = new Thread(() -> {
      while (!done.get()) {
        for (long i = 0; i < 40; i++) {
          Long value = map.get(1, i);
          if (value == null || value != i) wrong[0]++;
          Long other = map.get(2, i);
          if (other != null && other != i + 1_000) wrong[1]++;
        }
      }
    });
    reader.start();
    Random random = new Random(4);
    for (int step = 0; step < 150_000; step++) {
      long low = random.nextInt(4_000);
      map.put(2, low, low + 1_000);
      if (step % 300 == 0) map.replaceAll(value -> value > 1_000 && value % 3 == 0 ? null : value);
      if (step % 20_000 == 0) map.rebuild(value -> value < 1_500);
    }
    done.set(true);
    reader.join();
    assertThat(wrong).containsOnly(0);
  }
}
