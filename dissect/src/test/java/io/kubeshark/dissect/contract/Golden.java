package io.kubeshark.dissect.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Expected texts in src/test/resources/golden. {@code mvn test -Dgolden.update} writes them anew: review the diff. */
final class Golden {
  private static final Path FOLDER = Path.of("src", "test", "resources", "golden");

  private Golden() {}

  static void assertMatches(String file, String actual) {
    Path path = FOLDER.resolve(file);
    try {
      if (System.getProperty("golden.update") != null) {
        Files.createDirectories(path.getParent());
        Files.writeString(path, actual);
      }
      assertThat(path).as("golden; make it with -Dgolden.update").exists();
      assertThat(actual).as("%s; if the change is right, update it with -Dgolden.update", path).isEqualTo(Files.readString(path));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
