package io.kubeshark.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code kubeshark clean}: Helm's uninstall, then a look at every kind of object that the API server has. */
final class Cleanup {
  // A kubelet that failed to end a pod (a volume still busy) tries again after up to 90 s, and more than one may be unlucky in turn.
  private static final Duration GONE_TIMEOUT = Duration.ofSeconds(240);
  private static final long POLL_MS = 500;

  private final Config config;
  private boolean json;

  Cleanup(Config config) {
    this.config = config;
  }

  int run(boolean json) throws InterruptedException {
    this.json = json;
    try (Cluster cluster = Cluster.of(config)) {
      cluster.requireVersion();
      Release release = new Release(cluster, config);
      Leftovers leftovers = new Leftovers(cluster, release);
      boolean byHelm;
      try (Helm helm = new Helm(cluster)) {
        byHelm = helm.uninstall(release);
      }
      // What `kubectl apply` made, or Helm forgot.
      List<Leftovers.Item> rest = leftovers.find();
      boolean nothing = !byHelm && rest.isEmpty();
      List<String> refused = leftovers.delete(rest);
      rest = awaitGone(leftovers, rest);
      return report(release, nothing, rest, refused, leftovers.unknown());
    }
  }

  private List<Leftovers.Item> awaitGone(Leftovers leftovers, List<Leftovers.Item> found) throws InterruptedException {
    long deadlineNs = System.nanoTime() + GONE_TIMEOUT.toNanos();
    List<Leftovers.Item> rest = found;
    long told = -1;
    while (!rest.isEmpty() && System.nanoTime() < deadlineNs) {
      long pods = rest.stream().filter(item -> item.kind().equals("Pod")).count();
      if (!json && pods > 0 && pods != told) System.out.println("Waiting until " + Targets.plural(pods, "pod") + (pods == 1 ? " is" : " are") + " gone …");
      told = pods;
      Thread.sleep(POLL_MS);
      rest = leftovers.find(rest);
    }
    return leftovers.find();
  }

  private int report(Release release, boolean nothing, List<Leftovers.Item> rest, List<String> refused, List<String> unknown) {
    if (json) {
      Map<String, Object> said = new LinkedHashMap<>();
      said.put("release", release.name());
      said.put("namespace", release.namespace());
      said.put("clean", rest.isEmpty() && unknown.isEmpty());
      said.put("remaining", rest);
      said.put("refused", refused);
      said.put("notChecked", unknown);
      System.out.println(Json.text(said));
      return rest.isEmpty() && unknown.isEmpty() ? 0 : Failure.FAILED;
    }
    if (!rest.isEmpty() || !unknown.isEmpty()) throw new Failure(words(rest, refused, unknown));
    System.out.println(nothing ? "Nothing to remove: there is no release '" + release.name() + "' in namespace '" + release.namespace() + "'" + elsewhere(release) + "."
        : "Kubeshark is removed: no object of release '" + release.name() + "' remains"
        + ("default".equals(release.namespace()) ? "." : "; the namespace '" + release.namespace() + "' stays."));
    return 0;
  }

  private static String elsewhere(Release release) {
    String other = release.elsewhere();
    return other == null ? "" : ", but there is one in '" + other + "' (-s " + other + ")";
  }

  private static String words(List<Leftovers.Item> rest, List<String> refused, List<String> unknown) {
    List<String> lines = new ArrayList<>();
    if (!rest.isEmpty()) {
      lines.add("not everything could be removed; what remains:");
      for (Leftovers.Item item : rest) lines.add("  " + item);
    }
    for (String refusal : refused) lines.add("  " + refusal);
    if (!unknown.isEmpty()) lines.add("whether anything remains is not known for " + String.join(", ", unknown) + ": you may not list these");
    return String.join("\n", lines);
  }
}
