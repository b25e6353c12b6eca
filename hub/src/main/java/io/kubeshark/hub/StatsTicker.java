package io.kubeshark.hub;

import io.kubeshark.core.Ledger;
import io.kubeshark.core.LedgerCode;
import io.kubeshark.render.JsonWriter;
import io.kubeshark.render.LedgerJson;
import io.kubeshark.wire.LedgerCodec;
import io.kubeshark.wire.proto.Account;
import io.kubeshark.wire.proto.BlindSpot;
import io.kubeshark.wire.proto.Envelope;
import io.kubeshark.wire.proto.GetStats;
import io.kubeshark.wire.proto.Stats;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Asks the workers for their counters once a second while a browser is there, and makes rates of them. */
final class StatsTicker implements AutoCloseable {
  private static final long PERIOD_MS = 1000;
  /** Counters younger than this answer a REST call. */
  private static final long FRESH_MS = 500;
  /** Overload is shown for so long after the last drop. */
  private static final long OVERLOAD_SHOWN_MS = 10_000;

  /** A worker that does not answer by then is shown as such, and keeps nobody waiting longer; one alone gets more time. */
  private static final long ANSWER_MS = 2000;
  /** Rates over a longer time say nothing of now. */
  private static final long RATE_MS_MAX = 10_000;

  /**
   * @param stats null: the worker does not answer
   * @param problem why, or null
   * @param restart that is still news, or null
   */
  record Sample(WorkerConnection worker, Stats stats, String problem, Restarts.Restart restart) {}

  private record Overload(long sinceMs, String cause) {}

  private final Workers workers;
  private final Set<BrowserSession> browsers = ConcurrentHashMap.newKeySet();
  private final Thread thread;

  // Guarded by this.
  private List<Sample> samples = List.of();
  private long sampledMs;
  private Map<WorkerConnection, Totals> before = Map.of();
  private String rates = "{\"entriesPerSecond\":0,\"packetsPerSecond\":0,\"bytesPerSecond\":0}";
  private final Map<String, Long> dropped = new HashMap<>();
  private final Restarts restarts = new Restarts();
  private Overload overload;
  private long lastDropMs;
  /** Workers times codes; over it, counting begins anew. */
  private static final int DROPPED_MAX = 10_000;

  private final Supplier<String> targets;
  private volatile boolean targetsChanged;
  private volatile String last;

  private record Totals(long ms, long entries, long packets, long bytes) {}

  /** @param targets the frame that tells which pods are targets */
  StatsTicker(Workers workers, Supplier<String> targets) {
    this.workers = workers;
    this.targets = targets;
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
        tellTargets();
        tellEnd();
        Thread.sleep(PERIOD_MS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The pods that are targets have changed: told with the next frame of figures. */
  void targetsChanged() {
    targetsChanged = true;
  }

  private void tellTargets() {
    if (!targetsChanged) return;
    targetsChanged = false;
    // Also one that equals the last told: whoever applied a rule was told it at once, and it may have been taken back within the second.
    String frame = targets.get();
    for (BrowserSession browser : browsers) browser.tell(frame);
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
    List<WorkerConnection> all = workers.all();
    Sample[] now = new Sample[all.size()];
    List<Thread> asking = new ArrayList<>();
    for (int i = 0; i < now.length; i++) {
      int at = i;
      asking.add(Thread.ofVirtual().name("stats " + all.get(i).name()).start(() -> now[at] = sample(all.get(at), all.size())));
    }
    try {
      for (Thread thread : asking) thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    sampledMs = System.currentTimeMillis();
    samples = Stream.of(now).map(this::withRestart).toList();
    derive();
  }

  private static Sample sample(WorkerConnection worker, int workers) {
    Stats[] stats = {null};
    try {
      long id = worker.newId();
      worker.ask(id, Envelope.newBuilder().setGetStats(GetStats.newBuilder().setId(id)).build(), workers > 1 ? ANSWER_MS : Source.ANSWER_TIMEOUT_MS, frame -> {
        stats[0] = frame.getStats();
        return false;
      });
      return new Sample(worker, stats[0], null, null);
    } catch (ApiError unavailable) {
      return new Sample(worker, null, worker.connected() ? unavailable.getMessage() : worker.problem(), null);
    }
  }

  private Sample withRestart(Sample sample) {
    WorkerView view = sample.worker.view();
    if (sample.stats == null || view == null) return sample;
    restarts.saw(sample.worker.name(), view.hello(), sample.stats, sampledMs);
    return new Sample(sample.worker, sample.stats, null, restarts.of(sample.worker.name(), sample.stats, sampledMs));
  }

  private void derive() {
    Map<WorkerConnection, Totals> now = new HashMap<>();
    for (Sample sample : samples) {
      if (sample.stats == null) continue;
      now.put(sample.worker, new Totals(sampledMs, sample.stats.getEntries(), sample.stats.getPackets(), sample.stats.getBytes()));
      for (Account drop : sample.stats.getDropsList()) {
        Long earlier = dropped.put(sample.worker.name() + "/" + drop.getCode(), drop.getPackets());
        if (earlier == null || drop.getPackets() <= earlier) continue;
        if (overload == null || !overload.cause.equals(drop.getCode())) overload = new Overload(sampledMs, drop.getCode());
        lastDropMs = sampledMs;
      }
    }
    if (dropped.size() > DROPPED_MAX) dropped.clear();
    if (overload != null && sampledMs - lastDropMs > OVERLOAD_SHOWN_MS) overload = null;
    rates(now);
  }

  /** Of the workers that answered both times: one that comes back has not done its whole life's work in this second. */
  private void rates(Map<WorkerConnection, Totals> now) {
    double entries = 0;
    double packets = 0;
    double bytes = 0;
    for (Map.Entry<WorkerConnection, Totals> worker : now.entrySet()) {
      Totals earlier = before.get(worker.getKey());
      if (earlier == null) continue;
      long ms = sampledMs - earlier.ms;
      if (ms < PERIOD_MS / 2) return; // asked by a REST call in between
      if (ms > RATE_MS_MAX) continue;
      entries += Math.max(0, worker.getValue().entries - earlier.entries) * 1000.0 / ms;
      packets += Math.max(0, worker.getValue().packets - earlier.packets) * 1000.0 / ms;
      bytes += Math.max(0, worker.getValue().bytes - earlier.bytes) * 1000.0 / ms;
    }
    rates = new JsonWriter(128).beginObject().key("entriesPerSecond").number(Math.round(entries)).key("packetsPerSecond").number(Math.round(packets))
        .key("bytesPerSecond").number(Math.round(bytes)).endObject().toString();
    before = now;
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
    out.key("workersKnown").number(samples.size()).key("workersConnected").number(samples.stream().filter(sample -> sample.stats != null).count());
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
    out.beginObject();
    common(sample, out);
    Stats stats = sample.stats == null ? Stats.getDefaultInstance() : sample.stats;
    out.key("liveConnections").number(stats.getLiveConnections()).endObject();
  }

  private static void common(Sample sample, JsonWriter out) {
    WorkerView view = sample.worker.view();
    Stats stats = sample.stats == null ? Stats.getDefaultInstance() : sample.stats;
    out.key("node").string(view == null ? sample.worker.name() : view.names().node()).key("version").string(view == null ? "" : view.hello().getVersion());
    out.key("backend").string(view == null ? "" : view.hello().getBackend()).key("connected").bool(sample.stats != null);
    if (sample.stats == null) out.key("problem").string(sample.problem);
    if (sample.restart != null) restart(sample.restart, out);
    out.key("packets").number(stats.getPackets()).key("bytes").number(stats.getBytes());
    out.key("drops").beginArray();
    for (Account drop : stats.getDropsList()) drop(drop.getCode(), drop.getPackets(), drop.getBytes(), out);
    out.endArray();
    out.key("rssBytes").number(stats.getRssBytes()).key("heapBytes").number(stats.getHeapBytes());
  }

  private static void restart(Restarts.Restart restart, JsonWriter out) {
    out.key("restarted").beginObject().key("at").number(restart.atMs()).key("lastSeen").number(restart.lastSeenMs());
    out.key("entriesLost").number(restart.entriesLost()).key("times").number(restart.times()).endObject();
  }

  /** An element of {@code /api/workers}. */
  static void health(Sample sample, JsonWriter out) {
    out.beginObject().key("worker").string(sample.worker.name());
    common(sample, out);
    Stats stats = sample.stats == null ? Stats.getDefaultInstance() : sample.stats;
    out.key("entries").number(stats.getEntries()).key("connections").number(stats.getLiveConnections());
    out.key("targetedPods").number(stats.getTargetedPods()).key("hubStreams").number(stats.getHubStreams());
    out.key("blind").beginArray();
    for (BlindSpot spot : stats.getBlindList()) {
      out.beginObject().key("code").string(spot.getCode()).key("text").string(spot.getText()).key("remedy").string(spot.getRemedy()).endObject();
    }
    out.endArray();
    if (sample.stats != null && !stats.getKubeProblem().isEmpty()) out.key("problem").string(stats.getKubeProblem());
    out.endObject();
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
