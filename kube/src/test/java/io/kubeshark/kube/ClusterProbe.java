package io.kubeshark.kube;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * By hand, on a cluster: follows it and says what changes, with the memory that this takes. KUBECONFIG says where;
 * arguments: namespace of the release, then {@code hub} for what the hub watches, then for how many seconds.
 */
public final class ClusterProbe {
  private ClusterProbe() {}

  public static void main(String[] args) throws Exception {
    ClusterTable table = new ClusterTable(System.getenv().getOrDefault("NODE_NAME", ""));
    try (KubeApi api = KubeApi.open();
        ClusterWatch watch = ClusterWatch.start(api, table, new ClusterWatch.Options(args[0], "kubeshark", args[1].equals("hub")),
            new Printer(table))) {
      boolean synced = watch.awaitSync(Duration.ofSeconds(20));
      say("synced " + synced + ", problem '" + watch.problem() + "'");
      String problem = watch.problem();
      for (int second = 0; second < Integer.parseInt(args[2]); second++) {
        Thread.sleep(1000);
        if (!problem.equals(watch.problem())) say("problem: '" + (problem = watch.problem()) + "'");
        if (second % 10 == 0) say(table.counts() + ", lists " + watch.lists() + ", contact "
            + Instant.ofEpochSecond(watch.lastContactNs() / 1_000_000_000L));
      }
      System.gc();
      Files.lines(Path.of("/proc/self/status")).filter(line -> line.startsWith("VmRSS") || line.startsWith("RssAnon")).forEach(ClusterProbe::say);
      say("heap after gc " + (Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory() >> 10) + " KiB");
    }
  }

  private static void say(Object text) {
    System.out.println(Instant.now() + " " + text);
  }

  private record Printer(ClusterTable table) implements ClusterWatch.Listener {
    @Override
    public void targets(TargetSet targets) {
      say("targets: " + targets.size() + " addresses, " + table.counts());
    }

    @Override
    public void settings(java.util.Map<String, String> data) {
      say("settings: " + data);
    }

    @Override
    public void event(KubernetesEvent event) {
      if (!event.reason().equals("Pulled")) say("event: " + event);
    }

    @Override
    public void workers(List<Pod> workers) {
      say("workers: " + workers.stream().map(pod -> pod.name() + "@" + pod.ip()).toList());
    }
  }
}
