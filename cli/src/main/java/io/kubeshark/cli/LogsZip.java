package io.kubeshark.cli;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.ContainerResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** {@code kubeshark logs}. */
final class LogsZip {
  private static final int BAD_REQUEST = 400;
  private static final int LOG_BYTES_MAX = 64 << 20;
  static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyy-MM-dd_HH-mm-ss").withZone(ZoneOffset.UTC);

  private final Config config;
  private final Pattern wanted;
  private final List<String> problems = new ArrayList<>();

  LogsZip(Config config) {
    this.config = config;
    try {
      wanted = config.text("logs.grep").isEmpty() ? null : Pattern.compile(config.text("logs.grep"));
    } catch (PatternSyntaxException e) {
      throw new Failure(Failure.USAGE, "--grep is no regular expression: " + e.getDescription());
    }
  }

  int run(Instant now) {
    Path path = Path.of(config.text("logs.file").isEmpty() ? "kubeshark_logs_" + STAMP.format(now) + ".zip" : config.text("logs.file"));
    int logs = 0;
    try (Cluster cluster = Cluster.of(config)) {
      Release release = new Release(cluster, config);
      release.requireSettings();
      List<Pod> pods = release.pods();
      try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(path))) {
        for (Pod pod : pods) logs += logs(cluster, pod, zip);
        text(zip, "pods.yaml", Serialization.asYaml(pods.stream().map(LogsZip::readable).toList()));
        text(zip, "config.yaml", Yaml.dump(config.values()));
        text(zip, "settings.yaml", Yaml.dump(release.settings().getData()));
        text(zip, "version.txt", "command line " + Version.NUMBER + "\nKubernetes " + cluster.ask("read the version", c -> c.getKubernetesVersion().getGitVersion()) + "\n");
        text(zip, "events.txt", events(cluster, release));
        if (!problems.isEmpty()) text(zip, "problems.txt", String.join("\n", problems) + "\n");
      }
    } catch (IOException e) {
      throw new Failure("'" + path + "' cannot be written: " + e.getMessage());
    }
    for (String problem : problems) System.err.println("kubeshark: " + problem);
    System.out.println("Wrote " + path + ": " + Targets.plural(logs, "log"));
    return problems.isEmpty() ? 0 : Failure.FAILED;
  }

  private static Pod readable(Pod pod) {
    pod.getMetadata().setManagedFields(null);
    return pod;
  }

  private int logs(Cluster cluster, Pod pod, ZipOutputStream zip) throws IOException {
    int written = 0;
    String name = pod.getMetadata().getName();
    for (var declared : pod.getSpec().getContainers()) {
      String container = declared.getName();
      ContainerResource resource = cluster.client().pods().inNamespace(pod.getMetadata().getNamespace()).withName(name).inContainer(container);
      written += log(zip, "logs/" + name + "." + container + ".log", resource, false);
      boolean restarted = pod.getStatus().getContainerStatuses().stream().filter(status -> status.getName().equals(container))
          .map(ContainerStatus::getRestartCount).anyMatch(count -> count != null && count > 0);
      if (restarted) written += log(zip, "logs/" + name + "." + container + ".previous.log", resource, true);
    }
    return written;
  }

  private int log(ZipOutputStream zip, String entry, ContainerResource container, boolean previous) throws IOException {
    try (InputStream in = previous ? container.terminated().getLogInputStream() : container.getLogInputStream()) {
      zip.putNextEntry(new ZipEntry(entry));
      copy(in, zip);
      zip.closeEntry();
      return 1;
    } catch (KubernetesClientException e) {
      String reason = e.getStatus() == null || e.getStatus().getMessage() == null ? e.getMessage() : e.getStatus().getMessage();
      if (e.getCode() == BAD_REQUEST) { // it has not started, and so has none
        text(zip, entry, "(no log: " + reason + ")\n");
        return 1;
      }
      problems.add(entry + " cannot be read: " + reason);
      return 0;
    }
  }

  private void copy(InputStream in, OutputStream out) throws IOException {
    if (wanted == null) {
      byte[] piece = new byte[64 << 10];
      long left = LOG_BYTES_MAX;
      for (int count = in.read(piece); count >= 0 && left > 0; count = in.read(piece)) {
        out.write(piece, 0, (int) Math.min(count, left));
        left -= count;
      }
      if (left <= 0) out.write(("\n(cut here: over " + LOG_BYTES_MAX + " bytes)\n").getBytes(StandardCharsets.UTF_8));
      return;
    }
    BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (wanted.matcher(line).find()) out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    }
  }

  private static String events(Cluster cluster, Release release) {
    StringBuilder text = new StringBuilder();
    try {
      for (Event event : cluster.client().v1().events().inNamespace(release.namespace()).list().getItems()) {
        text.append(event.getLastTimestamp() == null ? event.getMetadata().getCreationTimestamp() : event.getLastTimestamp()).append(' ')
            .append(event.getType()).append(' ').append(event.getReason()).append(' ').append(event.getInvolvedObject().getKind()).append('/')
            .append(event.getInvolvedObject().getName()).append(" ×").append(event.getCount() == null ? 1 : event.getCount()).append(": ")
            .append(event.getMessage()).append('\n');
      }
    } catch (KubernetesClientException e) {
      text.append("events cannot be listed: ").append(e.getMessage()).append('\n');
    }
    return text.toString();
  }

  private static void text(ZipOutputStream zip, String name, String text) throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    zip.write(text.getBytes(StandardCharsets.UTF_8));
    zip.closeEntry();
  }
}
