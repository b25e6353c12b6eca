package io.kubeshark.kube;

import java.util.function.Consumer;

/** Events that nobody sends, but that a pod's status tells: a container was restarted, or killed for want of memory. */
final class PodEvents {
  private final Consumer<KubernetesEvent> sink;

  PodEvents(Consumer<KubernetesEvent> sink) {
    this.sink = sink;
  }

  /** @param before the pod as it was known, or null: then nothing has happened to it that one could tell */
  void changed(Pod before, Pod now) {
    if (before == null || !before.uid().equals(now.uid()) || before.containers().equals(now.containers())) return;
    for (Pod.Container container : now.containers()) {
      Pod.Container old = before.containers().stream().filter(other -> other.name().equals(container.name())).findFirst().orElse(null);
      if (old == null) continue;
      boolean ended = container.endedNs() > old.endedNs();
      if (ended && container.ended().equals("OOMKilled")) {
        tell(now, container, "OOMKilled", "Container " + container.name() + " took more memory than its limit allows and was killed");
      }
      if (container.restarts() > old.restarts()) {
        tell(now, container, "Restarted", "Container " + container.name() + " was restarted, " + times(container.restarts()) + " by now; before, it "
            + (container.ended().isEmpty() ? "ended" : "ended with " + container.ended() + ", exit code " + container.exitCode()));
      }
    }
  }

  private static String times(int count) {
    return count == 1 ? "once" : count + " times";
  }

  private void tell(Pod pod, Pod.Container container, String reason, String message) {
    sink.accept(new KubernetesEvent(container.endedNs(), pod.uid(), "Pod", pod.namespace(), pod.name(), reason, "Warning", message,
        Math.max(1, container.restarts()), container.name(), pod.node()));
  }
}
