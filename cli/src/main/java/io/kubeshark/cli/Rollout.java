package io.kubeshark.cli;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Waits until an installation's pods are ready, tells what each is doing meanwhile, and why one is not. */
final class Rollout {
  private static final long POLL_MS = 400;
  private static final String READY = "ready";
  private static final String STARTING = "starting";

  private final Cluster cluster;
  private final Release release;
  private final Consumer<String> news;
  /** Pod to what was last told of it. */
  private final Map<String, String> told = new TreeMap<>();

  Rollout(Cluster cluster, Release release, Consumer<String> news) {
    this.cluster = cluster;
    this.release = release;
    this.news = news;
  }

  /** What is there of what is wanted. A workers' count of 0 wanted: the DaemonSet matches no node. */
  private record State(int workersWanted, int workersReady, boolean hub, boolean front) {
    boolean complete() {
      return hub && front && workersWanted > 0 && workersReady >= workersWanted;
    }

    boolean usable() {
      return hub && front && workersReady > 0;
    }
  }

  /** @throws Failure if dashboard, hub or all workers are not ready in time; fewer workers than wanted are told only */
  void await(Duration timeout) throws InterruptedException {
    long deadlineNs = System.nanoTime() + timeout.toNanos();
    State state = look();
    while (!state.complete() && System.nanoTime() < deadlineNs) {
      Thread.sleep(POLL_MS);
      state = look();
    }
    if (state.complete()) {
      news.accept("Ready: " + Targets.plural(state.workersReady, "worker") + ", hub, front.");
      return;
    }
    List<String> reasons = reasons(state);
    if (state.usable()) {
      news.accept("Going on with " + state.workersReady + " of " + Targets.plural(state.workersWanted, "worker") + "; not ready: " + String.join("; ", reasons));
      return;
    }
    throw new Failure("Kubeshark is not ready after " + timeout.toSeconds() + " s: " + String.join("; ", reasons)
        + "\nThe installation stays: `kubeshark logs" + release.options() + "` collects what there is to know, `kubeshark clean" + release.options() + "` removes it.");
  }

  private State look() {
    int ready = 0;
    boolean hub = false;
    boolean front = false;
    for (Pod pod : release.pods()) {
      if (pod.getMetadata().getDeletionTimestamp() != null) continue;
      String doing = doing(pod);
      tell(pod, doing);
      if (!doing.equals(READY)) continue;
      switch (Release.component(pod)) {
        case Release.WORKER -> ready++;
        case Release.HUB -> hub = true;
        case Release.FRONT -> front = true;
        default -> {}
      }
    }
    return new State(wanted(), ready, hub, front);
  }

  private int wanted() {
    DaemonSet workers = cluster.ask("read the workers' DaemonSet",
        client -> client.apps().daemonSets().inNamespace(release.namespace()).withName(Release.WORKER_DAEMON_SET).get());
    boolean seen = workers != null && workers.getStatus() != null && workers.getStatus().getObservedGeneration() != null;
    return seen && workers.getStatus().getDesiredNumberScheduled() != null ? workers.getStatus().getDesiredNumberScheduled() : 0;
  }

  private void tell(Pod pod, String doing) {
    String name = pod.getMetadata().getName();
    if (doing.equals(told.put(name, doing))) return;
    String node = pod.getSpec().getNodeName();
    news.accept("  " + name + (node == null ? "" : " on " + node) + ": " + doing);
    if (doing.startsWith(PodTrouble.CRASH)) for (String line : PodTrouble.lastWords(cluster, pod)) news.accept("    | " + line);
  }

  private static String doing(Pod pod) {
    if (Readiness.isPodReady(pod)) return READY;
    String trouble = PodTrouble.of(pod);
    return trouble == null ? STARTING : trouble;
  }

  private List<String> reasons(State state) {
    List<String> reasons = new ArrayList<>();
    for (Pod pod : release.pods()) {
      String doing = doing(pod);
      String warning = doing.equals(STARTING) ? PodTrouble.lastWarning(cluster, pod) : null;
      if (!doing.equals(READY) && pod.getMetadata().getDeletionTimestamp() == null) reasons.add(pod.getMetadata().getName() + ": " + (warning == null ? doing : warning));
    }
    if (state.workersWanted == 0) reasons.add("the workers' DaemonSet matches no node (tap.nodeSelectorTerms.workers, tap.tolerations.workers)");
    reasons.addAll(refusedPods());
    return reasons.isEmpty() ? List.of("no pod was made") : reasons;
  }

  /** Pods that could not even be made (quota, admission): only events tell. */
  private List<String> refusedPods() {
    List<String> refused = new ArrayList<>();
    try {
      for (Event event : cluster.client().v1().events().inNamespace(release.namespace()).withField("reason", "FailedCreate").list().getItems()) {
        String object = event.getInvolvedObject().getName();
        if (object != null && object.startsWith(Release.PROGRAM)) refused.add(object + ": " + event.getMessage());
      }
    } catch (KubernetesClientException e) {
      // May not be read: then this much is not known.
    }
    return refused.stream().distinct().toList();
  }
}
