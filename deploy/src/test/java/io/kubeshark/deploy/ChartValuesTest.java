package io.kubeshark.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Each value has its effect, and what is no value is refused in words that name it. */
@Tag("integration")
class ChartValuesTest {
  /** Read by the command line; the chart lets them pass, so that one file serves both. */
  private static final Set<String> OF_THE_CLI = Set.of("tap.proxy.front.port", "tap.proxy.host", "tap.release.name", "tap.release.namespace",
      "tap.release.helmChartPath", "tap.dryRun", "kube.configPath", "kube.context", "logs.file", "logs.grep", "headless");

  @Test
  void lints() {
    LintResult result = new Helm(Chart.DIRECTORY).lint().strict().call();
    assertThat(result.isFailed()).as(result.getMessages().toString()).isFalse();
  }

  @Test
  void schemaHasTheKeysOfTheValuesAndThoseOfTheCli() {
    Set<String> values = new TreeSet<>();
    leaves(Chart.defaults(), "", values);
    values.addAll(OF_THE_CLI);
    Set<String> schema = new TreeSet<>();
    keys(Chart.schema(), Chart.schema(), "", schema);
    schema.remove("global");
    assertThat(schema).isEqualTo(values);
  }

  /** An empty map is a value: what is in it is free. */
  private static void leaves(JsonNode values, String prefix, Set<String> into) {
    values.propertyStream().forEach(entry -> {
      String key = prefix + entry.getKey();
      if (entry.getValue().isObject() && !entry.getValue().isEmpty()) leaves(entry.getValue(), key + ".", into);
      else into.add(key);
    });
  }

  private static void keys(JsonNode root, JsonNode node, String prefix, Set<String> into) {
    assertThat(node.path("additionalProperties").asBoolean(true)).as("additionalProperties of '" + prefix + "'").isFalse();
    node.path("properties").propertyStream().forEach(entry -> {
      JsonNode inside = entry.getValue();
      if (inside.has("$ref")) inside = root.at(inside.path("$ref").asString().substring(1));
      if (inside.has("properties")) keys(root, inside, prefix + entry.getKey() + ".", into);
      else into.add(prefix + entry.getKey());
    });
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      tap: {bogus: x}                             | /tap                             | bogus
      tap: {resources: {tracer: {}}}              | /tap/resources                   | tracer
      bogus: x                                    | ''                               | bogus
      tap: {namespaces: shop}                     | /tap/namespaces                  | want array
      tap: {namespaces: [Not_A_Name]}             | /tap/namespaces/0                | pattern
      tap: {regex: 3}                             | /tap/regex                       | want string
      tap: {hostNetwork: maybe}                   | /tap/hostNetwork                 | want boolean
      tap: {metrics: {port: 70000}}               | /tap/metrics/port                | maximum
      tap: {docker: {imagePullPolicy: Sometimes}} | /tap/docker/imagePullPolicy      | one of
      tap: {misc: {jsonTTL: 5 minutes}}           | /tap/misc/jsonTTL                | pattern
      tap: {storageLimit: 5GB}                    | /tap/storageLimit                | pattern
      tap: {resources: {hub: {limits: {memory: lots}}}} | /tap/resources/hub/limits/memory | pattern
      tap: {ingress: {path: no-slash}}            | /tap/ingress/path                | pattern
      tap: {tolerations: {hub: [{effekt: x}]}}    | /tap/tolerations/hub/0           | effekt
      """)
  void schemaNamesWhatIsWrong(String values, String where, String what) {
    assertThatThrownBy(() -> Chart.render(null, values)).isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("at '" + where + "'").hasMessageContaining(what);
  }

  @Test
  void tlsIsRefusedInWords() {
    assertThatThrownBy(() -> Chart.render(null, "tap.tls", true)).hasMessageContaining("tap.tls=true needs the tracer");
  }

  @Test
  void theConfigurationOfTheCliServesTheChartToo() {
    String config = """
        tap: {regex: a, proxy: {front: {port: 8899}, host: 127.0.0.1}, release: {name: kubeshark, namespace: default, helmChartPath: ""}, dryRun: false}
        kube: {configPath: "", context: ""}
        logs: {file: "", grep: ""}
        headless: false
        """;
    assertThat(Chart.find(Chart.render(null, config), "ConfigMap", "kubeshark-config-map").at("/data/POD_REGEX").asString()).isEqualTo("a");
  }

  @Test
  void targetsGoToTheConfigMapAndRestartNothing() {
    List<JsonNode> before = Chart.render(null);
    List<JsonNode> after = Chart.render(null, "tap.regex", "^a, b: \"c\"$", "tap.namespaces", List.of("shop", "load"),
        "tap.excludedNamespaces", List.of("kube-system"), "tap.bpfOverride", "tcp port 80");
    JsonNode data = Chart.find(after, "ConfigMap", "kubeshark-config-map").path("data");
    assertThat(data.path("POD_REGEX").asString()).isEqualTo("^a, b: \"c\"$");
    assertThat(data.path("NAMESPACES").asString()).isEqualTo("shop,load");
    assertThat(data.path("EXCLUDED_NAMESPACES").asString()).isEqualTo("kube-system");
    assertThat(data.path("BPF_OVERRIDE").asString()).isEqualTo("tcp port 80");
    for (String[] workload : new String[][] {{"DaemonSet", "kubeshark-worker-daemon-set"}, {"Deployment", "kubeshark-hub"}, {"Deployment", "kubeshark-front"}}) {
      assertThat(withoutChecksums(Chart.find(after, workload[0], workload[1]))).isEqualTo(withoutChecksums(Chart.find(before, workload[0], workload[1])));
    }
  }

  /** Certificates are made anew for each rendering, so checksums differ; all else must not. */
  private static String withoutChecksums(JsonNode workload) {
    return workload.path("spec").toString().replaceAll("\"checksum/[a-z]+\":\"[0-9a-f]+\"", "");
  }

  @Test
  void imagesAreNamedByRegistryTagAndOverrides() {
    assertThat(images(Chart.render(null))).containsExactly("registry.local/kubeshark/front:0.1.0", "registry.local/kubeshark/kubeshark:0.1.0");
    assertThat(images(Chart.render(null, "tap.docker.registry", "r:5000/x/", "tap.docker.tag", "t", "tap.docker.overrideTag.hub", "h", "tap.docker.overrideImage.front", "f@sha256:1")))
        .containsExactly("f@sha256:1", "r:5000/x/kubeshark:h", "r:5000/x/kubeshark:t");
  }

  private static Set<String> images(List<JsonNode> objects) {
    Set<String> images = new TreeSet<>();
    Chart.workloads(objects).forEach(workload -> images.add(workload.at("/spec/template/spec/containers/0/image").asString()));
    return images;
  }

  @Test
  void whatPodsAreToldFollowsTheValues() {
    List<JsonNode> objects = Chart.render(null, "tap.metrics.port", 9100, "tap.proxy.worker.srvPort", 50000, "tap.storageLimit", "10Gi", "tap.misc.jsonTTL", "1h", "tap.misc.pcapTTL", "0",
        "tap.labels.team", "net", "tap.annotations.note", "here", "tap.priorityClass", "high", "tap.resources.sniffer.limits.cpu", "2",
        "tap.docker.imagePullSecrets", List.of("pull"), "tap.tolerations.hub", List.of(Map.of("key", "dedicated", "operator", "Exists")), "tap.probes.hub.periodSeconds", 11);
    JsonNode worker = Chart.find(objects, "DaemonSet", "kubeshark-worker-daemon-set").at("/spec/template");
    JsonNode container = worker.at("/spec/containers/0");
    assertThat(texts(container.path("args"))).containsExactly("worker", "--release=kubeshark", "--port=50000", "--metrics-port=9100", "--data-dir=/data",
        "--entries-ttl=1h", "--packets-ttl=0", "--entries-size=4096Mi", "--packets-size=4096Mi");
    assertThat(container.path("ports").toString()).contains("{\"name\":\"metrics\",\"containerPort\":9100,\"protocol\":\"TCP\"}");
    assertThat(container.at("/resources/limits/cpu").asString()).isEqualTo("2");
    assertThat(worker.at("/spec/volumes/0/emptyDir/sizeLimit").asString()).isEqualTo("10Gi");
    JsonNode metrics = Chart.find(objects, "Service", "kubeshark-worker-metrics");
    assertThat(metrics.at("/metadata/annotations").path("prometheus.io/port").asString()).isEqualTo("9100");
    assertThat(Chart.find(objects, "NetworkPolicy", "kubeshark-worker").at("/spec/ingress/1/ports/0/port").asInt()).isEqualTo(9100);
    JsonNode hub = Chart.find(objects, "Deployment", "kubeshark-hub").at("/spec/template/spec");
    assertThat(texts(hub.at("/containers/0/args"))).containsExactly("hub", "--release=kubeshark", "--worker-port=50000");
    assertThat(hub.at("/tolerations/0/key").asString()).isEqualTo("dedicated");
    assertThat(hub.at("/containers/0/readinessProbe/periodSeconds").asInt()).isEqualTo(11);
    Chart.workloads(objects).forEach(workload -> {
      JsonNode pod = workload.at("/spec/template");
      assertThat(pod.at("/metadata/labels/team").asString()).isEqualTo("net");
      assertThat(pod.at("/metadata/annotations/note").asString()).isEqualTo("here");
      assertThat(pod.at("/spec/priorityClassName").asString()).isEqualTo("high");
      assertThat(pod.at("/spec/imagePullSecrets/0/name").asString()).isEqualTo("pull");
    });
  }

  @Test
  void prometheusFindsWorkersByTheServicesAnnotations() {
    JsonNode service = Chart.find(Chart.render(null), "Service", "kubeshark-worker-metrics");
    JsonNode annotations = service.at("/metadata/annotations");
    assertThat(annotations.path("prometheus.io/scrape").asString()).isEqualTo("true");
    assertThat(annotations.path("prometheus.io/path").asString()).isEqualTo("/metrics");
    assertThat(annotations.path("prometheus.io/port").asString()).isEqualTo("49100");
    assertThat(service.at("/spec/clusterIP").asString()).as("an endpoint each node").isEqualTo("None");
    JsonNode pod = Chart.find(Chart.render(null), "DaemonSet", "kubeshark-worker-daemon-set").at("/spec/template/metadata/labels");
    service.at("/spec/selector").propertyStream().forEach(label -> assertThat(pod.path(label.getKey())).as(label.getKey()).isEqualTo(label.getValue()));
    assertThat(Chart.names(Chart.render(null))).noneMatch(name -> name.startsWith("SecurityContextConstraints"));
  }

  private static List<String> texts(JsonNode list) {
    return list.valueStream().map(JsonNode::asString).toList();
  }

  @Test
  void ingressIsOfTheClustersVersionAndKeepsWebSocketsOpen() {
    Object[] values = {"tap.ingress.enabled", true, "tap.ingress.className", "nginx", "tap.ingress.host", "ks.example.com", "tap.ingress.path", "/ks/",
        "tap.ingress.annotations", Map.of("nginx.ingress.kubernetes.io/proxy-read-timeout", "60")};
    JsonNode now = Chart.find(Chart.render("1.20.2", values), "Ingress", "kubeshark");
    assertThat(now.path("apiVersion").asString()).isEqualTo("networking.k8s.io/v1");
    assertThat(now.at("/spec/ingressClassName").asString()).isEqualTo("nginx");
    assertThat(now.at("/spec/rules/0/http/paths/0/backend/service/name").asString()).isEqualTo("kubeshark-front");
    assertThat(now.at("/metadata/annotations").path("nginx.ingress.kubernetes.io/proxy-send-timeout").asString()).isEqualTo("3600");
    assertThat(now.at("/metadata/annotations").path("nginx.ingress.kubernetes.io/proxy-read-timeout").asString()).isEqualTo("60");
    JsonNode old = Chart.find(Chart.render("1.16.0", values), "Ingress", "kubeshark");
    assertThat(old.path("apiVersion").asString()).isEqualTo("networking.k8s.io/v1beta1");
    assertThat(old.at("/metadata/annotations").path("kubernetes.io/ingress.class").asString()).isEqualTo("nginx");
    assertThat(old.at("/spec/rules/0/http/paths/0/backend/serviceName").asString()).isEqualTo("kubeshark-front");
    JsonNode front = Chart.find(Chart.render(null, values), "Deployment", "kubeshark-front");
    assertThat(front.at("/spec/template/spec/containers/0/env").toString()).contains("{\"name\":\"KUBESHARK_BASE_PATH\",\"value\":\"/ks\"}");
    assertThat(Chart.names(Chart.render(null))).noneMatch(name -> name.startsWith("Ingress"));
  }
}
