package io.kubeshark.kube;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import tools.jackson.databind.JsonNode;

/**
 * Keeps a {@link ClusterTable} as the API server has it. Goes on for ever: through lost watches, restarts of the API server, 410 Gone and
 * no API server at all; what is known stays known meanwhile.
 */
public final class ClusterWatch implements AutoCloseable {
  public static final String CONFIG_MAP = "kubeshark-config-map";
  /** Changes within this time make one new target set. */
  private static final long DEBOUNCE_MS = 80;
  /** With nothing heard for so long, the server is asked whether it is there. */
  private static final long QUIET_MAX_NS = 30_000_000_000L;
  private static final int PROBES_FAILED_MAX = 3;
  /** It was heard from this short a time ago: so it is there. */
  private static final long TROUBLE_NS = 5_000_000_000L;
  private static final String COMPONENT_WORKER = "worker";

  /**
   * @param namespace of the release
   * @param release its name, the label app.kubernetes.io/instance
   * @param events whether events and namespaces are watched, too: the hub does, workers don't
   */
  public record Options(String namespace, String release, boolean events) {}

  /** Called on one thread at a time; should not block. */
  public interface Listener {
    /** The table's target set is a new one. */
    default void targets(TargetSet targets) {}

    /** The ConfigMap's keys; the table's targeting is set already (kept as it was if the regex is none: {@link #problem()}). */
    default void settings(Map<String, String> data) {}

    /** Also for those that the API server still knew at the start; {@link KubernetesEvent#timeNs()} says when it was. */
    default void event(KubernetesEvent event) {}

    /** The release's worker pods that have an address and are not over. */
    default void workers(List<Pod> workers) {}
  }

  private final KubeApi api;
  private final ClusterTable table;
  private final Options options;
  private final Listener listener;
  private final LongSupplier clockNs;
  private final PodEvents podEvents;
  private final EventFeed eventFeed;
  private final List<ListWatch> watches = new ArrayList<>();
  private final CountDownLatch synced = new CountDownLatch(1);
  private final Object wake = new Object();
  private boolean dirty = true;
  private List<Pod> workers = List.of();
  private boolean workersTold;
  private final AtomicInteger probesFailed = new AtomicInteger();
  private volatile long probedNs;
  private volatile long probeAnsweredNs;
  private volatile String probeProblem = "";
  private volatile String settingsProblem = "";
  private volatile boolean closed;
  private Thread ticker;

  private ClusterWatch(KubeApi api, ClusterTable table, Options options, Listener listener, LongSupplier clockNs) {
    this.api = api;
    this.table = table;
    this.options = options;
    this.listener = listener;
    this.clockNs = clockNs;
    this.podEvents = new PodEvents(this::tell);
    this.eventFeed = new EventFeed(this::tell);
  }

  /** Returns at once; the table fills as the API server answers. Closing the API is the caller's. */
  public static ClusterWatch start(KubeApi api, ClusterTable table, Options options, Listener listener) {
    ClusterWatch watch = new ClusterWatch(api, table, options, listener, ClusterWatch::wallClockNs);
    watch.begin();
    return watch;
  }

  private static long wallClockNs() {
    return ChronoUnit.NANOS.between(Instant.EPOCH, Instant.now());
  }

  private void begin() {
    // One that is deleted leaves the targets as they are: the release is being uninstalled, and nothing should be taken that was not before.
    String settings = "/api/v1/namespaces/" + options.namespace + "/configmaps?fieldSelector=metadata.name%3D" + CONFIG_MAP;
    add("the settings", settings, this::settings, _ -> { });
    add("pods", "/api/v1/pods", this::pod, this::podGone);
    add("services", "/api/v1/services", object -> table.put(ApiObjects.service(object), now()), removal(table::removeService));
    EndpointPlace place = new EndpointPlace(api);
    add("endpoints", place, object -> table.put(place.read(object), now()), removal(table::removeEndpoints));
    add("nodes", "/api/v1/nodes", object -> table.put(ApiObjects.node(object), now()),
        object -> table.removeNode(ApiObjects.name(object), now()));
    if (options.events) {
      add("namespaces", "/api/v1/namespaces", object -> table.putNamespace(ApiObjects.name(object)),
          object -> table.removeNamespace(ApiObjects.name(object)));
      add("events", "/api/v1/events", eventFeed::put, _ -> { });
    }
    watches.forEach(watch -> Thread.ofVirtual().name("kube-watch").start(watch));
    ticker = Thread.ofVirtual().name("kube-ticker").start(this::tick);
  }

  private interface Removal {
    void remove(String namespace, String name, long nowNs);
  }

  private Consumer<JsonNode> removal(Removal removal) {
    return object -> removal.remove(ApiObjects.namespace(object), ApiObjects.name(object), now());
  }

  private void add(String what, String path, Consumer<JsonNode> put, Consumer<JsonNode> delete) {
    add(what, () -> path, put, delete);
  }

  private void add(String what, ListWatch.Place place, Consumer<JsonNode> put, Consumer<JsonNode> delete) {
    watches.add(new ListWatch(api, what, place, new ListWatch.Sink() {
      @Override
      public void put(JsonNode object) {
        put.accept(object);
        changed();
      }

      @Override
      public void delete(JsonNode object) {
        delete.accept(object);
        changed();
      }
    }, clockNs));
  }

  private long now() {
    return clockNs.getAsLong();
  }

  private void pod(JsonNode object) {
    Pod pod = ApiObjects.pod(object);
    podEvents.changed(table.pod(pod.namespace(), pod.name()), pod);
    table.put(pod, now());
  }

  private void podGone(JsonNode object) {
    // A watch tells the last state, which says when the containers ended; a list that does not have the pod any more does not.
    if (object.path("status").isObject()) pod(object);
    table.removePod(ApiObjects.namespace(object), ApiObjects.name(object), now());
  }

  private void settings(JsonNode configMap) {
    Map<String, String> data = ApiObjects.data(configMap);
    try {
      table.targeting(Targeting.parse(data));
      settingsProblem = "";
    } catch (IllegalArgumentException e) {
      settingsProblem = "ConfigMap " + options.namespace + '/' + CONFIG_MAP + ": " + e.getMessage() + "; the targets stay as they were";
    }
    synchronized (listener) {
      listener.settings(data);
    }
  }

  private void tell(KubernetesEvent event) {
    synchronized (listener) {
      listener.event(event);
    }
  }

  private void changed() {
    synchronized (wake) {
      dirty = true;
      wake.notifyAll();
    }
  }

  /** New target sets soon after changes; each second what time brings. */
  private void tick() {
    while (!closed) {
      try {
        boolean soon;
        synchronized (wake) {
          if (!dirty) wake.wait(1_000);
          soon = dirty;
          dirty = false;
        }
        if (soon) Thread.sleep(DEBOUNCE_MS);
        refresh();
        check();
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void refresh() {
    if (synced.getCount() > 0 && watches.stream().allMatch(ListWatch::settled)) synced.countDown();
    // Half a table makes wrong targets: calls would be taken at both ends.
    if (synced.getCount() > 0 || !table.refresh(now())) return;
    synchronized (listener) {
      listener.targets(table.targets());
      List<Pod> found = table.pods().stream().filter(this::worker).toList();
      if (workersTold && found.equals(workers)) return;
      workers = found;
      workersTold = true;
      listener.workers(found);
    }
  }

  private boolean worker(Pod pod) {
    return pod.namespace().equals(options.namespace) && pod.component(options.release).equals(COMPONENT_WORKER) && !pod.ips().isEmpty();
  }

  /** Finds connections that are open but dead. */
  private void check() {
    long now = now();
    watches.forEach(watch -> watch.check(now));
    if (lastContactNs() == 0 || now - Math.max(lastContactNs(), probedNs) < QUIET_MAX_NS) return;
    probedNs = now;
    Thread.ofVirtual().name("kube-probe").start(this::probe);
  }

  private void probe() {
    try {
      api.get("/version");
      probeAnsweredNs = now();
      probesFailed.set(0);
      probeProblem = "";
    } catch (KubeApi.Refused e) {
      probeAnsweredNs = now();
    } catch (IOException e) {
      probeProblem = e.getMessage();
      if (probesFailed.incrementAndGet() < PROBES_FAILED_MAX) return;
      probesFailed.set(0);
      watches.forEach(ListWatch::reopen);
    }
  }

  /** Waits until everything was listed once, or refused: then {@link #problem()} says what. @return false: not within the time */
  public boolean awaitSync(Duration timeout) throws InterruptedException {
    return synced.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** What is wrong, in a sentence, or "". */
  public String problem() {
    String away = "";
    String refused = "";
    for (ListWatch watch : watches) {
      if (watch.problem().isEmpty()) continue;
      if (watch.refused()) refused = refused.isEmpty() ? watch.problem() : refused;
      else away = watch.problem();
    }
    if (away.isEmpty() && lastContactNs() < probedNs) away = probeProblem;
    if (!away.isEmpty()) {
      String since = lastContactNs() == 0 ? "nothing is known of pods yet"
          : "names and targets are as of " + Instant.ofEpochSecond(lastContactNs() / 1_000_000_000L);
      String how = now() - lastContactNs() < TROUBLE_NS ? " does not answer everything (" : " does not answer (";
      return "The Kubernetes API server " + api.server() + how + away + "); " + since + "; trying again.";
    }
    if (!refused.isEmpty()) return refused + " — the service account lacks a right: see the chart's ClusterRole.";
    return settingsProblem;
  }

  /** Epoch: when the API server last said something, 0: never. Under a minute ago while all is well. */
  public long lastContactNs() {
    long last = probeAnsweredNs;
    for (ListWatch watch : watches) last = Math.max(last, watch.contactNs());
    return last;
  }

  /** How often lists were taken: one for each kind of object, and one more for each watch that fell behind. */
  public long lists() {
    return watches.stream().mapToLong(ListWatch::lists).sum();
  }

  @Override
  public void close() {
    closed = true;
    watches.forEach(ListWatch::close);
    ticker.interrupt();
  }
}
