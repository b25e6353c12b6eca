package io.kubeshark.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Options of every verb that speaks to a cluster. Its types stay simple: picocli loads those of all verbs at each start. */
final class ClusterOptions {
  @Option(names = "--config-path", paramLabel = "FILE", description = "Configuration file (default: ./kubeshark.yaml, else ~/.kubeshark/config.yaml).")
  private Path configPath;

  @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Set a key of the configuration, such as tap.namespaces=shop; repeat for more.")
  private List<String> assignments = new ArrayList<>();

  @Option(names = "--kubeconfig", paramLabel = "FILE", description = "kubeconfig (default: $KUBECONFIG, else ~/.kube/config).")
  private String kubeconfig;

  @Option(names = "--context", paramLabel = "NAME", description = "Context of the kubeconfig (default: its current one).")
  private String context;

  @Option(names = {"-s", "--release-namespace"}, paramLabel = "NAMESPACE", description = "Namespace that Kubeshark is installed in (default: default).")
  private String releaseNamespace;

  @Option(names = "--release-name", paramLabel = "NAME", description = "Name of the release (default: kubeshark).")
  private String releaseName;

  Path configPath() {
    return configPath;
  }

  /** Defaults, file, {@code --set}, then these options. */
  Config config() {
    Config config = new Config().withFile(configPath == null ? Config.usualFile() : configPath);
    for (String assignment : assignments) config.withAssignment(assignment);
    return config.withOption("--kubeconfig", "kube.configPath", kubeconfig).withOption("--context", "kube.context", context)
        .withOption("--release-namespace", "tap.release.namespace", releaseNamespace).withOption("--release-name", "tap.release.name", releaseName);
  }
}
