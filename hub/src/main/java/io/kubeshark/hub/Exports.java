package io.kubeshark.hub;

import io.kubeshark.core.EntryView;
import io.kubeshark.hub.StoredEntries.Stored;
import io.kubeshark.render.Csv;
import io.kubeshark.render.EntryJson;
import io.kubeshark.render.Har;
import io.kubeshark.render.JsonWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Files of entries. Written as they are read, page by page: an export needs memory for one page. Entries chosen by a filter come newest
 * page first found, oldest first written, hence the pages' numbers are looked up before.
 */
final class Exports {
  static final int IDS_MAX = 10_000;

  enum Format {
    HAR("application/json"), CSV("text/csv; charset=utf-8"), JSONL("application/x-ndjson");

    final String contentType;

    Format(String contentType) {
      this.contentType = contentType;
    }
  }

  /** Takes entries in the order in which they are to stand in the file. */
  interface Target {
    void add(Stored entry) throws IOException, ApiError;

    /** Ends the file; the stream stays open. */
    void close() throws IOException;
  }

  private final Workers workers;
  private final StoredEntries entries;
  private final String version;

  Exports(Workers workers, StoredEntries entries, String version) {
    this.workers = workers;
    this.entries = entries;
    this.version = version;
  }

  Target target(Format format, OutputStream out) throws IOException {
    return switch (format) {
      case HAR -> har(out);
      case CSV -> csv(out);
      case JSONL -> jsonl(out);
    };
  }

  private Target har(OutputStream out) {
    Har har = new Har(workers.schema(), version, out);
    return new Target() {
      @Override
      public void add(Stored entry) throws IOException, ApiError {
        har.add(entry.view());
      }

      @Override
      public void close() throws IOException {
        har.close();
      }
    };
  }

  private static Target csv(OutputStream out) throws IOException {
    out.write(Csv.header().getBytes(StandardCharsets.UTF_8));
    return new Target() {
      @Override
      public void add(Stored entry) throws IOException, ApiError {
        StringBuilder line = new StringBuilder();
        new Csv(entry.worker().schema(), entry.worker().names()).write(entry.view(), line);
        out.write(line.toString().getBytes(StandardCharsets.UTF_8));
      }

      @Override
      public void close() {}
    };
  }

  private static Target jsonl(OutputStream out) {
    JsonWriter line = new JsonWriter();
    return new Target() {
      private WorkerView worker;
      private EntryJson json;

      @Override
      public void add(Stored entry) throws IOException, ApiError {
        if (worker != entry.worker()) {
          worker = entry.worker();
          json = new EntryJson(worker.schema(), worker.names(), true);
        }
        EntryView view = entry.view();
        line.clear();
        json.write(view, line);
        line.newLine();
        line.writeTo(out);
      }

      @Override
      public void close() {}
    };
  }

  /** Those that are no longer stored are left out. */
  void byId(List<String> ids, Target target) throws IOException, ApiError {
    for (String id : ids) {
      try {
        target.add(entries.entry(EntryId.entry(id)));
      } catch (ApiError e) {
        if (e.status != 404) throw e;
      }
    }
  }

  /** The newest {@code limit} matches, oldest first. Rows are cheap to look up, so their numbers are collected first. */
  void byFilter(String kfl, int limit, Target target) throws IOException, ApiError {
    for (WorkerConnection worker : workers.all()) {
      List<Long> bounds = pageBounds(worker, kfl, limit);
      for (int i = bounds.size() - 1; i > 0; i--) {
        List<Stored> page = new ArrayList<>();
        entries.page(worker, kfl, StoredEntries.LIMIT_MAX, bounds.get(i - 1), bounds.get(i) - 1, false, page);
        Collections.reverse(page);
        for (Stored entry : page) target.add(entry);
      }
    }
  }

  /** First sequence numbers of pages, newest first, beginning with 0 (no upper bound): page i holds [bounds[i], bounds[i-1]). */
  private List<Long> pageBounds(WorkerConnection worker, String kfl, int limit) throws ApiError {
    List<Long> bounds = new ArrayList<>(List.of(0L));
    int left = limit;
    boolean more = true;
    while (more && left > 0) {
      List<Stored> page = new ArrayList<>();
      // With bodies: a page must be one of the pages that are written.
      more = entries.page(worker, kfl, left, bounds.getLast(), 0, false, page);
      if (page.isEmpty()) break;
      if (left == limit) bounds.set(0, page.getFirst().view().sequence() + 1); // what comes meanwhile stays out
      left -= page.size();
      bounds.add(page.getLast().view().sequence());
    }
    return bounds;
  }
}
