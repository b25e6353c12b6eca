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
import java.util.List;

/** Stored entries of all workers. Waits for answers. */
final class StoredEntries {
  /** Records of one page, so that a query never holds more than this and one record. */
  private static final long PAGE_BYTES_MAX = 8 << 20;
  static final int LIMIT_MAX = 100_000;

  /** A record and whose it is. The array holds nothing else. */
  record Stored(WorkerView worker, byte[] record) {
    EntryView view() throws ApiError {
      EntryView view = new EntryView();
      if (!view.wrap(record, 0, record.length)) throw new ApiError(502, "bad-record", "the worker sent a record of another version");
      return view;
    }

    long startNs() {
      EntryView view = new EntryView();
      return view.wrap(record, 0, record.length) ? view.startNs() : 0;
    }
  }

  /** @param entries oldest first */
  record Page(List<Stored> entries, boolean truncated) {}

  private final Workers workers;

  StoredEntries(Workers workers) {
    this.workers = workers;
  }

  /**
   * The newest matches, oldest first. With several workers, sequence numbers are each worker's own.
   *
   * @param before only entries with a smaller sequence number; 0: all
   */
  Page newest(String kfl, int limit, long before, long after, boolean withoutBodies) throws ApiError {
    List<Stored> all = new ArrayList<>();
    boolean truncated = false;
    for (WorkerConnection worker : workers.all()) {
      List<Stored> newestFirst = new ArrayList<>();
      truncated |= page(worker, kfl, limit, before, after, withoutBodies, newestFirst);
      all.addAll(newestFirst);
    }
    if (workers.all().size() == 1) Collections.reverse(all);
    else all.sort(Comparator.comparingLong(Stored::startNs));
    if (all.size() <= limit) return new Page(all, truncated);
    return new Page(all.subList(all.size() - limit, all.size()), true);
  }

  /** One question to one worker: up to {@code limit} matches or about {@link #PAGE_BYTES_MAX}. @return whether there are more */
  boolean page(WorkerConnection worker, String kfl, int limit, long before, long after, boolean withoutBodies, List<Stored> newestFirst) throws ApiError {
    long id = worker.newId();
    Query query = Query.newBuilder().setId(id).setKfl(kfl).setLimit(Math.min(limit, LIMIT_MAX)).setBeforeSequence(before).setAfterSequence(after)
        .setWithoutBodies(withoutBodies).setBytesMax(PAGE_BYTES_MAX).build();
    boolean[] more = {false};
    EntryView view = new EntryView();
    worker.ask(id, Envelope.newBuilder().setQuery(query).build(), frame -> {
      byte[] records = frame.getQueryResult().getRecords().toByteArray();
      Records.forEach(records, 0, records.length, view, record -> {
        newestFirst.add(new Stored(worker.view(), java.util.Arrays.copyOfRange(record.array(), record.offset(), record.offset() + record.length())));
        return true;
      });
      more[0] = frame.getQueryResult().getTruncated();
      return !frame.getQueryResult().getDone();
    });
    return more[0];
  }

  /** @throws ApiError 404 {@code expired} or {@code unknown} */
  Stored entry(EntryId id) throws ApiError {
    WorkerConnection worker = workers.named(id.worker());
    long question = worker.newId();
    return record(worker, question, Envelope.newBuilder().setGetEntry(GetEntry.newBuilder().setId(question).setStream(id.stream()).setIndex(id.index())).build());
  }

  Stored connection(EntryId id) throws ApiError {
    WorkerConnection worker = workers.named(id.worker());
    long question = worker.newId();
    return record(worker, question, Envelope.newBuilder().setGetConnection(GetConnection.newBuilder().setId(question).setStream(id.stream())).build());
  }

  private static Stored record(WorkerConnection worker, long id, Envelope question) throws ApiError {
    byte[][] record = {null};
    worker.ask(id, question, frame -> {
      record[0] = frame.getEntry().getRecord().toByteArray();
      return false;
    });
    return new Stored(worker.view(), record[0]);
  }
}
