package io.kubeshark.cli;

import io.fabric8.kubernetes.api.model.Pod;
import io.kubeshark.kube.Targeting;
import java.util.ArrayList;
import java.util.List;

/** Whether the rule targets anything, and what about the targets limits what is seen of them. */
final class DoctorTargets {
  private static final int NAMED_MAX = 5;

  private final Cluster cluster;
  private final Targeting rule;
  private final List<Finding> findings;

  DoctorTargets(Cluster cluster, Targeting rule, List<Finding> findings) {
    this.cluster = cluster;
    this.rule = rule;
    this.findings = findings;
  }

  void examine() {
    List<Targets.Target> targets = new ArrayList<>();
    List<String> pending = new ArrayList<>();
    List<String> hostNetwork = new ArrayList<>();
    List<Pod> pods = cluster.ask("list pods", client -> Targets.pods(client, rule).list().getItems());
    for (Pod pod : pods) {
      if (!Targets.matches(rule, pod)) continue;
      Targets.Target target = Targets.Target.of(pod);
      targets.add(target);
      if (!"Running".equals(pod.getStatus().getPhase())) pending.add(target.key());
      if (Boolean.TRUE.equals(pod.getSpec().getHostNetwork())) hostNetwork.add(target.key());
    }
    if (targets.isEmpty()) {
      findings.add(Finding.problem("no-target", "", "no pod is targeted (" + Targets.words(rule) + ")", "`kubeshark tap` targets all pods; `kubeshark tap --dryRun …` tries a rule"));
    } else {
      findings.add(Finding.ok("targets", "", "targeting " + Targets.count(targets) + " (" + Targets.words(rule) + ")"));
    }
    if (!pending.isEmpty()) findings.add(Finding.note("target-not-running", some(pending), "targeted, but not running: there is nothing to see yet", ""));
    if (!hostNetwork.isEmpty()) {
      findings.add(Finding.note("host-network", some(hostNetwork), "use their node's network: seen at the node's interfaces, under the node's address; several such pods of a node cannot be told apart", ""));
    }
  }

  private static String some(List<String> names) {
    String some = String.join(", ", names.subList(0, Math.min(NAMED_MAX, names.size())));
    return names.size() <= NAMED_MAX ? some : some + " and " + (names.size() - NAMED_MAX) + " more";
  }
}
