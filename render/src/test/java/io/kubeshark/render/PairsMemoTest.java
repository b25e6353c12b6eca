package io.kubeshark.render;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** An entry's JSON is the same, whatever was written before it. */
class PairsMemoTest {
  private static final int ENTRIES = 10_000;
  private static final String[] NAMES = {"Host", "Accept", "X-A", "X-B", "ETag", "Date", "Server", "", "Set-Cookie", "long-" + "n".repeat(300)};
  private static final String[] VALUES = {"a", "text/plain", "", "\"quoted\"", "x\\y", "\u00e4", "v".repeat(70), "w".repeat(900)};

  @Test
  void anEntryIsWrittenTheSameAfterOthers() {
    long seed = 20261123;
    Random random = new Random(seed);
    EntryJson used = new EntryJson(EntryBuilder.SCHEMA, EntryBuilder.NAMES, true);
    List<String> request = new ArrayList<>();
    List<String> response = new ArrayList<>();
    for (int i = 0; i < ENTRIES; i++) {
      mutate(request, random);
      mutate(response, random);
      var view = new EntryBuilder(EntryBuilder.HTTP).map(EntryBuilder.REQUEST_HEADERS, request.toArray(new String[0]))
          .map(EntryBuilder.RESPONSE_HEADERS, response.toArray(new String[0])).view();
      JsonWriter again = new JsonWriter();
      used.write(view, again);
      JsonWriter first = new JsonWriter();
      new EntryJson(EntryBuilder.SCHEMA, EntryBuilder.NAMES, true).write(view, first);
      assertThat(again.toString()).as("seed %d, entry %d", seed, i).isEqualTo(first.toString());
    }
  }

  private static void mutate(List<String> pairs, Random random) {
    int at = pairs.isEmpty() ? 0 : random.nextInt(pairs.size() / 2) * 2;
    switch (random.nextInt(8)) {
      case 0 -> {
        if (pairs.size() < 30) pairs.addAll(at, List.of(NAMES[random.nextInt(NAMES.length)], VALUES[random.nextInt(VALUES.length)]));
      }
      case 1 -> {
        if (!pairs.isEmpty()) pairs.subList(at, at + 2).clear();
      }
      case 2 -> {
        if (!pairs.isEmpty()) pairs.set(at + 1, VALUES[random.nextInt(VALUES.length)]);
      }
      default -> {}
    }
  }
}
