package io.kubeshark.hub;

import io.kubeshark.wire.proto.GetPcap;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;

/** {@code GET /api/pcap}: stored packets of all workers as one file, by time. Memory: {@link PcapMerge}'s, for each of {@value #AT_ONCE_MAX}. */
final class PcapApi {
  private static final int AT_ONCE_MAX = 4;
  private static final long WAIT_MS = 15_000;
  private static final int BUFFER_BYTES = 64 << 10;
  private static final int NODES_NAMED_MAX = 20;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final Hub hub;
  private final Semaphore permits = new Semaphore(AT_ONCE_MAX);

  PcapApi(Hub hub) {
    this.hub = hub;
  }

  /** @param kfl checked */
  void write(Fields parameters, String kfl, Response response, Callback callback) throws ApiError, IOException {
    String connection = parameters.getValue("conn");
    EntryId id = connection == null ? null : EntryId.connection(connection);
    if (id != null && !kfl.isEmpty()) throw ApiError.badRequest("conn names one connection, kfl those that match: give one of them");
    String format = parameters.getValue("format") == null ? "pcapng" : parameters.getValue("format");
    if (!format.equals("pcapng") && !format.equals("pcap")) throw ApiError.badRequest("format '" + format + "': pcapng or pcap");
    long limit = Api.number(parameters, "limit", Long.MAX_VALUE);
    GetPcap.Builder wanted = GetPcap.newBuilder().setAll(id == null).setStream(id == null ? 0 : id.stream()).setKfl(kfl)
        .setFromNs(nanos(parameters, "from")).setToNs(nanos(parameters, "to"));
    List<WorkerConnection> workers = id == null ? hub.workers().all() : List.of(hub.workers().worker(id.worker()));
    if (!permitted()) throw new ApiError(503, "busy", "the hub makes " + AT_ONCE_MAX + " files of packets already: try again when one is done");
    try (PcapMerge merge = new PcapMerge(workers)) {
      merge.open(wanted.build());
      String name = id == null ? "kubeshark" : "kubeshark-" + id.worker().replaceAll("[^A-Za-z0-9._-]", "_") + "-" + id.stream();
      headers(merge, format, name, response);
      OutputStream out = new BufferedOutputStream(Content.Sink.asOutputStream(response), BUFFER_BYTES);
      write(merge, format, what(id, kfl), limit, out);
      out.close(); // only a whole file is ended: one that broke off must not look whole
    } finally {
      permits.release();
    }
    callback.succeeded();
  }

  private boolean permitted() {
    try {
      return permits.tryAcquire(WAIT_MS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static long nanos(Fields parameters, String name) throws ApiError {
    return Math.min(Api.number(parameters, name, 0), Long.MAX_VALUE / NANOS_PER_MILLI) * NANOS_PER_MILLI;
  }

  private static String what(EntryId id, String kfl) {
    if (id != null) return "connection " + id.worker() + "/" + id.stream();
    return kfl.isEmpty() ? "all stored packets" : "connections with entries that match " + kfl;
  }

  private static void headers(PcapMerge merge, String format, String name, Response response) {
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, format.equals("pcap") ? "application/vnd.tcpdump.pcap" : "application/x-pcapng");
    response.getHeaders().put("Content-Disposition", "attachment; filename=\"" + name + "." + format + "\"");
    response.getHeaders().put("Kubeshark-Sources", merge.answering() + " of " + merge.asked());
    if (!merge.missingNodes().isEmpty()) {
      response.getHeaders().put("Kubeshark-Missing", String.join(", ", merge.missingNodes().stream().limit(NODES_NAMED_MAX).toList()).replaceAll("[^ -~]", "?"));
    }
  }

  private void write(PcapMerge merge, String format, String what, long limit, OutputStream out) throws IOException, ApiError {
    List<String> before = List.copyOf(merge.missing());
    String comment = before.isEmpty() ? what : what + "\nmissing: " + String.join("\nmissing: ", before);
    PcapFileWriter file = format.equals("pcap") ? new PcapFileWriter.Classic(out) : new PcapFileWriter.PcapNg(out, "kubeshark " + hub.options().version(), comment);
    merge.writeTo(file, limit);
    List<String> missing = new ArrayList<>(merge.missing());
    if (hub.workers().refused() > 0) missing.add(hub.workers().refused() + " workers over this hub's limit of " + Workers.WORKERS_MAX);
    if (merge.limited()) missing.add("what comes after the limit of " + limit + " packets");
    file.end(file.packets() + " packets of " + merge.answering() + " of " + merge.asked() + " nodes", missing);
  }
}
