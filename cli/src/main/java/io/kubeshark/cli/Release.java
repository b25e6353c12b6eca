package io.kubeshark.cli;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** One installation: what the chart's objects are called, and questions about them. */
final class Release {
  static final String WORKER = "worker";
  static final String HUB = "hub";
  static final String FRONT = "front";
  static final String FRONT_SERVICE = "kubeshark-front";
  static final int FRONT_SERVICE_PORT = 80;
  static final int FRONT_POD_PORT = 8080;
  static final String WORKER_DAEMON_SET = "kubeshark-worker-daemon-set";
  static final String CONFIG_MAP = "kubeshark-config-map";
  static final String PROGRAM = "kubeshark";
  static final String LABEL_NAME = "app.kubernetes.io/name";
  static final String LABEL_INSTANCE = "app.kubernetes.io/instance";
  static final String LABEL_COMPONENT = "app.kubernetes.io/component";
  private static final String TOKEN_SECRET = "kubeshark-hub-token";

  private final Cluster cluster;
  private final String name;
  private final String namespace;

  Release(Cluster cluster, Config config) {
    this.cluster = cluster;
    name = config.text("tap.release.name");
    namespace = config.text("tap.release.namespace");
  }

  String name() {
    return name;
  }

  String namespace() {
    return namespace;
  }

  Map<String, String> labels() {
    return Map.of(LABEL_NAME, PROGRAM, LABEL_INSTANCE, name);
  }

  String selector() {
    return LABEL_NAME + "=" + PROGRAM + "," + LABEL_INSTANCE + "=" + name;
  }

  /** How the options of another command name it; "" for the usual one. */
  String options() {
    return ("default".equals(namespace) ? "" : " -s " + namespace) + (PROGRAM.equals(name) ? "" : " --release-name " + name);
  }

  /** The settings of what is installed, or null if nothing is. */
  ConfigMap settings() {
    return cluster.ask("read ConfigMap " + CONFIG_MAP + " in namespace '" + namespace + "'",
        client -> client.configMaps().inNamespace(namespace).withName(CONFIG_MAP).get());
  }

  /** @throws Failure if nothing is installed */
  ConfigMap requireSettings() {
    ConfigMap settings = settings();
    if (settings != null) return settings;
    String elsewhere = elsewhere();
    throw new Failure("kubeshark is not installed in namespace '" + namespace + "'"
        + (elsewhere == null ? ": `kubeshark tap` installs it" : ", but in '" + elsewhere + "': add -s " + elsewhere));
  }

  /** Another namespace that has workers, or null: two on one node would fight for ports. */
  String elsewhere() {
    try {
      for (DaemonSet set : cluster.client().apps().daemonSets().inAnyNamespace().withLabel(LABEL_NAME, PROGRAM).list().getItems()) {
        if (!namespace.equals(set.getMetadata().getNamespace())) return set.getMetadata().getNamespace();
      }
    } catch (KubernetesClientException e) {
      if (!Cluster.isForbidden(e)) throw cluster.failure("list DaemonSets", e);
    }
    return null;
  }

  List<Pod> pods() {
    return cluster.ask("list the pods of kubeshark in namespace '" + namespace + "'",
        client -> client.pods().inNamespace(namespace).withLabels(labels()).list().getItems());
  }

  /** Name of a pod that is ready and stays, or null. */
  String readyPod(String component) {
    for (Pod pod : pods()) {
      boolean stays = pod.getMetadata().getDeletionTimestamp() == null;
      if (stays && component.equals(component(pod)) && Readiness.isPodReady(pod)) return pod.getMetadata().getName();
    }
    return null;
  }

  static String component(Pod pod) {
    Map<String, String> labels = pod.getMetadata().getLabels();
    return labels == null ? "" : labels.getOrDefault(LABEL_COMPONENT, "");
  }

  /** What lets a request into the hub; null if there is none or it may not be read. */
  String hubToken() {
    try {
      Secret secret = cluster.client().secrets().inNamespace(namespace).withName(TOKEN_SECRET).get();
      String token = secret == null || secret.getData() == null ? null : secret.getData().get("token");
      return token == null ? null : new String(Base64.getDecoder().decode(token), StandardCharsets.UTF_8).strip();
    } catch (KubernetesClientException e) {
      return null;
    }
  }
}
