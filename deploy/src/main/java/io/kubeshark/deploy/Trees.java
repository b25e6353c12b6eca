package io.kubeshark.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** Directories to work in. */
final class Trees {
  private Trees() {}

  /** Makes a directory, or empties it. */
  static Path empty(Path directory) throws IOException {
    remove(directory);
    return Files.createDirectories(directory);
  }

  static void remove(Path directory) throws IOException {
    if (!Files.exists(directory)) return;
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) Files.delete(path);
    }
  }
}
