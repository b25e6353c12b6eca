package io.kubeshark.cli;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;

/** The chart that this program brings along, unpacked for Helm. Removed when closed. */
final class Chart implements AutoCloseable {
  private static final String FOLDER = "/chart";

  private final Path temporary;
  private final Path path;

  private Chart(Path temporary, Path path) {
    this.temporary = temporary;
    this.path = path;
  }

  /** @param named folder or archive to take instead, or "" */
  static Chart open(String named) {
    if (!named.isEmpty()) {
      Path path = Path.of(named);
      if (!Files.isRegularFile(path) && !Files.isRegularFile(path.resolve("Chart.yaml"))) {
        throw new Failure("'" + named + "' is no chart: name a folder with a Chart.yaml or a .tgz (tap.release.helmChartPath)");
      }
      return new Chart(null, path);
    }
    try {
      Path temporary = Files.createTempDirectory("kubeshark-chart");
      unpack(temporary.resolve("kubeshark"));
      return new Chart(temporary, temporary.resolve("kubeshark"));
    } catch (IOException | URISyntaxException e) {
      throw new Failure("the chart cannot be unpacked: " + e.getMessage());
    }
  }

  private static void unpack(Path into) throws IOException, URISyntaxException {
    var resource = Chart.class.getResource(FOLDER + "/Chart.yaml");
    if (resource == null) throw new Failure("this program was built without its chart: name one with --release-helmChartPath");
    URI uri = resource.toURI();
    if (!"jar".equals(uri.getScheme())) {
      copy(Path.of(uri).getParent(), into);
      return;
    }
    try (FileSystem jar = FileSystems.newFileSystem(uri, Map.of())) {
      copy(jar.getPath(FOLDER), into);
    }
  }

  private static void copy(Path from, Path into) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = into.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.write(target, Files.readAllBytes(file));
        }
      }
    }
  }

  Path path() {
    return path;
  }

  @Override
  public void close() {
    if (temporary == null) return;
    try (Stream<Path> files = Files.walk(temporary)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
    } catch (IOException e) {
      // A few kilobytes in the folder for temporary files.
    }
  }
}
