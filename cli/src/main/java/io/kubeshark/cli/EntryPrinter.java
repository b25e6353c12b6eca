package io.kubeshark.cli;

import io.kubeshark.core.EntrySink;
import io.kubeshark.core.EntryView;
import io.kubeshark.core.Schema;
import io.kubeshark.kfl.Filter;
import io.kubeshark.render.Csv;
import io.kubeshark.render.EntryJson;
import io.kubeshark.render.Har;
import io.kubeshark.render.JsonWriter;
import io.kubeshark.render.Names;
import io.kubeshark.render.Table;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;

/** Entries that match a filter, in one of the output formats. */
abstract class EntryPrinter implements EntrySink, AutoCloseable {
  private static final int BUFFER_BYTES = 64 << 10;

  /** What {@code --format} takes. */
  enum Format {
    jsonl, table, har, csv
  }

  private final Filter filter;
  private final EntryView view = new EntryView();
  private long printed;

  private EntryPrinter(Filter filter) {
    this.filter = filter;
  }

  /** @param filter null for everything */
  static EntryPrinter of(Format format, Schema schema, Names names, Filter filter, OutputStream out, int width) {
    return switch (format) {
      case jsonl -> new Jsonl(schema, names, filter, out);
      case table -> new Lines(new Table(schema, ZoneId.systemDefault(), width), filter, out);
      case csv -> new Lines(new Csv(schema, names), filter, out);
      case har -> new HarFile(schema, filter, out);
    };
  }

  @Override
  public final boolean onEntry(byte[] record, int offset, int length) {
    view.wrap(record, offset, length);
    if (filter != null && !filter.test(view)) return true;
    printed++;
    try {
      print(view);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return true;
  }

  abstract void print(EntryView entry) throws IOException;

  @Override
  public abstract void close() throws IOException;

  long printed() {
    return printed;
  }

  private static final class Jsonl extends EntryPrinter {
    private final JsonWriter json = new JsonWriter(2 * BUFFER_BYTES);
    private final EntryJson entries;
    private final OutputStream out;

    Jsonl(Schema schema, Names names, Filter filter, OutputStream out) {
      super(filter);
      this.entries = new EntryJson(schema, names, true);
      this.out = out;
    }

    @Override
    void print(EntryView entry) throws IOException {
      entries.write(entry, json);
      json.newLine();
      if (json.length() >= BUFFER_BYTES) flush();
    }

    private void flush() throws IOException {
      json.writeTo(out);
      json.clear();
    }

    @Override
    public void close() throws IOException {
      flush();
      out.close();
    }
  }

  private static final class Lines extends EntryPrinter {
    private final StringBuilder text = new StringBuilder(BUFFER_BYTES);
    private final OutputStream out;
    private final Table table;
    private final Csv csv;

    Lines(Table table, Filter filter, OutputStream out) {
      super(filter);
      this.table = table;
      this.csv = null;
      this.out = out;
      text.append(table.header());
    }

    Lines(Csv csv, Filter filter, OutputStream out) {
      super(filter);
      this.table = null;
      this.csv = csv;
      this.out = out;
      text.append(Csv.header());
    }

    @Override
    void print(EntryView entry) throws IOException {
      if (table != null) table.write(entry, text);
      else csv.write(entry, text);
      if (text.length() >= BUFFER_BYTES) flush();
    }

    private void flush() throws IOException {
      out.write(text.toString().getBytes(StandardCharsets.UTF_8));
      text.setLength(0);
    }

    @Override
    public void close() throws IOException {
      flush();
      out.close();
    }
  }

  private static final class HarFile extends EntryPrinter {
    private final Har har;
    private final OutputStream out;

    HarFile(Schema schema, Filter filter, OutputStream out) {
      super(filter);
      this.har = new Har(schema, Version.NUMBER, out);
      this.out = out;
    }

    @Override
    void print(EntryView entry) throws IOException {
      har.add(entry);
    }

    @Override
    public void close() throws IOException {
      har.close();
      out.close();
    }
  }
}
