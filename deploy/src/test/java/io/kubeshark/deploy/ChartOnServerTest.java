package io.kubeshark.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.marcnuri.helm.Helm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The chart on a real API server: what an upgrade keeps (a workload whose generation stays restarts no pod). */
@Tag("integration")
class ChartOnServerTest {
  private static final List<String> SECRETS = List.of("kubeshark-tls-worker", "kubeshark-tls-hub", "kubeshark-hub-token");
  private static final List<String> WORKLOADS = List.of("daemonset/kubeshark-worker-daemon-set", "deployment/kubeshark-hub", "deployment/kubeshark-front");

  private static ApiServer server;

  @TempDir
  Path folder;

  @BeforeAll
  static void start() throws Exception {
    assumeTrue(ApiServer.missing().isEmpty(), ApiServer.missing());
    server = ApiServer.start();
  }

  @AfterAll
  static void stop() {
    if (server != null) server.close();
  }

  private Path values(String yaml) throws Exception {
    return Files.writeString(folder.resolve("values.yaml"), yaml);
  }

  private void install(String namespace) throws Exception {
    new Helm(Chart.DIRECTORY).install().withName("kubeshark").withNamespace(namespace).createNamespace().withKubeConfig(server.kubeconfig())
        .withValuesFile(values("tap: {}")).call();
  }

  private void upgrade(String namespace, String yaml) throws Exception {
    new Helm(Chart.DIRECTORY).upgrade().withName("kubeshark").withNamespace(namespace).withKubeConfig(server.kubeconfig()).withValuesFile(values(yaml)).call();
  }

  private static void uninstall(String namespace) {
    Helm.uninstall("kubeshark").withNamespace(namespace).withKubeConfig(server.kubeconfig()).call();
  }

  private static Map<String, JsonNode> secrets(String namespace) throws Exception {
    Map<String, JsonNode> data = new LinkedHashMap<>();
    for (String name : SECRETS) data.put(name, server.get(namespace, "secret", name).path("data"));
    return data;
  }

  private static Map<String, Integer> generations(String namespace) throws Exception {
    Map<String, Integer> generations = new LinkedHashMap<>();
    for (String name : WORKLOADS) {
      String[] kindAndName = name.split("/");
      generations.put(name, server.get(namespace, kindAndName[0], kindAndName[1]).at("/metadata/generation").asInt());
    }
    return generations;
  }

  private static String regex(String namespace) throws Exception {
    return server.get(namespace, "configmap", "kubeshark-config-map").at("/data/POD_REGEX").asString();
  }

  @Test
  void anUpgradeKeepsCertificatesAndTokenAndRestartsOnlyWhatChanged() throws Exception {
    String namespace = "upgraded";
    install(namespace);
    try {
      Map<String, JsonNode> before = secrets(namespace);
      assertThat(generations(namespace)).as("just installed").allSatisfy((_, generation) -> assertThat(generation).isEqualTo(1));
      upgrade(namespace, "tap: {regex: ^cart, namespaces: [shop], bpfOverride: tcp port 80}");
      assertThat(regex(namespace)).isEqualTo("^cart");
      assertThat(secrets(namespace)).isEqualTo(before);
      assertThat(generations(namespace)).as("only targets have changed").allSatisfy((_, generation) -> assertThat(generation).isEqualTo(1));
      upgrade(namespace, "tap: {regex: ^cart, misc: {jsonTTL: 1h}}");
      assertThat(secrets(namespace)).isEqualTo(before);
      assertThat(generations(namespace)).as("only workers are told of jsonTTL").containsExactly(Map.entry(WORKLOADS.get(0), 2), Map.entry(WORKLOADS.get(1), 1), Map.entry(WORKLOADS.get(2), 1));
    } finally {
      uninstall(namespace);
    }
  }

  @Test
  void aLostCertificateMeansNewOnesForAllAndTheTokenStays() throws Exception {
    String namespace = "lost";
    install(namespace);
    try {
      Map<String, JsonNode> before = secrets(namespace);
      server.kubectl(null, "delete", "secret", "kubeshark-tls-hub", "-n", namespace);
      upgrade(namespace, "tap: {}");
      Map<String, JsonNode> after = secrets(namespace);
      assertThat(after.get("kubeshark-hub-token")).isEqualTo(before.get("kubeshark-hub-token"));
      assertThat(after.get("kubeshark-tls-worker")).isNotEqualTo(before.get("kubeshark-tls-worker"));
      assertThat(after.get("kubeshark-tls-worker").path("ca.crt")).isEqualTo(after.get("kubeshark-tls-hub").path("ca.crt"));
      assertThat(generations(namespace)).as("all read certificates").allSatisfy((_, generation) -> assertThat(generation).isEqualTo(2));
    } finally {
      uninstall(namespace);
    }
  }

  @Test
  void anUpgradePutsItsOwnTargetsInForceEvenThoseThatItHadBefore() throws Exception {
    String namespace = "retargeted";
    install(namespace);
    try {
      server.kubectl(null, "patch", "configmap", "kubeshark-config-map", "-n", namespace, "--type=merge", "-p", "{\"data\":{\"POD_REGEX\":\"^by-the-dashboard\"}}");
      upgrade(namespace, "tap: {}");
      assertThat(regex(namespace)).isEqualTo(".*");
    } finally {
      uninstall(namespace);
    }
  }

  @Test
  void whatHelmTemplatePrintsIsAppliedByKubectlTwice() throws Exception {
    String namespace = "watch";
    server.kubectl(null, "create", "namespace", namespace);
    for (int time = 1; time <= 2; time++) {
      String yaml = Chart.text(null, "{}");
      server.kubectl(yaml, "apply", "-n", namespace, "-f", "-");
      List<JsonNode> rendered = Chart.parse(yaml);
      for (String name : SECRETS) assertThat(server.get(namespace, "secret", name).path("data")).isEqualTo(Chart.find(rendered, "Secret", name).path("data"));
      int generation = time;
      assertThat(generations(namespace)).as("pods get the certificates of this rendering").allSatisfy((_, now) -> assertThat(now).isEqualTo(generation));
    }
  }
}
