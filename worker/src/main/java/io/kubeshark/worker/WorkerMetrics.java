package io.kubeshark.worker;

import io.kubeshark.core.Ledger;
import io.kubeshark.core.LedgerCode;
import io.kubeshark.store.LogStats;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/** What a worker tells Prometheus. The first ones have the names of the original, so that dashboards made for it go on. */
public final class WorkerMetrics {
  private final WorkerSources sources;
  private final IntSupplier hubStreams;
  private final LongSupplier kubeContactNs;
  private final LongSupplier epochNs;

  /** @param kubeContactNs epoch, when the API server last said something; 0: never */
  public WorkerMetrics(WorkerSources sources, IntSupplier hubStreams, LongSupplier kubeContactNs, LongSupplier epochNs) {
    this.sources = sources;
    this.hubStreams = hubStreams;
    this.kubeContactNs = kubeContactNs;
    this.epochNs = epochNs;
  }

  /** Cheap enough for once a second. */
  String text() {
    PrometheusText out = new PrometheusText();
    WorkerStatistics statistics = sources.statistics();
    traffic(out, statistics);
    ledger(out, statistics.ledger());
    store(out);
    condition(out, sources.condition());
    process(out);
    return out.text();
  }

  private void traffic(PrometheusText out, WorkerStatistics statistics) {
    long dropped = statistics.drops().stream().mapToLong(WorkerStatistics.Drop::packets).sum();
    out.counter("kubeshark_received_packets_total", "Packets that capture handed over.").value(statistics.packets());
    out.counter("kubeshark_processed_bytes_total", "Their lengths on the wire.").value(statistics.bytes());
    out.counter("kubeshark_dropped_packets_total", "Packets and entries that were lost before they could be stored.").value(dropped);
    out.counter("kubeshark_drops_total", "The same, by reason.");
    for (WorkerStatistics.Drop drop : statistics.drops()) out.value(drop.packets(), "code", drop.code().code);
    out.counter("kubeshark_entries_total", "Entries stored.").value(statistics.entries());
    out.counter("kubeshark_unnamed_entries_total", "Entries with a private address that the cluster was not known to have.").value(sources.unnamedEntries());
    out.gauge("kubeshark_live_connections", "TCP connections and UDP flows followed now.").value(statistics.liveConnections());
    out.gauge("kubeshark_capture_ended", "1: no more packets will come.").value(statistics.endReason() == null ? 0 : 1);
  }

  private static void ledger(PrometheusText out, Ledger ledger) {
    out.counter("kubeshark_ledger_wire_bytes_total", "Bytes on the wire: the sum of all accounts and of what is pending.").value(ledger.wire());
    out.gauge("kubeshark_ledger_pending_bytes", "Bytes that no account has yet.").value(ledger.pending());
    // Not a counter: what could not be stored is moved to another account.
    out.gauge("kubeshark_ledger_bytes", "Bytes by account.");
    for (LedgerCode code : LedgerCode.values()) out.value(ledger.bytes(code), "code", code.code, "kind", code.kind.text());
    out.gauge("kubeshark_ledger_packets", "Packets by account, where they are counted.");
    for (LedgerCode code : LedgerCode.values()) if (ledger.packets(code) != 0) out.value(ledger.packets(code), "code", code.code, "kind", code.kind.text());
  }

  private void store(PrometheusText out) {
    LogStats entries = sources.entries().stats();
    LogStats packets = sources.packets() == null ? null : sources.packets().stats();
    out.gauge("kubeshark_store_entries", "Entries on disk.").value(entries.records());
    out.gauge("kubeshark_store_bytes", "Bytes on disk.").value(entries.bytes(), "of", "entries").value(packets == null ? 0 : packets.bytes(), "of", "packets");
    out.gauge("kubeshark_store_oldest_age_seconds", "Age of the oldest entry on disk.")
        .value(entries.oldestNs() == 0 ? 0.0 : seconds(epochNs.getAsLong() - entries.oldestNs()));
  }

  private void condition(PrometheusText out, WorkerCondition condition) {
    out.gauge("kubeshark_hub_streams", "Hubs that have a WebSocket open: 0 while nobody looks.").value(hubStreams.getAsInt());
    out.gauge("kubeshark_targeted_pods", "Targeted pods of the cluster, as this worker knows it.").value(condition.targetedPods());
    long contact = kubeContactNs.getAsLong();
    out.gauge("kubeshark_kubernetes_age_seconds", "Time since the API server last said something; -1: it never did.")
        .value(contact == 0 ? -1.0 : seconds(epochNs.getAsLong() - contact));
    out.gauge("kubeshark_kubernetes_up", "1: the API server answers.").value(condition.kubeProblem().isEmpty() ? 1 : 0);
    out.gauge("kubeshark_blind", "1 for each thing that this worker cannot see.");
    for (WorkerCondition.Blind blind : condition.blind()) out.value(1, "code", blind.code());
  }

  private void process(PrometheusText out) {
    Runtime runtime = Runtime.getRuntime();
    WorkerIdentity identity = sources.identity();
    out.gauge("kubeshark_build_info", "Always 1.").value(1, "version", identity.version(), "node", identity.node(), "backend", identity.backend());
    out.gauge("process_resident_memory_bytes", "Resident memory, the capture ring included.").value(Answers.rssBytes());
    out.gauge("jvm_heap_used_bytes", "Heap in use.").value(runtime.totalMemory() - runtime.freeMemory());
    out.gauge("jvm_heap_max_bytes", "Heap at most.").value(runtime.maxMemory());
  }

  /** @return why the worker is not well, or null */
  String illness() {
    return sources.statistics().endReason();
  }

  private static double seconds(long ns) {
    return ns / 1e9;
  }
}
