package io.kubeshark.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What docs/deploy.md says for who has {@code helm} itself: on the PATH of the tests, of whatever version. */
@Tag("integration")
class HelmProgramTest {
  private static final List<String> SECRETS = List.of("kubeshark-tls-worker", "kubeshark-tls-hub", "kubeshark-hub-token");
  private static Path helm;

  @BeforeAll
  static void find() {
    for (String folder : System.getenv("PATH").split(":")) if (helm == null && Files.isExecutable(Path.of(folder, "helm"))) helm = Path.of(folder, "helm");
    assumeTrue(helm != null, "no helm on the PATH: install a released one to run these");
  }

  private static String helm(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(helm.toString()));
    command.addAll(List.of(arguments));
    return Commands.output(Chart.DIRECTORY, command);
  }

  private static List<JsonNode> template(String... more) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("template", "kubeshark", Chart.DIRECTORY.toString(), "-n", "watch"));
    arguments.addAll(List.of(more));
    return Chart.parse(helm(arguments.toArray(String[]::new)));
  }

  @Test
  void constraintsOfOpenShiftComeWhereItsApiIs() throws Exception {
    assertThat(Chart.names(template())).noneMatch(name -> name.startsWith("SecurityContextConstraints"));
    assertThat(Chart.names(template("--api-versions", "security.openshift.io/v1")))
        .contains("SecurityContextConstraints/kubeshark-worker-watch", "SecurityContextConstraints/kubeshark-unprivileged-watch");
  }

  @Test
  void templateForAnUpgradeReadsTheClustersSecretsAndUpgradeKeepsThem() throws Exception {
    assumeTrue(ApiServer.missing().isEmpty(), ApiServer.missing());
    try (ApiServer server = ApiServer.start()) {
      String kubeconfig = server.kubeconfig().toString();
      helm("install", "kubeshark", Chart.DIRECTORY.toString(), "-n", "watch", "--create-namespace", "--kubeconfig", kubeconfig);
      JsonNode[] before = data(server);
      List<JsonNode> rendered = template("--is-upgrade", "--dry-run=server", "--kubeconfig", kubeconfig);
      for (int i = 0; i < before.length; i++) assertThat(Chart.find(rendered, "Secret", SECRETS.get(i)).path("data")).isEqualTo(before[i]);
      assertThat(Chart.find(template("--is-upgrade"), "Secret", SECRETS.get(2)).path("data")).as("without the cluster").isNotEqualTo(before[2]);
      helm("upgrade", "kubeshark", Chart.DIRECTORY.toString(), "-n", "watch", "--set", "tap.regex=^cart", "--kubeconfig", kubeconfig);
      assertThat(data(server)).isEqualTo(before);
      assertThat(server.get("watch", "daemonset", "kubeshark-worker-daemon-set").at("/metadata/generation").asInt()).isEqualTo(1);
      server.kubectl(null, "patch", "configmap", "kubeshark-config-map", "-n", "watch", "--type=merge", "-p", "{\"data\":{\"POD_REGEX\":\"^by-the-dashboard\"}}");
      List<String> again = new ArrayList<>(List.of("upgrade", "kubeshark", Chart.DIRECTORY.toString(), "-n", "watch", "--set", "tap.regex=^orders", "--kubeconfig", kubeconfig));
      if (!helm("version", "--short").startsWith("v3")) { // from 4 on by server-side apply, which asks before it takes a field from another
        assertThatThrownBy(() -> helm(again.toArray(String[]::new))).hasMessageContaining("conflict").hasMessageContaining("POD_REGEX");
        again.add("--force-conflicts");
      }
      helm(again.toArray(String[]::new));
      assertThat(server.get("watch", "configmap", "kubeshark-config-map").at("/data/POD_REGEX").asString()).isEqualTo("^orders");
      helm("uninstall", "kubeshark", "-n", "watch", "--kubeconfig", kubeconfig);
      assertThatThrownBy(() -> helm("uninstall", "kubeshark", "-n", "watch", "--kubeconfig", kubeconfig)).as("as kubeshark clean knows it").hasMessageContaining("not found");
    }
  }

  private static JsonNode[] data(ApiServer server) throws Exception {
    JsonNode[] data = new JsonNode[SECRETS.size()];
    for (int i = 0; i < data.length; i++) data[i] = server.get("watch", "secret", SECRETS.get(i)).path("data");
    return data;
  }
}
