package io.kubeshark.cli;

import io.kubeshark.core.Ledger;
import io.kubeshark.core.PacketTap;
import io.kubeshark.dissect.ConnectionPolicy;
import io.kubeshark.dissect.DissectOptions;
import io.kubeshark.dissect.Protocols;
import io.kubeshark.kfl.Filter;
import io.kubeshark.kfl.Kfl;
import io.kubeshark.kfl.KflException;
import io.kubeshark.render.JsonWriter;
import io.kubeshark.render.LedgerJson;
import io.kubeshark.render.Names;
import io.kubeshark.worker.HeapShares;
import io.kubeshark.worker.Pipeline;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "dissect", mixinStandardHelpOptions = true, sortOptions = false,
    description = "Print the API calls in capture files (pcap, pcapng, gzip of these; - is standard input), and a ledger of every byte on standard error.",
    footer = {"", "Same files, same bytes out. Exit code 1 if a file could not be read to its end; everything readable is printed."})
final class DissectCommand implements Callable<Integer> {
  private static final int TABLE_WIDTH = 160;
  /** How long Ctrl-C waits for what was read to be printed. */
  private static final long STOP_MS = 3000;
  /** Entry ids begin with it. */
  static final String WORKER = "local";

  @Parameters(arity = "1..*", paramLabel = "FILE", description = "Capture files, in order: connections go on from one to the next.")
  private List<String> files;

  @Option(names = "--kfl", paramLabel = "EXPR", description = "Print only entries that match, e.g. 'http && status_code >= 500'.")
  private String kfl;

  @Option(names = "--format", paramLabel = "FORMAT", description = "jsonl, table, har or csv (default: table on a terminal, else jsonl).")
  private EntryPrinter.Format format;

  @Option(names = "-o", paramLabel = "OUT", description = "Write to a file.")
  private Path output;

  @Option(names = "--bpf", paramLabel = "FILTER", description = "Read only packets that match a pcap filter, e.g. 'tcp port 80'.")
  private String bpf;

  @Option(names = "--body-bytes", paramLabel = "SIZE", converter = Sizes.Bytes.class, defaultValue = "64Ki",
      description = "Keep this much of each body (default ${DEFAULT-VALUE}); all of it is counted.")
  private long bodyBytes;

  @Option(names = "--ledger", paramLabel = "FORMAT", description = "How the ledger is printed: ${COMPLETION-CANDIDATES} (default: text on a terminal, else json).")
  private LedgerFormat ledgerFormat;

  private enum LedgerFormat {
    text, json, none
  }

  @Override
  public Integer call() throws IOException {
    boolean terminal = Terminal.isTerminal(1) && output == null;
    EntryPrinter.Format chosen = format != null ? format : terminal ? EntryPrinter.Format.table : EntryPrinter.Format.jsonl;
    Protocols protocols = Protocols.installed();
    Filter filter = filter(protocols);
    FileSequence source = new FileSequence(files, bpf);
    Names names = new Names(WORKER, Terminal.hostName(), "");
    boolean drawing = Terminal.isTerminal(2) && !terminal;
    ProgressBar progress = new ProgressBar(drawing ? System.err : null);
    OutputStream out = output == null ? new FileOutputStream(java.io.FileDescriptor.out) : open(output);
    EntryPrinter printer = EntryPrinter.of(chosen, protocols.schema(), names, filter, out, terminal ? Terminal.columns(TABLE_WIDTH) : TABLE_WIDTH);
    HeapShares shares = HeapShares.of(1);
    DissectOptions options = shares.dissect().withBodyBytes(bodyBytes);
    Pipeline pipeline = new Pipeline(0, false, source, protocols, options, shares.limits(), ConnectionPolicy.ALL, printer, PacketTap.NONE,
        nowNs -> progress.update(nowNs, source.bytesRead(), source.bytesTotal(), printer.printed()), new Reproducers());
    CountDownLatch done = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> stop(pipeline, done)));
    try {
      pipeline.run();
      printer.close();
      progress.clear();
      report(pipeline.snapshot(), source, printer.printed());
    } catch (UncheckedIOException | IOException e) {
      progress.clear();
      String reason = e instanceof UncheckedIOException ? e.getCause().getMessage() : e.getMessage();
      if ("Broken pipe".equals(reason)) return Failure.BROKEN_PIPE; // whoever reads has seen enough
      throw new Failure("writing the entries" + (output == null ? "" : " to '" + output + "'") + " failed: " + reason);
    } finally {
      done.countDown();
    }
    return source.problems().isEmpty() ? 0 : Failure.FAILED;
  }

  /** Ctrl-C: what was read so far is printed whole, with its ledger. */
  private static void stop(Pipeline pipeline, CountDownLatch done) {
    pipeline.stop();
    try {
      done.await(STOP_MS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Filter filter(Protocols protocols) {
    if (kfl == null || kfl.isBlank()) return null;
    try {
      return new Kfl(protocols.schema(), new Kfl.Origin(WORKER, Terminal.hostName(), "")).compile(kfl);
    } catch (KflException e) {
      throw new Failure(Failure.USAGE, Terminal.kflError(kfl, e));
    }
  }

  private static OutputStream open(Path file) {
    try {
      return new FileOutputStream(file.toFile());
    } catch (IOException e) {
      throw new Failure("cannot write to '" + file + "': " + e.getMessage());
    }
  }

  private void report(Pipeline.Snapshot snapshot, FileSequence source, long printed) {
    PrintStream err = System.err;
    Ledger ledger = snapshot.ledger();
    LedgerFormat chosen = ledgerFormat != null ? ledgerFormat : Terminal.isTerminal(2) ? LedgerFormat.text : LedgerFormat.json;
    for (String note : source.notes()) err.println("note: " + note);
    if (source.stopped()) err.println("note: stopped before the end");
    if (chosen == LedgerFormat.text) {
      err.println(Sizes.count(printed) + " entries of " + Sizes.count(snapshot.capture().packets()) + " packets");
      err.print(LedgerText.of(ledger));
    } else if (chosen == LedgerFormat.json) {
      JsonWriter json = new JsonWriter(4096);
      json.beginObject().key("entries").number(printed).key("packets").number(snapshot.capture().packets()).key("ledger");
      LedgerJson.write(ledger, json);
      json.endObject();
      err.println(json);
    }
    for (String problem : source.problems()) err.println("kubeshark: " + problem);
  }
}
