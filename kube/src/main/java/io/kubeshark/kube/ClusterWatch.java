package io.kubeshark.kube;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Keeps a {@link ClusterTable} as the API server has it. Goes on for ever: through lost watches, restarts of the API server, 410 Gone and
 * no API server at all; what is known stays known meanwhile.
 */
public final class ClusterWatch implements AutoCloseable {
  /**
   * @param namespace of the release
   * @param release its name, the label app.kubernetes.io/instance
   * @param events whether events are watched, too
   */
  public record Options(String namespace, String release, boolean events) {}

  /** Called on one thread at a time; should not block. */
  public interface Listener {
    /** The table's target set is a new one. */
    default void targets(TargetSet targets) {}

    /** The ConfigMap's keys; the table's targeting is set already (kept as it was if the regex is none: {@link #problem()}). */
    default void settings(Map<String, String> data) {}

    /** Also for those of the hour before the start. */
    default void event(KubernetesEvent event) {}

    /** The release's worker pods that have an address and are not over. */
    default void workers(List<Pod> workers) {}
  }

  private ClusterWatch() {}

  public static ClusterWatch start(KubeApi api, ClusterTable table, Options options, Listener listener) {
    return new ClusterWatch();
  }

  /** Waits until everything was listed once. */
  public boolean awaitSync(Duration timeout) throws InterruptedException {
    return false;
  }

  /** What is wrong, in a sentence, or "". */
  public String problem() {
    return "";
  }

  /** Epoch: when the API server last said something, 0: never. At most {@code 45 s} old while all is well. */
  public long lastContactNs() {
    return 0;
  }

  @Override
  public void close() {}
}
