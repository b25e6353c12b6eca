package io.kubeshark.cli;

import io.kubeshark.wire.ReleaseTls;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import picocli.CommandLine.Option;

/** What a container of a release is told by the chart, whichever part it runs. */
final class ReleaseOptions {
  @Option(names = "--tls-dir", paramLabel = "DIR", defaultValue = "/etc/kubeshark/tls", description = "Directory of ca.crt, tls.crt and tls.key (default ${DEFAULT-VALUE}).")
  private Path tlsDirectory;

  @Option(names = "--release", paramLabel = "NAME", defaultValue = "${KUBESHARK_RELEASE:-kubeshark}", description = "Name of the Helm release (default ${DEFAULT-VALUE}).")
  String name;

  ReleaseTls tls() throws IOException {
    return ReleaseTls.load(tlsDirectory);
  }

  String namespace() {
    return environment("POD_NAMESPACE", "metadata.namespace");
  }

  /** @param field of the pod, from which the variable comes */
  static String environment(String name, String field) {
    String value = Objects.requireNonNullElse(System.getenv(name), "");
    if (value.isBlank()) throw new Failure(Failure.USAGE, name + " is not set: in the pod's spec it comes from " + field + " (the Helm chart sets it)");
    return value;
  }
}
