package io.kubeshark.cli;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether each node has a worker that runs and may capture, and whether hub and front run. */
final class DoctorNodes {
  /** TPACKET_V3. */
  private static final int KERNEL_MAJOR_MIN = 4;
  private static final Pattern KERNEL = Pattern.compile("^(\\d+)\\.(\\d+)");

  private final Cluster cluster;
  private final Release release;
  private final List<Finding> findings;

  DoctorNodes(Cluster cluster, Release release, List<Finding> findings) {
    this.cluster = cluster;
    this.release = release;
    this.findings = findings;
  }

  void examine() {
    Map<String, Pod> workers = new HashMap<>();
    boolean hub = false;
    boolean front = false;
    for (Pod pod : release.pods()) {
      if (pod.getMetadata().getDeletionTimestamp() != null) continue;
      switch (Release.component(pod)) {
        case Release.WORKER -> workers.put(pod.getSpec().getNodeName(), pod);
        case Release.HUB -> hub |= ready(pod);
        case Release.FRONT -> front |= ready(pod);
        default -> {}
      }
    }
    if (!hub) findings.add(Finding.problem("hub-not-ready", release.namespace(), "no hub pod is ready: nobody can look", "kubeshark logs" + release.options()));
    if (!front) findings.add(Finding.problem("front-not-ready", release.namespace(), "no front pod is ready: there is no dashboard", "kubeshark logs" + release.options()));
    try {
      for (Node node : cluster.client().nodes().list().getItems()) node(node, workers.get(node.getMetadata().getName()));
    } catch (KubernetesClientException e) {
      findings.add(Finding.note("nodes-unknown", "", cluster.failure("list nodes", e).getMessage(), ""));
      for (Pod worker : workers.values()) ready(worker);
    }
    workers.values().stream().findFirst().ifPresent(this::rights);
  }

  private boolean ready(Pod pod) {
    String name = pod.getMetadata().getName();
    if (Readiness.isPodReady(pod)) {
      int restarts = pod.getStatus().getContainerStatuses().stream().mapToInt(status -> status.getRestartCount() == null ? 0 : status.getRestartCount()).sum();
      findings.add(restarts == 0 ? Finding.ok("ready", name, "is ready") : Finding.note("restarted", name, "is ready, after " + Targets.plural(restarts, "restart"),
          "kubeshark logs" + release.options() + " has the log before the restart"));
      return true;
    }
    String trouble = PodTrouble.of(pod) != null ? PodTrouble.of(pod) : PodTrouble.lastWarning(cluster, pod);
    List<String> words = trouble != null && trouble.startsWith(PodTrouble.CRASH) ? PodTrouble.lastWords(cluster, pod) : List.of();
    findings.add(Finding.problem("not-ready", name, (trouble == null ? "is not ready yet" : trouble) + (words.isEmpty() ? "" : "; its log ends: " + words.getLast()), remedy(trouble)));
    return false;
  }

  private String remedy(String trouble) {
    if (trouble == null) return "wait; then kubeshark logs" + release.options();
    if (trouble.contains("image")) return "make the image available to the node's registry (tap.docker.registry, tap.docker.tag, tap.docker.imagePullSecrets)";
    if (trouble.contains("scheduled")) return "free what it asks for, or lower tap.resources, or set tap.tolerations and tap.nodeSelectorTerms";
    return "kubeshark logs" + release.options();
  }

  private void node(Node node, Pod worker) {
    String name = node.getMetadata().getName();
    String kernel = node.getStatus().getNodeInfo() == null ? "" : node.getStatus().getNodeInfo().getKernelVersion();
    String system = node.getStatus().getNodeInfo() == null ? "linux" : node.getStatus().getNodeInfo().getOperatingSystem();
    for (NodeCondition condition : node.getStatus().getConditions()) {
      if (condition.getType().equals("Ready") && !condition.getStatus().equals("True")) {
        findings.add(Finding.problem("node-not-ready", name, "the node is not ready: " + condition.getMessage(), "its pods are not seen until it is"));
      }
    }
    if (worker == null) {
      boolean linux = "linux".equals(system);
      findings.add(linux ? Finding.problem("no-worker", name, "no worker runs on this node: calls between its pods are not seen" + taints(node),
          "tolerate its taints (tap.tolerations.workers) and select it (tap.nodeSelectorTerms.workers)")
          : Finding.note("no-worker", name, "no worker runs on " + system, "only Linux nodes can be watched"));
      return;
    }
    ready(worker);
    Matcher version = KERNEL.matcher(kernel);
    boolean old = version.find() && Integer.parseInt(version.group(1)) < KERNEL_MAJOR_MIN;
    if (old) {
      findings.add(Finding.problem("kernel-old", name, "kernel " + kernel + " is older than " + KERNEL_MAJOR_MIN + ".0", "upgrade the node"));
    } else {
      findings.add(Finding.ok("kernel", name, "kernel " + kernel));
    }
  }

  private static String taints(Node node) {
    List<String> taints = new ArrayList<>();
    if (node.getSpec().getTaints() != null) for (Taint taint : node.getSpec().getTaints()) taints.add(taint.getKey() + ":" + taint.getEffect());
    return taints.isEmpty() ? "" : " (it has the taints " + String.join(", ", taints) + ")";
  }

  /** All workers are of one template. */
  private void rights(Pod worker) {
    if (!Boolean.TRUE.equals(worker.getSpec().getHostNetwork())) {
      findings.add(Finding.problem("no-host-network", Release.WORKER_DAEMON_SET, "workers have a network of their own: they see no pod but themselves", "tap.hostNetwork=true"));
    }
    for (Container container : worker.getSpec().getContainers()) {
      if (!"sniffer".equals(container.getName())) continue;
      SecurityContext context = container.getSecurityContext();
      boolean added = context != null && context.getCapabilities() != null && context.getCapabilities().getAdd() != null
          && context.getCapabilities().getAdd().stream().anyMatch(right -> right.equals("NET_RAW") || right.equals("ALL"));
      boolean privileged = context != null && Boolean.TRUE.equals(context.getPrivileged());
      boolean dropped = context != null && context.getCapabilities() != null && context.getCapabilities().getDrop() != null && !context.getCapabilities().getDrop().isEmpty();
      if (added || privileged || !dropped) {
        findings.add(Finding.ok("net-raw", Release.WORKER_DAEMON_SET, "workers may capture (NET_RAW)"));
      } else {
        findings.add(Finding.problem("no-net-raw", Release.WORKER_DAEMON_SET, "workers lack the capability NET_RAW: they cannot capture", "install the chart unchanged, or add NET_RAW to container sniffer"));
      }
    }
  }
}
