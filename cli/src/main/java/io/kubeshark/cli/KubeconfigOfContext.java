package io.kubeshark.cli;

import io.fabric8.kubernetes.client.Config;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The kubeconfig as it is, with the chosen context as the current one and relative files made absolute. */
final class KubeconfigOfContext {
  private KubeconfigOfContext() {}

  /** @param file null: inside of a pod, from the service account */
  @SuppressWarnings("unchecked")
  static Map<String, Object> of(Config config, File file) throws IOException {
    if (file == null) return ofServiceAccount(config);
    Map<String, Object> tree = new LinkedHashMap<>((Map<String, Object>) Yaml.value(Yaml.compose(Files.readString(file.toPath()), file.toString())));
    if (config.getCurrentContext() != null) tree.put("current-context", config.getCurrentContext().getName());
    Path folder = file.toPath().toAbsolutePath().getParent();
    absolute(tree.get("clusters"), "cluster", folder, "certificate-authority");
    absolute(tree.get("users"), "user", folder, "client-certificate", "client-key", "tokenFile");
    return tree;
  }

  @SuppressWarnings("unchecked")
  private static void absolute(Object list, String inside, Path folder, String... keys) {
    if (!(list instanceof List<?> items)) return;
    for (Object item : items) {
      if (!(item instanceof Map<?, ?> named) || !(named.get(inside) instanceof Map<?, ?> map)) continue;
      for (String key : keys) if (map.get(key) instanceof String path && !path.isEmpty()) ((Map<String, Object>) map).put(key, folder.resolve(path).toString());
    }
  }

  private static Map<String, Object> ofServiceAccount(Config config) {
    Map<String, Object> cluster = new LinkedHashMap<>(Map.of("server", config.getMasterUrl()));
    if (config.getCaCertFile() != null) cluster.put("certificate-authority", config.getCaCertFile());
    String token = config.getOauthToken() != null ? config.getOauthToken() : config.getAutoOAuthToken();
    return Map.of("apiVersion", "v1", "kind", "Config", "current-context", "pod",
        "clusters", List.of(Map.of("name", "pod", "cluster", cluster)),
        "users", List.of(Map.of("name", "pod", "user", Map.of("token", token))),
        "contexts", List.of(Map.of("name", "pod", "context", Map.of("cluster", "pod", "user", "pod"))));
  }
}
