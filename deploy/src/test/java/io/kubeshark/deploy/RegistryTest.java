package io.kubeshark.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Pushes to a real registry, and reads back by curl what is there. */
@Tag("integration")
class RegistryTest {
  private static final String MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";

  @TempDir
  Path folder;

  @BeforeAll
  static void find() {
    assumeTrue(Files.isExecutable(DockerRegistry.PROGRAM), DockerRegistry.PROGRAM + " is missing: apt-get install docker-registry");
  }

  private Archive archive() throws Exception {
    FileTree tree = new FileTree("one").add("/hello", Files.writeString(folder.resolve("hello"), "hello\n"));
    return new Archive("kubeshark", "for tests", List.of(tree), List.of("/hello"));
  }

  private void push(String host, boolean insecure, Path... logins) throws Exception {
    new Registry(List.of(logins), insecure).push(archive(), host + "/team/kubeshark:1.2", folder.resolve("layers"));
  }

  /** As docker login leaves it. */
  private Path login(String host, String password) throws Exception {
    String both = Base64.getEncoder().encodeToString((DockerRegistry.USER + ":" + password).getBytes(StandardCharsets.UTF_8));
    return Files.writeString(folder.resolve(password + ".json"), "{\"auths\":{\"" + host + "\":{\"auth\":\"" + both + "\"}}}");
  }

  private byte[] get(String url, String... more) throws Exception {
    Path file = folder.resolve("answer");
    List<String> command = new ArrayList<>(List.of("curl", "-fsSk", "-H", "Accept: " + MANIFEST, "-o", file.toString()));
    command.addAll(List.of(more));
    command.add(url);
    Commands.output(folder, command);
    return Files.readAllBytes(file);
  }

  private static String digest(byte[] bytes) throws Exception {
    return "sha256:" + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  /** Manifest, configuration and layers are what their digests say, and the same as in the archive that docker load reads. */
  private void assertPushed(String base, String... more) throws Exception {
    byte[] manifest = get(base + "/manifests/1.2", more);
    assertThat(get(base + "/manifests/" + digest(manifest), more)).isEqualTo(manifest);
    JsonNode parts = new ObjectMapper().readTree(manifest);
    Path file = folder.resolve("kubeshark.tar");
    archive().save(file, "localhost/team/kubeshark:1.2", folder.resolve("layers"));
    Commands.output(folder, List.of("tar", "xf", file.toString()));
    byte[] configuration = get(base + "/blobs/" + parts.at("/config/digest").asString(), more);
    assertThat(digest(configuration)).isEqualTo(parts.at("/config/digest").asString());
    assertThat(new ObjectMapper().readTree(configuration)).isEqualTo(new ObjectMapper().readTree(Files.readAllBytes(folder.resolve("config.json"))));
    assertThat(parts.path("layers").size()).isEqualTo(1);
    for (JsonNode layer : parts.path("layers")) {
      byte[] blob = get(base + "/blobs/" + layer.path("digest").asString(), more);
      assertThat(digest(blob)).isEqualTo(layer.path("digest").asString());
      assertThat(blob.length).isEqualTo(layer.path("size").asInt());
      assertThat(Files.readAllBytes(folder.resolve(layer.path("digest").asString().substring("sha256:".length()) + ".tar.gz"))).isEqualTo(blob);
    }
  }

  @Test
  void pushesToARegistryWithoutTls() throws Exception {
    try (DockerRegistry registry = new DockerRegistry(folder, false)) {
      push(registry.host(), true);
      assertPushed("http://" + registry.host() + "/v2/team/kubeshark");
    }
  }

  @Test
  void pushesWithTheCredentialsOfALoginAndSaysWhichAreMissing() throws Exception {
    try (DockerRegistry registry = new DockerRegistry(folder, true)) {
      String host = registry.host();
      assertThatThrownBy(() -> push(host, false, login(host, DockerRegistry.PASSWORD))).isInstanceOf(Failure.class).hasMessageContaining("a certificate that this machine does not know");
      assertThatThrownBy(() -> push(host, true)).isInstanceOf(Failure.class).hasMessageContaining("docker login " + host).hasMessageContaining(host + "/team/kubeshark:1.2");
      assertThatThrownBy(() -> push(host, true, login(host, "wrong"))).isInstanceOf(Failure.class).hasMessageContaining("podman login " + host);
      push(host, true, folder.resolve("absent.json"), login("elsewhere", "other"), login(host, DockerRegistry.PASSWORD));
      assertPushed("https://" + host + "/v2/team/kubeshark", "-u", DockerRegistry.USER + ":" + DockerRegistry.PASSWORD);
    }
  }

  @Test
  void saysWhereNoRegistryIs() {
    assertThatThrownBy(() -> push("127.0.0.1:1", false)).isInstanceOf(Failure.class).hasMessageContaining("no registry answers at 127.0.0.1:1");
    assertThatThrownBy(() -> push("registry.invalid", false)).isInstanceOf(Failure.class).hasMessageContaining("nobody knows the host registry.invalid");
    assertThatThrownBy(() -> push("UPPER/x:y", false)).isInstanceOf(Failure.class).hasMessageContaining("no name of an image");
  }

  @Test
  void credentialsAreLookedForWherePodmanAndDockerLeaveThem() {
    Path home = Path.of("/home/me");
    assertThat(Registry.logins(Map.of(), home)).containsExactly(home.resolve(".config/containers/auth.json"), home.resolve(".docker/config.json"));
    assertThat(Registry.logins(Map.of("REGISTRY_AUTH_FILE", "/a.json", "XDG_RUNTIME_DIR", "/run/user/1", "DOCKER_CONFIG", "/d"), home)).containsExactly(Path.of("/a.json"),
        Path.of("/run/user/1/containers/auth.json"), home.resolve(".config/containers/auth.json"), Path.of("/d/config.json"));
  }
}
