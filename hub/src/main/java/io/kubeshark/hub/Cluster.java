package io.kubeshark.hub;

import io.kubeshark.kube.KubernetesEvent;
import io.kubeshark.kube.Pod;
import io.kubeshark.kube.Targeting;
import java.io.IOException;
import java.util.List;

/** What the hub asks of the cluster that it serves. Any thread. {@link KubeCluster} is the real one. */
public interface Cluster extends AutoCloseable {
  /** Told by one thread at a time; does not wait. */
  interface Listener {
    /** These are the release's worker pods now. */
    void workers(List<Pod> pods);

    /** The rule or the pods have changed. */
    void targetsChanged();

    void event(KubernetesEvent event);
  }

  void start(Listener listener);

  /** The rule in force. */
  Targeting targeting();

  /** Writes the rule to where workers and hubs read it. @throws IOException the API server refuses or is away; the message says so */
  void target(Targeting targeting) throws IOException;

  /** All pods, by namespace and name. */
  List<Pod> pods();

  /** Without secrets and managedFields. @param plural {@code pods} or {@code services} @return null: there is none */
  String yaml(String plural, String namespace, String name) throws IOException;

  /** What is wrong with the way to the API server, in a sentence, or "". */
  String problem();

  @Override
  void close();
}
