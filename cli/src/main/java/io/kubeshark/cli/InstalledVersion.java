package io.kubeshark.cli;

import java.util.LinkedHashMap;
import java.util.Map;

/** What the labels of an installation say of its version. */
final class InstalledVersion {
  private static final String LABEL_VERSION = "app.kubernetes.io/version";

  private InstalledVersion() {}

  /** {@code installed} is "none" if nothing is. */
  static Map<String, Object> of(Config config) {
    try (Cluster cluster = Cluster.of(config)) {
      Release release = new Release(cluster, config);
      Map<String, Object> versions = new LinkedHashMap<>();
      versions.put("kubernetes", cluster.requireVersion());
      var settings = release.settings();
      Map<String, String> labels = settings == null ? null : settings.getMetadata().getLabels();
      versions.put("installed", settings == null ? "none" : labels == null ? "unknown" : labels.getOrDefault(LABEL_VERSION, "unknown"));
      versions.put("namespace", release.namespace());
      return versions;
    }
  }
}
