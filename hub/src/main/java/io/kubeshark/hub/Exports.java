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
import java.util.List;

/**
 * Files of entries. Written as they are read, page by page: an export needs memory for one page. Entries chosen by a filter are
 * found newest first and written oldest first, hence read twice.
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

  /** @param readers of the sources that answer, of {@code asked} */
  record Matches(List<Backward> readers, int asked) {}

  /** @throws ApiError no source answers */
  Matches matches(String kfl) throws ApiError {
    List<Backward> readers = entries.readers(kfl);
    Backward.readAll(readers);
    List<Backward> answering = readers.stream().filter(reader -> reader.problem() == null).toList();
    if (answering.isEmpty() && !readers.isEmpty()) throw readers.getFirst().problem();
    return new Matches(answering, readers.size());
  }

  /**
   * The newest {@code limit} matches, oldest first.
   *
   * @throws ApiError a source does not answer any more: the file must not look whole without its entries
   */
  void byFilter(Matches matches, int limit, Target target) throws IOException, ApiError {
    BackwardMerge newestFirst = new BackwardMerge(matches.readers);
    for (int i = 0; i < limit && newestFirst.poll() != null; i++) {} // where each source's part begins
    for (Backward reader : matches.readers) if (reader.problem() != null) throw reader.problem();
    List<Backward.Forward> parts = matches.readers.stream().map(Backward::forward).toList();
    for (Backward.Forward oldest = oldest(parts); oldest != null; oldest = oldest(parts)) target.add(oldest.poll().stored());
  }

  private static Backward.Forward oldest(List<Backward.Forward> parts) throws ApiError {
    Backward.Forward oldest = null;
    for (Backward.Forward part : parts) {
      if (part.peek() != null && (oldest == null || part.peek().endNs() < oldest.peek().endNs())) oldest = part;
    }
    return oldest;
  }
}
