package io.kubeshark.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.marcnuri.helm.Helm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** What the pods may do, whatever the values: docs/security.md says why each right is needed. */
@Tag("integration")
class ChartSecurityTest {
  static Stream<Arguments> valueSets() {
    return Stream.of(
        set("defaults"),
        set("oldest Kubernetes", "kube", "1.16.0"),
        set("the test cluster's", "kube", "1.20.2"),
        set("newest", "kube", "1.36.0"),
        set("targets", "tap.regex", "(catalo*|front-end*)", "tap.namespaces", List.of("sock-shop", "shop"), "tap.excludedNamespaces", List.of("kube-system"), "tap.bpfOverride", "tcp port 80"),
        set("other images", "tap.docker.registry", "registry.example:5000/team", "tap.docker.tag", "1.2.3", "tap.docker.imagePullPolicy", "Always",
            "tap.docker.imagePullSecrets", List.of("one", "two"), "tap.docker.overrideTag.hub", "h", "tap.docker.overrideImage.front", "mirror.example/f@sha256:00"),
        set("scheduling", "tap.tolerations.hub", List.of(Map.of("key", "dedicated", "operator", "Exists")), "tap.priorityClass", "system-node-critical",
            "tap.nodeSelectorTerms.workers",
            List.of(Map.of("matchExpressions", List.of(Map.of("key", "zone", "operator", "In", "values", List.of("a", "b")))))),
        set("labels and annotations", "tap.labels.team", "net", "tap.annotations.note", "x: y"),
        set("limits", "tap.resources.sniffer.limits.cpu", "2", "tap.resources.sniffer.limits.memory", "1Gi", "tap.resources.hub.requests.memory", "256Mi", "tap.storageLimit", "10Gi"),
        set("ingress", "tap.ingress.enabled", true, "tap.ingress.className", "nginx", "tap.ingress.host", "ks.example.com", "tap.ingress.path", "/kubeshark",
            "tap.ingress.tls", List.of(Map.of("secretName", "cert", "hosts", List.of("ks.example.com")))),
        set("own network", "tap.hostNetwork", false, "tap.networkPolicy.enabled", false),
        set("ports and times", "tap.metrics.port", 9100, "tap.misc.jsonTTL", "1h", "tap.misc.pcapTTL", "0", "tap.probes.hub.periodSeconds", 10));
  }

  private static Arguments set(String name, Object... values) {
    return Arguments.of(name, values);
  }

  private static List<JsonNode> render(Object... values) {
    boolean kube = values.length > 0 && values[0].equals("kube");
    return kube ? Chart.render((String) values[1]) : Chart.render(null, values);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("valueSets")
  void podsHaveNoMoreRightsThanTheyNeed(String name, Object[] values) {
    List<JsonNode> objects = render(values);
    assertThat(Chart.workloads(objects)).hasSize(3);
    Chart.workloads(objects).forEach(workload -> {
      JsonNode pod = workload.at("/spec/template/spec");
      boolean worker = workload.path("kind").asString().equals("DaemonSet");
      assertThat(pod.path("hostPID").asBoolean(false)).isFalse();
      assertThat(pod.path("hostIPC").asBoolean(false)).isFalse();
      assertThat(pod.path("hostNetwork").asBoolean(false)).isEqualTo(worker && !name.equals("own network"));
      assertThat(pod.path("containers").size()).isEqualTo(1);
      assertThat(pod.has("initContainers")).isFalse();
      JsonNode container = pod.at("/containers/0");
      JsonNode security = container.path("securityContext");
      assertThat(security.path("privileged").asBoolean(true)).isFalse();
      assertThat(security.path("allowPrivilegeEscalation").asBoolean(true)).isFalse();
      assertThat(security.path("readOnlyRootFilesystem").asBoolean(false)).isTrue();
      assertThat(texts(security.at("/capabilities/drop"))).containsExactly("ALL");
      assertThat(texts(security.at("/capabilities/add"))).isEqualTo(worker ? List.of("NET_RAW") : List.of());
      if (!worker) {
        assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean(false)).isTrue();
        assertThat(pod.at("/securityContext/runAsUser").asInt(0)).isEqualTo(65532);
      }
      assertThat(container.at("/resources/limits/memory").asString("")).isNotEmpty();
      assertThat(container.at("/resources/requests/memory").asString("")).isNotEmpty();
      assertThat(seccomp(workload)).isEqualToIgnoringCase("RuntimeDefault");
      for (JsonNode volume : pod.path("volumes")) {
        assertThat(volume.has("hostPath")).as(volume.toString()).isFalse();
        if (volume.has("emptyDir")) assertThat(volume.at("/emptyDir/sizeLimit").asString("")).isNotEmpty();
      }
    });
  }

  private static String seccomp(JsonNode workload) {
    JsonNode pod = workload.at("/spec/template/spec");
    String annotation = workload.at("/spec/template/metadata/annotations").path("seccomp.security.alpha.kubernetes.io/pod").asString("");
    if (!annotation.isEmpty()) return annotation.replace("runtime/default", "RuntimeDefault");
    String ofContainer = pod.at("/containers/0/securityContext/seccompProfile/type").asString("");
    return ofContainer.isEmpty() ? pod.at("/securityContext/seccompProfile/type").asString("") : ofContainer;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("valueSets")
  void everythingIsLabelledAndInTheReleasesNamespace(String name, Object[] values) {
    List<JsonNode> objects = render(values);
    assertThat(Chart.names(objects)).doesNotHaveDuplicates();
    for (JsonNode object : objects) {
      assertThat(object.at("/metadata/labels").path("app.kubernetes.io/name").asString("")).isEqualTo("kubeshark");
      assertThat(object.at("/metadata/labels").path("app.kubernetes.io/instance").asString("")).isEqualTo("kubeshark");
      boolean cluster = object.path("kind").asString().startsWith("Cluster");
      assertThat(object.at("/metadata/namespace").asString("none")).isEqualTo(cluster ? "none" : "watch");
      if (cluster) assertThat(object.at("/metadata/name").asString()).endsWith("-watch"); // two releases do not share one
    }
    Chart.workloads(objects).forEach(workload -> {
      JsonNode pod = workload.at("/spec/template/metadata/labels");
      workload.at("/spec/selector/matchLabels").propertyStream().forEach(label -> assertThat(pod.path(label.getKey())).isEqualTo(label.getValue()));
    });
  }

  @Test
  void rolesAllowWhatIsOnAndNothingElse() {
    List<JsonNode> objects = Chart.render(null);
    String names = "get list watch";
    Map<String, String> table = new TreeMap<>(Map.of("/pods", names, "/services", names, "/endpoints", names, "/nodes", names, "/namespaces", names,
        "discovery.k8s.io/endpointslices", names));
    assertThat(rules(Chart.find(objects, "ClusterRole", "kubeshark-worker-watch"))).isEqualTo(table);
    table.put("/events", names);
    for (String owner : List.of("deployments", "replicasets", "statefulsets", "daemonsets")) table.put("apps/" + owner, "get");
    assertThat(rules(Chart.find(objects, "ClusterRole", "kubeshark-hub-watch"))).isEqualTo(table);
    assertThat(rules(Chart.find(objects, "Role", "kubeshark-worker"))).isEqualTo(Map.of("/configmaps[kubeshark-config-map]", "get list watch"));
    assertThat(rules(Chart.find(objects, "Role", "kubeshark-hub"))).isEqualTo(Map.of("/configmaps[kubeshark-config-map]", "get list patch update watch"));
    for (String component : List.of("worker", "hub")) {
      assertThat(Chart.find(objects, "RoleBinding", "kubeshark-" + component).at("/roleRef/name").asString()).isEqualTo("kubeshark-" + component);
      JsonNode binding = Chart.find(objects, "ClusterRoleBinding", "kubeshark-" + component + "-watch");
      assertThat(binding.at("/roleRef/name").asString()).isEqualTo("kubeshark-" + component + "-watch");
      assertThat(binding.at("/subjects/0/name").asString()).isEqualTo("kubeshark-" + component);
      assertThat(binding.at("/subjects/0/namespace").asString()).isEqualTo("watch");
    }
    assertThat(objects.stream().filter(object -> object.path("kind").asString().endsWith("Binding"))).hasSize(4);
  }

  /** @return group/resource[names] to its verbs in alphabetical order */
  private static Map<String, String> rules(JsonNode role) {
    Map<String, String> rules = new TreeMap<>();
    for (JsonNode rule : role.path("rules")) {
      for (String group : texts(rule.path("apiGroups"))) {
        for (String resource : texts(rule.path("resources"))) {
          String only = rule.has("resourceNames") ? texts(rule.path("resourceNames")).toString() : "";
          rules.put(group + "/" + resource + only, String.join(" ", new TreeSet<>(texts(rule.path("verbs")))));
        }
      }
    }
    return rules;
  }

  @Test
  void frontHasNoTokenOfTheApiServerAndSeesOnlyTheAuthoritysCertificate() {
    List<JsonNode> objects = Chart.render(null);
    assertThat(Chart.find(objects, "ServiceAccount", "kubeshark-front").path("automountServiceAccountToken").asBoolean(true)).isFalse();
    JsonNode pod = Chart.find(objects, "Deployment", "kubeshark-front").at("/spec/template/spec");
    assertThat(pod.path("automountServiceAccountToken").asBoolean(true)).isFalse();
    List<String> secrets = new ArrayList<>();
    for (JsonNode volume : pod.path("volumes")) if (volume.has("secret")) secrets.add(volume.path("secret").path("items").toString());
    assertThat(secrets).containsExactly("[{\"key\":\"ca.crt\",\"path\":\"ca.crt\"}]");
  }

  @Test
  void policiesLetOnlyTheNextPartIn() {
    List<JsonNode> objects = Chart.render(null);
    Map<String, String> from = Map.of("hub", "front", "worker", "hub");
    from.forEach((component, peer) -> {
      JsonNode spec = Chart.find(objects, "NetworkPolicy", "kubeshark-" + component).path("spec");
      assertThat(spec.at("/podSelector/matchLabels").path("app.kubernetes.io/component").asString("")).isEqualTo(component);
      JsonNode rule = spec.at("/ingress/0");
      assertThat(rule.path("from").size()).isEqualTo(1);
      assertThat(rule.at("/from/0/podSelector/matchLabels").path("app.kubernetes.io/component").asString("")).isEqualTo(peer);
      assertThat(rule.at("/from/0").has("namespaceSelector")).isFalse();
      assertThat(rule.at("/ports/0/port").asInt()).isEqualTo(component.equals("hub") ? 8443 : 48999);
    });
    assertThat(Chart.find(objects, "NetworkPolicy", "kubeshark-hub").at("/spec/ingress").size()).isEqualTo(1);
    JsonNode worker = Chart.find(objects, "NetworkPolicy", "kubeshark-worker").at("/spec/ingress");
    assertThat(worker.size()).isEqualTo(2);
    assertThat(worker.at("/1/ports/0/port").asInt()).isEqualTo(49100);
    assertThat(Chart.names(Chart.render(null, "tap.networkPolicy.enabled", false))).noneMatch(name -> name.startsWith("NetworkPolicy"));
  }

  /** Server-side apply, which Helm 4 installs by, tells ports apart by number and protocol; an older API server knows no default. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("valueSets")
  void everyPortNamesItsProtocol(String name, Object[] values) {
    for (JsonNode object : render(values)) {
      for (String list : List.of("/spec/ports", "/spec/template/spec/containers/0/ports")) {
        for (JsonNode port : object.at(list)) assertThat(port.path("protocol").asString("")).as(object.at("/metadata/name") + " " + port).isEqualTo("TCP");
      }
    }
  }

  /** The library that renders here cannot be told of an API ({@link HelmProgramTest} does), so the template's condition is taken out. */
  @Test
  void constraintsOfOpenShiftAllowTheWorkersRightsToWorkersOnly(@TempDir Path folder) throws IOException {
    String condition = "if .Capabilities.APIVersions.Has \"security.openshift.io/v1\"";
    String template = Chart.file("chart/templates/openshift.yaml");
    assertThat(template).contains(condition);
    Files.createDirectory(folder.resolve("templates"));
    for (String file : List.of("Chart.yaml", "values.yaml", "templates/_helpers.tpl")) Files.copy(Chart.DIRECTORY.resolve(file), folder.resolve(file));
    Files.writeString(folder.resolve("templates/openshift.yaml"), template.replace(condition, "if true"));
    List<JsonNode> objects = Chart.parse(new Helm(folder).template().withName("kubeshark").withNamespace("watch").call());
    JsonNode worker = Chart.find(objects, "SecurityContextConstraints", "kubeshark-worker-watch");
    JsonNode others = Chart.find(objects, "SecurityContextConstraints", "kubeshark-unprivileged-watch");
    assertThat(texts(worker.path("users"))).containsExactly("system:serviceaccount:watch:kubeshark-worker");
    assertThat(texts(worker.path("allowedCapabilities"))).containsExactly("NET_RAW");
    assertThat(worker.path("allowHostNetwork").asBoolean()).isTrue();
    assertThat(texts(others.path("users"))).containsExactly("system:serviceaccount:watch:kubeshark-hub", "system:serviceaccount:watch:kubeshark-front");
    assertThat(texts(others.path("requiredDropCapabilities"))).containsExactly("ALL");
    assertThat(others.path("allowHostNetwork").asBoolean(true)).isFalse();
    assertThat(others.at("/runAsUser/type").asString()).isEqualTo("MustRunAsNonRoot");
    for (JsonNode constraints : List.of(worker, others)) {
      for (String right : List.of("allowPrivilegedContainer", "allowPrivilegeEscalation", "allowHostDirVolumePlugin", "allowHostPID", "allowHostIPC")) {
        assertThat(constraints.path(right).asBoolean(true)).as(right).isFalse();
      }
    }
    assertThat(Chart.names(Chart.render(null))).noneMatch(name -> name.startsWith("SecurityContextConstraints"));
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    for (JsonNode item : list) texts.add(item.asString());
    return texts;
  }
}
