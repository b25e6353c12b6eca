package io.kubeshark.hub;

import io.kubeshark.core.EntryView;
import io.kubeshark.wire.Records;
import io.kubeshark.wire.proto.Envelope;
import io.kubeshark.wire.proto.GetConnection;
import io.kubeshark.wire.proto.GetEntry;
import io.kubeshark.wire.proto.Query;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Stored entries of all sources. Waits for answers. */
final class StoredEntries {
  /** Records of one page, so that a query never holds more than this and one record; of several sources at once, all together about. */
  static final long PAGE_BYTES_MAX = 8 << 20;
  private static final long PAGE_BYTES_MIN = 64 << 10;
  private static final int PAGE_ROWS_MIN = 32;
  static final int LIMIT_MAX = 100_000;
  /** Where several sources are asked, one that does not answer by then is left out, and the answer says so. */
  private static final long MERGE_TIMEOUT_MS = 5000;
  /** An entry's details do not wait longer for its other leg. */
  private static final long LEG_TIMEOUT_MS = 2000;

  /**
   * A record and whose it is. The array holds nothing else.
   *
   * @param nat {@link Nat#json} of the other leg, or null
   */
  record Stored(WorkerView worker, byte[] record, byte[] nat) {
    EntryView view() throws ApiError {
      EntryView view = new EntryView();
      if (!view.wrap(record, 0, record.length)) throw new ApiError(502, "bad-record", "the worker sent a record of another version");
      return view;
    }
  }

  /** How to ask a source for pages. Entries that begin at {@code fromNs <= time < toNs}; 0: no bound. */
  record Ask(String kfl, boolean withoutBodies, long bytesMax, long timeoutMs, long fromNs, long toNs) {
    Ask(String kfl, boolean withoutBodies, long bytesMax, long timeoutMs) {
      this(kfl, withoutBodies, bytesMax, timeoutMs, 0, 0);
    }

    static Ask of(String kfl, boolean withoutBodies, int sources) {
      if (sources == 1) return new Ask(kfl, withoutBodies, PAGE_BYTES_MAX, Source.ANSWER_TIMEOUT_MS);
      return new Ask(kfl, withoutBodies, Math.max(PAGE_BYTES_MIN, PAGE_BYTES_MAX / sources), MERGE_TIMEOUT_MS);
    }
  }

  /**
   * @param entries oldest first
   * @param older {@link Cursor} of the page before this one, newer of what came after it
   */
  record Page(List<Stored> entries, boolean truncated, String older, String newer, int answered, int asked) {}

  private final Workers workers;

  StoredEntries(Workers workers) {
    this.workers = workers;
  }

  /** The newest matches, oldest first. */
  Page newest(String kfl, int limit, Cursor before, Cursor after, boolean withoutBodies) throws ApiError {
    List<Source> sources = workers.sources();
    if (sources.size() > 1 && (before.isSingle() || after.isSingle())) {
      throw ApiError.badRequest("there are several workers, each with numbers of its own: give what an earlier answer had as \"older\" or \"newer\"");
    }
    int rows = sources.size() == 1 ? limit : Math.min(limit, Math.max(PAGE_ROWS_MIN, 2 * limit / Math.max(1, sources.size())));
    List<Backward> readers = new ArrayList<>();
    for (Source source : sources) {
      long from = before.of(source);
      if (from == Cursor.ABSENT) continue; // it came later: it has nothing older
      readers.add(new Backward(source, Ask.of(kfl, withoutBodies, sources.size()), rows, from, Math.max(0, after.of(source))));
    }
    Backward.readAll(readers);
    BackwardMerge merge = new BackwardMerge(readers);
    List<Backward.Match> matches = new ArrayList<>();
    while (matches.size() < limit && merge.peek() != null) matches.add(merge.poll());
    boolean truncated = merge.peek() != null;
    List<Stored> entries = sources.size() == 1 ? reversed(matches) : ordered(matches);
    int answered = (int) readers.stream().filter(reader -> reader.problem() == null).count();
    if (answered == 0 && !readers.isEmpty()) throw readers.getFirst().problem();
    Map<Source, Long> older = new LinkedHashMap<>();
    Map<Source, Long> newer = new LinkedHashMap<>();
    for (Backward reader : readers) {
      if (reader.source().view() == null) continue;
      older.put(reader.source(), reader.older());
      newer.put(reader.source(), reader.newest());
    }
    return new Page(entries, truncated, Cursor.text(older), Cursor.text(newer), answered, sources.size());
  }

  private static List<Stored> reversed(List<Backward.Match> newestFirst) {
    Collections.reverse(newestFirst);
    return newestFirst.stream().map(Backward.Match::stored).toList();
  }

  /** By time, the two legs of a call as one. */
  private static List<Stored> ordered(List<Backward.Match> matches) {
    matches.sort(Comparator.comparingLong(Backward.Match::startNs));
    Map<Long, Integer> legs = new HashMap<>();
    List<Stored> entries = new ArrayList<>(matches.size());
    EntryView view = new EntryView();
    EntryView otherView = new EntryView();
    for (Backward.Match match : matches) {
      Stored stored = match.stored();
      entries.add(stored);
      if (!view.wrap(stored.record, 0, stored.record.length)) continue;
      long key = Nat.key(view);
      if (key == Nat.NO_KEY) continue;
      Integer otherAt = legs.put(key, entries.size() - 1);
      Stored other = otherAt == null ? null : entries.get(otherAt);
      if (other == null || !otherView.wrap(other.record, 0, other.record.length)) continue;
      if (Nat.toService(view) == Nat.toService(otherView) || view.startNs() - otherView.startNs() > Nat.APART_NS_MAX) continue;
      boolean otherIsService = Nat.toService(otherView);
      Stored pod = otherIsService ? stored : other;
      byte[] nat = otherIsService ? Nat.json(other.worker, otherView) : Nat.json(stored.worker, view);
      entries.set(otherIsService ? entries.size() - 1 : otherAt, new Stored(pod.worker, pod.record, nat));
      entries.set(otherIsService ? otherAt : entries.size() - 1, null);
    }
    entries.removeIf(java.util.Objects::isNull);
    return entries;
  }

  /** All sources' matches for a file, newest first. */
  List<Backward> readers(String kfl) {
    List<Source> sources = workers.sources();
    return sources.stream().map(source -> new Backward(source, Ask.of(kfl, false, sources.size()), LIMIT_MAX, 0, 0)).toList();
  }

  /** One question to one source: up to {@code limit} matches or about so many bytes. @return whether there are more */
  static boolean page(Source source, Ask ask, int limit, long before, long after, List<Stored> newestFirst) throws ApiError {
    long id = source.newId();
    Query query = Query.newBuilder().setId(id).setKfl(ask.kfl).setLimit(Math.min(limit, LIMIT_MAX)).setBeforeSequence(before).setAfterSequence(after)
        .setWithoutBodies(ask.withoutBodies).setBytesMax(ask.bytesMax).setFromNs(ask.fromNs).setToNs(ask.toNs).build();
    boolean[] more = {false};
    EntryView view = new EntryView();
    source.ask(id, Envelope.newBuilder().setQuery(query).build(), ask.timeoutMs, frame -> {
      byte[] records = frame.getQueryResult().getRecords().toByteArray();
      Records.forEach(records, 0, records.length, view, record -> {
        newestFirst.add(new Stored(source.view(), java.util.Arrays.copyOfRange(record.array(), record.offset(), record.offset() + record.length()), null));
        return true;
      });
      more[0] = frame.getQueryResult().getTruncated();
      return !frame.getQueryResult().getDone();
    });
    return more[0];
  }

  /**
   * An entry, and its other leg where there is one.
   *
   * @throws ApiError 404 {@code expired} or {@code unknown}
   */
  Stored entryWithNat(EntryId id) throws ApiError {
    Stored entry = entry(id);
    EntryView view = entry.view();
    if (Nat.key(view) == Nat.NO_KEY || Nat.toService(view)) return entry;
    return new Stored(entry.worker, entry.record, toService(view));
  }

  /** {@link Nat#json} of the leg that goes to the service, wherever it was seen, or null. */
  private byte[] toService(EntryView pod) throws ApiError {
    String client = "src.ip == \"" + pod.srcIp() + "\" && src.port == " + pod.srcPort();
    Ask ask = new Ask(client, true, PAGE_BYTES_MIN, LEG_TIMEOUT_MS, pod.startNs() - Nat.APART_NS_MAX, pod.startNs() + Nat.APART_NS_MAX + 1);
    List<Backward> readers = workers.sources().stream().map(source -> new Backward(source, ask, PAGE_ROWS_MIN, 0, 0)).toList();
    Backward.readAll(readers);
    BackwardMerge candidates = new BackwardMerge(readers);
    for (Backward.Match match = candidates.poll(); match != null; match = candidates.poll()) {
      EntryView leg = match.stored().view();
      if (Nat.key(leg) == Nat.key(pod) && Nat.toService(leg)) return Nat.json(match.stored().worker, leg);
    }
    return null;
  }

  /** @throws ApiError 404 {@code expired} or {@code unknown} */
  Stored entry(EntryId id) throws ApiError {
    Source source = workers.named(id.worker());
    long question = source.newId();
    return record(source, question, Envelope.newBuilder().setGetEntry(GetEntry.newBuilder().setId(question).setStream(id.stream()).setIndex(id.index())).build());
  }

  Stored connection(EntryId id) throws ApiError {
    Source source = workers.named(id.worker());
    long question = source.newId();
    return record(source, question, Envelope.newBuilder().setGetConnection(GetConnection.newBuilder().setId(question).setStream(id.stream())).build());
  }

  private static Stored record(Source source, long id, Envelope question) throws ApiError {
    byte[][] record = {null};
    source.ask(id, question, frame -> {
      record[0] = frame.getEntry().getRecord().toByteArray();
      return false;
    });
    return new Stored(source.view(), record[0], null);
  }
}
