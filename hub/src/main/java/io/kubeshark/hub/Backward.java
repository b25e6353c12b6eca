package io.kubeshark.hub;

import io.kubeshark.core.EntryView;
import io.kubeshark.hub.StoredEntries.Ask;
import io.kubeshark.hub.StoredEntries.Stored;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** One source's matches, newest first, read page by page. One thread at a time. */
final class Backward {
  /** @param endNs when it was complete: a source stores entries in this order, about */
  record Match(Stored stored, long sequence, long startNs, long endNs) {}

  /** Sequence numbers of a page: {@code after < sequence < before}. */
  private record Range(long after, long before) {}

  private final Source source;
  private final Ask ask;
  private final int pageRows;
  private final long after;
  private final long first;
  private long before;
  private final ArrayDeque<Match> waiting = new ArrayDeque<>();
  private final List<Range> pages = new ArrayList<>();
  private boolean more = true;
  private long newest;
  private long taken;
  private ApiError problem;

  /** @param before 0: from the newest on */
  Backward(Source source, Ask ask, int pageRows, long before, long after) {
    this.source = source;
    this.ask = ask;
    this.pageRows = pageRows;
    this.first = before;
    this.before = before;
    this.after = after;
  }

  /** Reads the first page of each, at once. */
  static void readAll(List<Backward> readers) {
    List<Thread> threads = readers.stream().map(reader -> Thread.ofVirtual().name("page").start(reader::read)).toList();
    try {
      for (Thread thread : threads) thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      for (Backward reader : readers) reader.problem = new ApiError(503, "stopping", "the hub is being stopped");
    }
  }

  Source source() {
    return source;
  }

  /** Why its matches end, if not because there are no more; or null. */
  ApiError problem() {
    return problem;
  }

  /** The next match, or null at the end. */
  Match peek() {
    if (waiting.isEmpty() && more) read();
    return waiting.peek();
  }

  Match poll() {
    Match match = peek();
    waiting.poll();
    if (match != null) taken = match.sequence;
    return match;
  }

  private void read() {
    List<Stored> page = new ArrayList<>();
    try {
      more = StoredEntries.page(source, ask, pageRows, before, after, page) && !page.isEmpty();
      EntryView view = new EntryView();
      for (Stored stored : page) {
        if (view.wrap(stored.record(), 0, stored.record().length)) waiting.add(new Match(stored, view.sequence(), view.startNs(), view.endNs()));
      }
    } catch (ApiError e) {
      problem = e;
      more = false;
      waiting.clear();
    }
    if (waiting.isEmpty()) return;
    newest = Math.max(newest, waiting.peek().sequence);
    // What comes meanwhile stays out.
    pages.add(new Range(waiting.getLast().sequence - 1, before == 0 ? newest + 1 : before));
    before = waiting.getLast().sequence;
  }

  /** Where the next page begins, for {@link Cursor}. */
  long older() {
    if (taken > 0) return taken;
    if (!waiting.isEmpty()) return waiting.peek().sequence + 1;
    return problem != null ? first : 1; // it has none that match
  }

  /** The newest match that was seen, or where it began. */
  long newest() {
    return Math.max(newest, after);
  }

  /** What was polled, once more, oldest first. */
  Forward forward() {
    return new Forward();
  }

  /** The same pages from their other end. */
  final class Forward {
    private int next = pages.size() - 1;
    private final ArrayDeque<Match> waiting = new ArrayDeque<>();

    /** @throws ApiError the source does not answer any more */
    Match peek() throws ApiError {
      while (waiting.isEmpty() && next >= 0 && taken > 0) {
        Range range = pages.get(next--);
        List<Stored> page = new ArrayList<>();
        StoredEntries.page(source, ask, StoredEntries.LIMIT_MAX, range.before, Math.max(range.after, taken - 1), page);
        Collections.reverse(page);
        EntryView view = new EntryView();
        for (Stored stored : page) {
          if (view.wrap(stored.record(), 0, stored.record().length)) waiting.add(new Match(stored, view.sequence(), view.startNs(), view.endNs()));
        }
      }
      return waiting.peek();
    }

    Match poll() throws ApiError {
      Match match = peek();
      waiting.poll();
      return match;
    }
  }
}
