package io.kubeshark.hub;

import io.kubeshark.kube.ClusterTable;
import io.kubeshark.kube.ClusterWatch;
import io.kubeshark.kube.KubeApi;
import io.kubeshark.kube.KubernetesEvent;
import io.kubeshark.kube.Manifests;
import io.kubeshark.kube.Pod;
import io.kubeshark.kube.TargetSet;
import io.kubeshark.kube.Targeting;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** The cluster by its API server. What is known stays known while that is away. */
public final class KubeCluster implements Cluster {
  private final KubeApi api;
  private final ClusterTable table = new ClusterTable("");
  private final String namespace;
  private final String release;
  private ClusterWatch watch;

  /**
   * @param namespace of the release
   * @param release its name
   */
  public KubeCluster(KubeApi api, String namespace, String release) {
    this.api = api;
    this.namespace = namespace;
    this.release = release;
  }

  @Override
  public void start(Listener listener) {
    watch = ClusterWatch.start(api, table, new ClusterWatch.Options(namespace, release, true), new ClusterWatch.Listener() {
      @Override
      public void targets(TargetSet targets) {
        listener.targetsChanged();
      }

      @Override
      public void settings(Map<String, String> data) {
        listener.targetsChanged();
      }

      @Override
      public void event(KubernetesEvent event) {
        listener.event(event);
      }

      @Override
      public void workers(List<Pod> workers) {
        listener.workers(workers);
      }
    });
  }

  @Override
  public Targeting targeting() {
    return table.targeting();
  }

  @Override
  public void target(Targeting targeting) throws IOException {
    byte[] patch = JsonMapper.shared().writeValueAsString(Map.of("data", targeting.keys())).getBytes(StandardCharsets.UTF_8);
    api.send("PATCH", "/api/v1/namespaces/" + namespace + "/configmaps/" + ClusterWatch.CONFIG_MAP, "application/merge-patch+json", patch);
  }

  @Override
  public List<Pod> pods() {
    return table.pods();
  }

  @Override
  public String yaml(String plural, String ofNamespace, String name) throws IOException {
    return Manifests.fetch(api, plural, ofNamespace, name);
  }

  @Override
  public String problem() {
    return watch == null ? "" : watch.problem();
  }

  @Override
  public void close() {
    if (watch != null) watch.close();
    api.close();
  }
}
