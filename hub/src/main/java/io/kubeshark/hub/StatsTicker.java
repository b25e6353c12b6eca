package io.kubeshark.hub;

import io.kubeshark.core.Ledger;
import io.kubeshark.core.LedgerCode;
import io.kubeshark.render.JsonWriter;
import io.kubeshark.render.LedgerJson;
import io.kubeshark.wire.LedgerCodec;
import io.kubeshark.wire.proto.Account;
import io.kubeshark.wire.proto.Envelope;
import io.kubeshark.wire.proto.GetStats;
import io.kubeshark.wire.proto.Stats;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Asks the workers for their counters once a second while a browser is there, and makes rates of them. */
final class StatsTicker implements AutoCloseable {
  private static final long PERIOD_MS = 1000;
  /** Counters younger than this answer a REST call. */
  private static final long FRESH_MS = 500;
  /** Overload is shown for so long after the last drop. */
  private static final long OVERLOAD_SHOWN_MS = 10_000;

  /** @param stats null: the worker does not answer */
  record Sample(WorkerConnection worker, Stats stats) {}

  private record Overload(long sinceMs, String cause) {}

  private final Workers workers;
  private final Set<BrowserSession> browsers = ConcurrentHashMap.newKeySet();
  private final Thread thread;

  // Guarded by this.
  private List<Sample> samples = List.of();
  private long sampledMs;
  private Totals before;
  private String rates = "{\"entriesPerSecond\":0,\"packetsPerSecond\":0,\"bytesPerSecond\":0}";
  private final Map<String, Long> dropped = new HashMap<>();
  private Overload overload;
  private long lastDropMs;

  private volatile String last;

  private record Totals(long ms, long entries, long packets, long bytes) {}

  StatsTicker(Workers workers) {
    this.workers = workers;
    thread = Thread.ofVirtual().name("stats").start(this::run);
  }

  void add(BrowserSession browser) {
    browsers.add(browser);
    synchronized (browsers) {
      browsers.notifyAll();
    }
  }

  void remove(BrowserSession browser) {
    browsers.remove(browser);
  }

  /** The last frame, or null. */
  String last() {
    return last;
  }

  private void run() {
    try {
      while (true) {
        synchronized (browsers) {
          while (browsers.isEmpty()) {
            last = null; // the next browser gets fresh figures or none
            browsers.wait();
          }
        }
        sample();
        String frame = frame(true);
        last = frame;
        for (BrowserSession browser : browsers) browser.stats(frame);
        tellEnd();
        Thread.sleep(PERIOD_MS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private final Map<BrowserSession, Boolean> told = new java.util.WeakHashMap<>();

  /** Once to each browser: no worker will have more. */
  private void tellEnd() {
    String reason = endReason();
    if (reason == null) return;
    for (BrowserSession browser : browsers) if (told.put(browser, true) == null) browser.end(reason);
  }

  private synchronized String endReason() {
    String reason = null;
    for (Sample sample : samples) {
      if (sample.stats == null || sample.stats.getEndReason().isEmpty()) return null;
      reason = sample.stats.getEndReason();
    }
    return reason;
  }

  /** Counters that are at most {@link #FRESH_MS} old. */
  synchronized List<Sample> samples() {
    if (System.currentTimeMillis() - sampledMs > FRESH_MS) sample();
    return samples;
  }

  private synchronized void sample() {
    List<Sample> now = new ArrayList<>();
    for (WorkerConnection worker : workers.all()) {
      Stats[] stats = {null};
      try {
        long id = worker.newId();
        worker.ask(id, Envelope.newBuilder().setGetStats(GetStats.newBuilder().setId(id)).build(), frame -> {
          stats[0] = frame.getStats();
          return false;
        });
      } catch (ApiError unavailable) {
        // shown as not connected
      }
      now.add(new Sample(worker, stats[0]));
    }
    samples = now;
    sampledMs = System.currentTimeMillis();
    derive();
  }

  private void derive() {
    long entries = 0;
    long packets = 0;
    long bytes = 0;
    for (Sample sample : samples) {
      if (sample.stats == null) continue;
      entries += sample.stats.getEntries();
      packets += sample.stats.getPackets();
      bytes += sample.stats.getBytes();
      for (Account drop : sample.stats.getDropsList()) {
        Long earlier = dropped.put(sample.worker.view().names().worker() + "/" + drop.getCode(), drop.getPackets());
        if (earlier == null || drop.getPackets() <= earlier) continue;
        if (overload == null || !overload.cause.equals(drop.getCode())) overload = new Overload(sampledMs, drop.getCode());
        lastDropMs = sampledMs;
      }
    }
    if (overload != null && sampledMs - lastDropMs > OVERLOAD_SHOWN_MS) overload = null;
    Totals now = new Totals(sampledMs, entries, packets, bytes);
    if (before != null && now.ms - before.ms < PERIOD_MS / 2) return;
    if (before != null) {
      JsonWriter out = new JsonWriter(128).beginObject();
      rate("entriesPerSecond", now.entries - before.entries, now.ms - before.ms, out);
      rate("packetsPerSecond", now.packets - before.packets, now.ms - before.ms, out);
      rate("bytesPerSecond", now.bytes - before.bytes, now.ms - before.ms, out);
      rates = out.endObject().toString();
    }
    before = now;
  }

  private static void rate(String name, long difference, long ms, JsonWriter out) {
    out.key(name).number(ms <= 0 ? 0 : Math.max(0, Math.round(difference * 1000.0 / ms)));
  }

  /** {@code Stats} of docs/api.md. */
  synchronized String frame(boolean typed) {
    JsonWriter out = new JsonWriter().beginObject();
    if (typed) out.key("type").string("stats");
    out.key("now").number(sampledMs);
    out.key("rates").raw(rates.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    store(out);
    out.key("workers").beginArray();
    for (Sample sample : samples) worker(sample, out);
    out.endArray();
    Ledger ledger = ledger(samples);
    out.key("ledger");
    LedgerJson.totals(ledger, out);
    out.key("ownBytes").number(ledger.bytes(LedgerCode.SELF));
    out.key("overload");
    if (overload == null) out.nullValue();
    else overload(out);
    return out.endObject().toString();
  }

  private void overload(JsonWriter out) {
    LedgerCode code = LedgerCodec.code(overload.cause);
    out.beginObject().key("since").number(overload.sinceMs).key("cause").string(overload.cause);
    out.key("message").string(code == null ? overload.cause : code.title + ". " + code.remedy).endObject();
  }

  static Ledger ledger(List<Sample> samples) {
    Ledger sum = new Ledger();
    for (Sample sample : samples) if (sample.stats != null) sum.addAll(LedgerCodec.decode(sample.stats.getLedger()));
    return sum;
  }

  private void store(JsonWriter out) {
    long entries = 0;
    long entryBytes = 0;
    long packetBytes = 0;
    long oldestNs = Long.MAX_VALUE;
    long newestNs = 0;
    long entriesTtlMs = 0;
    long packetsTtlMs = 0;
    for (Sample sample : samples) {
      if (sample.stats == null) continue;
      var store = sample.stats.getStore();
      entries += store.getEntries();
      entryBytes += store.getEntryBytes();
      packetBytes += store.getPacketBytes();
      if (store.getOldestNs() > 0) oldestNs = Math.min(oldestNs, store.getOldestNs());
      newestNs = Math.max(newestNs, store.getNewestNs());
      entriesTtlMs = Math.max(entriesTtlMs, store.getEntriesTtlMs());
      packetsTtlMs = Math.max(packetsTtlMs, store.getPacketsTtlMs());
    }
    out.key("store").beginObject().key("entries").number(entries).key("entryBytes").number(entryBytes).key("packetBytes").number(packetBytes);
    out.key("oldest").number(oldestNs == Long.MAX_VALUE ? 0 : oldestNs / 1_000_000).key("newest").number(newestNs / 1_000_000);
    out.key("entriesTtlMs").number(entriesTtlMs).key("packetsTtlMs").number(packetsTtlMs).endObject();
  }

  private static void worker(Sample sample, JsonWriter out) {
    WorkerView view = sample.worker.view();
    Stats stats = sample.stats == null ? Stats.getDefaultInstance() : sample.stats;
    out.beginObject().key("node").string(view == null ? "" : view.names().node()).key("version").string(view == null ? "" : view.hello().getVersion());
    out.key("backend").string(view == null ? "" : view.hello().getBackend()).key("connected").bool(sample.stats != null);
    if (sample.stats == null) out.key("problem").string(sample.worker.problem());
    out.key("packets").number(stats.getPackets()).key("bytes").number(stats.getBytes());
    out.key("drops").beginArray();
    for (Account drop : stats.getDropsList()) drop(drop.getCode(), drop.getPackets(), drop.getBytes(), out);
    out.endArray();
    out.key("liveConnections").number(stats.getLiveConnections()).key("rssBytes").number(stats.getRssBytes());
    out.key("heapBytes").number(stats.getHeapBytes()).endObject();
  }

  static void drop(String code, long packets, long bytes, JsonWriter out) {
    LedgerCode known = LedgerCodec.code(code);
    out.beginObject().key("code").string(code).key("title").string(known == null ? code : known.title);
    out.key("packets").number(packets).key("bytes").number(bytes).endObject();
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
