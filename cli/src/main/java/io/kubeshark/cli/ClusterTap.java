package io.kubeshark.cli;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.kubeshark.kube.Targeting;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;

/** {@code kubeshark tap} on a cluster: shows what will be targeted, installs or re-targets, opens the dashboard, follows the targets. */
final class ClusterTap {
  private static final Duration READY_TIMEOUT = Duration.ofSeconds(120);
  private static final int PODS_SHOWN_MAX = 200;
  /** What the ConfigMap carries, so that no pod restarts for it; and what is no matter of the installation. */
  private static final Set<String> LIVE = Set.of("tap.regex", "tap.namespaces", "tap.excludedNamespaces", "tap.bpfOverride", "tap.dryRun", "headless");
  private static final List<String> OURS = List.of("kube.", "logs.", "tap.proxy.", "tap.release.");

  private final Config config;
  private final Targeting rule;
  private final PrintStream out = System.out;
  private volatile boolean installed;

  ClusterTap(Config config) {
    this.config = config;
    rule = Targets.rule(config);
  }

  int run(boolean json) throws InterruptedException {
    if (json && !config.flag("tap.dryRun")) throw new Failure(Failure.USAGE, "-o json is for --dryRun: the dashboard's API has the rest (docs/api.md)");
    try (Cluster cluster = Cluster.of(config)) {
      String version = cluster.requireVersion();
      List<Targets.Target> targets = Targets.list(cluster, rule, new String[1]);
      if (json) {
        out.println(Json.text(Targets.json(rule, targets)));
        return 0;
      }
      tell("Kubernetes " + version + " at " + cluster.address());
      preview(cluster, targets);
      if (config.flag("tap.dryRun")) return 0;
      Release release = new Release(cluster, config);
      Thread goodbye = Thread.ofPlatform().unstarted(() -> goodbye(release));
      Runtime.getRuntime().addShutdownHook(goodbye);
      try {
        bringUp(cluster, release);
      } catch (Failure failure) {
        installed = false; // the failure says what is left
        throw failure;
      }
      return show(cluster, release, targets);
    }
  }

  private void tell(String line) {
    out.println(line);
    out.flush();
  }

  private void preview(Cluster cluster, List<Targets.Target> targets) {
    if (targets.isEmpty()) {
      tell("No pod is targeted now (" + Targets.words(rule) + "); those that appear later will be.");
    } else {
      tell("Targeting " + Targets.count(targets) + ":");
      for (Targets.Target target : targets.subList(0, Math.min(PODS_SHOWN_MAX, targets.size()))) {
        tell("  " + target.key() + (target.node().isEmpty() ? "" : " on " + target.node()));
      }
      if (targets.size() > PODS_SHOWN_MAX) tell("  … and " + (targets.size() - PODS_SHOWN_MAX) + " more");
    }
    for (String namespace : rule.namespaces()) {
      boolean empty = targets.stream().noneMatch(target -> target.namespace().equals(namespace));
      if (empty && !exists(cluster, namespace)) tell("There is no namespace '" + namespace + "' (yet).");
    }
  }

  private static boolean exists(Cluster cluster, String namespace) {
    try {
      return cluster.client().namespaces().withName(namespace).get() != null;
    } catch (RuntimeException e) {
      return true; // may not be asked: no claim
    }
  }

  private void bringUp(Cluster cluster, Release release) throws InterruptedException {
    ConfigMap settings = release.settings();
    if (settings != null) {
      installed = true;
      retarget(cluster, release, settings);
    } else {
      install(cluster, release);
    }
    new Rollout(cluster, release, this::tell).await(READY_TIMEOUT);
  }

  private void retarget(Cluster cluster, Release release, ConfigMap settings) {
    Map<String, String> data = settings.getData() == null ? Map.of() : settings.getData();
    Map<String, String> wanted = new TreeMap<>(rule.keys());
    wanted.put(Targets.BPF_OVERRIDE, config.text("tap.bpfOverride"));
    boolean same = wanted.entrySet().stream().allMatch(entry -> entry.getValue().equals(data.get(entry.getKey())));
    if (same) {
      tell("Kubeshark is installed in namespace '" + release.namespace() + "' with these targets already.");
    } else {
      cluster.ask("change ConfigMap " + Release.CONFIG_MAP + " in namespace '" + release.namespace() + "'", client -> client.configMaps()
          .inNamespace(release.namespace()).withName(Release.CONFIG_MAP).patch(PatchContext.of(PatchType.JSON_MERGE), Json.text(Map.of("data", wanted))));
      tell("Kubeshark is installed in namespace '" + release.namespace() + "' already: changed its targets, no pod restarts.");
    }
    Set<String> ignored = new TreeSet<>(config.origins().keySet());
    ignored.removeIf(key -> LIVE.contains(key) || OURS.stream().anyMatch(key::startsWith));
    if (!ignored.isEmpty()) {
      tell("These settings take effect only when it is installed anew (`kubeshark clean" + release.options() + "`, then tap): " + String.join(", ", ignored));
    }
  }

  private void install(Cluster cluster, Release release) {
    String elsewhere = release.elsewhere();
    if (elsewhere != null) {
      throw new Failure("Kubeshark is installed in namespace '" + elsewhere + "' already, and two on one node cannot be: re-target that one with -s " + elsewhere
          + ", or remove it with `kubeshark clean -s " + elsewhere + "`");
    }
    tell("Installing Kubeshark " + Version.NUMBER + " as release '" + release.name() + "' in namespace '" + release.namespace() + "' …");
    try (Chart chart = Chart.open(config.text("tap.release.helmChartPath")); Helm helm = new Helm(cluster)) {
      try {
        helm.install(release, chart.path(), config.chartValues());
      } catch (Failure failure) {
        undo(helm, release);
        throw failure;
      }
    }
    installed = true;
  }

  private static void undo(Helm helm, Release release) {
    try {
      helm.uninstall(release);
    } catch (Failure e) {
      System.err.println("kubeshark: what was made so far could not be removed: `kubeshark clean" + release.options() + "` tries again");
    }
  }

  private int show(Cluster cluster, Release release, List<Targets.Target> targets) throws InterruptedException {
    FrontRoute route = new FrontRoute(FrontAccess.of(cluster, release), this::tell);
    LocalProxy proxy = new LocalProxy(config.text("tap.proxy.host"), config.number("tap.proxy.front.port"), route);
    PodFollower follower = new PodFollower(cluster, rule, targets, this::tell);
    if (route.token() == null) tell("The hub's token cannot be read (Secret kubeshark-hub-token): the dashboard asks for it.");
    tell("Dashboard: " + proxy.url() + "   (Ctrl-C ends the connection; Kubeshark stays in the cluster)");
    if (!config.flag("headless")) Browser.open(proxy.url());
    follower.start();
    followRule(cluster, release, follower);
    new CountDownLatch(1).await();
    return 0;
  }

  /** Somebody may change the targets in the dashboard. */
  private static void followRule(Cluster cluster, Release release, PodFollower follower) {
    try {
      cluster.client().configMaps().inNamespace(release.namespace()).withName(Release.CONFIG_MAP).watch(new Watcher<>() {
        @Override
        public void eventReceived(Action action, ConfigMap settings) {
          if (action == Action.DELETED || settings.getData() == null) return;
          try {
            follower.rule(Targeting.parse(settings.getData()));
          } catch (IllegalArgumentException e) {
            // Workers keep the rule they have, and so does this.
          }
        }

        @Override
        public void onClose(WatcherException cause) {
          if (cause != null && cause.isHttpGone()) followRule(cluster, release, follower);
        }
      });
    } catch (RuntimeException e) {
      // The rule of this command is shown, as long as nobody changes it.
    }
  }

  private void goodbye(Release release) {
    if (!installed) return;
    tell("");
    tell("Kubeshark stays in the cluster: `kubeshark proxy" + release.options() + "` shows it again, `kubeshark clean" + release.options() + "` removes it.");
  }
}
