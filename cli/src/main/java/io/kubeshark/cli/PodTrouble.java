package io.kubeshark.cli;

import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;
import java.util.Set;

/** Why a pod is not ready, in words, where its status tells. */
final class PodTrouble {
  static final String CRASH = "crashed";
  private static final int LOG_LINES = 10;
  private static final int MESSAGE_LENGTH_MAX = 300;
  private static final Set<String> IMAGE = Set.of("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable");
  private static final Set<String> ORDINARY = Set.of("ContainerCreating", "PodInitializing");

  private PodTrouble() {}

  /** @return null if there is none that it tells of */
  static String of(Pod pod) {
    if (pod.getStatus() == null) return null;
    if ("Failed".equals(pod.getStatus().getPhase()) && pod.getStatus().getReason() != null) {
      return "failed (" + pod.getStatus().getReason() + "): " + shorter(pod.getStatus().getMessage());
    }
    for (PodCondition condition : list(pod.getStatus().getConditions())) {
      if ("PodScheduled".equals(condition.getType()) && "False".equals(condition.getStatus())) return "cannot be scheduled: " + shorter(condition.getMessage());
    }
    for (ContainerStatus status : list(pod.getStatus().getInitContainerStatuses())) {
      String trouble = of(status);
      if (trouble != null) return trouble;
    }
    for (ContainerStatus status : list(pod.getStatus().getContainerStatuses())) {
      String trouble = of(status);
      if (trouble != null) return trouble;
    }
    return null;
  }

  private static String of(ContainerStatus status) {
    if (status.getState() == null) return null;
    ContainerStateWaiting waiting = status.getState().getWaiting();
    ContainerStateTerminated ended = status.getState().getTerminated();
    if (ended == null && status.getLastState() != null) ended = status.getLastState().getTerminated();
    boolean running = status.getState().getRunning() != null;
    if (!running && ended != null && ended.getExitCode() != null && ended.getExitCode() != 0) {
      return CRASH + " (" + (ended.getReason() == null ? "" : ended.getReason() + ", ") + "exit code " + ended.getExitCode() + ", container " + status.getName() + ")";
    }
    if (waiting == null || waiting.getReason() == null || ORDINARY.contains(waiting.getReason())) return null;
    if (IMAGE.contains(waiting.getReason())) return "its image " + status.getImage() + " cannot be pulled";
    return waiting.getReason() + ": " + shorter(waiting.getMessage());
  }

  /** Why a pod that has no trouble by its status is still not ready, as its latest warning event tells (a failed probe, a volume); or null. */
  static String lastWarning(Cluster cluster, Pod pod) {
    try {
      Event latest = null;
      for (Event event : cluster.client().v1().events().inNamespace(pod.getMetadata().getNamespace()).withField("involvedObject.uid", pod.getMetadata().getUid()).list().getItems()) {
        if ("Warning".equals(event.getType()) && (latest == null || time(event).compareTo(time(latest)) >= 0)) latest = event;
      }
      return latest == null ? null : shorter(latest.getMessage());
    } catch (KubernetesClientException e) {
      return null; // may not be read
    }
  }

  private static String time(Event event) {
    return event.getLastTimestamp() == null ? "" : event.getLastTimestamp();
  }

  private static String shorter(String message) {
    if (message == null) return "no reason given";
    String line = message.replaceAll("\\s+", " ").strip();
    return line.length() <= MESSAGE_LENGTH_MAX ? line : line.substring(0, MESSAGE_LENGTH_MAX) + " …";
  }

  private static <T> List<T> list(List<T> items) {
    return items == null ? List.of() : items;
  }

  /** The end of a crashed container's log. */
  static List<String> lastWords(Cluster cluster, Pod pod) {
    for (ContainerStatus status : list(pod.getStatus().getContainerStatuses())) {
      if (of(status) == null) continue;
      boolean again = status.getState().getTerminated() == null;
      try {
        var container = cluster.client().pods().inNamespace(pod.getMetadata().getNamespace()).withName(pod.getMetadata().getName()).inContainer(status.getName());
        String log = again ? container.terminated().tailingLines(LOG_LINES).getLog() : container.tailingLines(LOG_LINES).getLog();
        return log.isBlank() ? List.of("(it wrote nothing)") : log.strip().lines().toList();
      } catch (KubernetesClientException e) {
        return List.of("(its log cannot be read: " + e.getMessage() + ")");
      }
    }
    return List.of();
  }
}
