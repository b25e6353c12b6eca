package io.kubeshark.dissect.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryLayout;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The entries of a conversation of which nothing is lost: what disturbed runs are held against.
 *
 * @param lastExchange the latest one that has both sides, or null
 */
record Undisturbed(List<Entry> entries, Set<ByteBuffer> requests, Set<ByteBuffer> responses, Set<Entry.Pair> pairs, Entry lastExchange) {

  static Undisturbed of(List<Entry> entries) {
    return new Undisturbed(
        entries,
        entries.stream().map(entry -> entry.side(Direction.CLIENT)).collect(Collectors.toSet()),
        entries.stream().map(entry -> entry.side(Direction.SERVER)).collect(Collectors.toSet()),
        entries.stream().map(Entry::pair).collect(Collectors.toSet()),
        entries.stream().filter(Entry::hasBoth).max(Comparator.comparingLong(entry -> entry.view().startNs())).orElse(null));
  }

  /** The same records, byte by byte; what differs is told in few words. */
  void assertSame(List<Entry> others) {
    if (others.equals(entries)) return;
    assertThat(others.size()).as("number of entries").isEqualTo(entries.size());
    for (int i = 0; i < entries.size(); i++) {
      if (others.get(i).equals(entries.get(i))) continue;
      assertThat(others.get(i).toString()).as("entry %d", i).isEqualTo(entries.get(i).toString());
      int at = Arrays.mismatch(others.get(i).record(), entries.get(i).record());
      throw new AssertionError("entry " + i + ": the records differ at byte " + at);
    }
  }

  void assertLastComesBack(List<Entry> others) {
    if (others.stream().noneMatch(entry -> entry.pair().equals(lastExchange.pair()))) {
      throw new AssertionError("the last exchange does not come back:\n" + lastExchange + "\nbut\n" + others);
    }
  }

  /** Messages that are not said to be doubtful are among those here, and so are their pairs. */
  void assertNothingInvented(List<Entry> others) {
    for (Entry entry : others) {
      if (!entry.isSound()) continue;
      if (!entry.has(EntryLayout.FLAG_NO_REQUEST) && !requests.contains(entry.side(Direction.CLIENT))) {
        throw new AssertionError("the client never sent this:\n" + entry);
      }
      if (!entry.has(EntryLayout.FLAG_NO_RESPONSE) && !responses.contains(entry.side(Direction.SERVER))) {
        throw new AssertionError("the server never sent this:\n" + entry);
      }
    }
    assertPairsAreRight(others);
  }

  /** A request and a response that were both sent are paired only if they belong together, unless the entry says that it is doubtful. */
  void assertPairsAreRight(List<Entry> others) {
    for (Entry entry : others) {
      if (!entry.isSound() || !entry.hasBoth() || pairs.contains(entry.pair())) continue;
      if (requests.contains(entry.side(Direction.CLIENT)) && responses.contains(entry.side(Direction.SERVER))) {
        throw new AssertionError("a wrong pair:\n" + entry);
      }
    }
  }
}
