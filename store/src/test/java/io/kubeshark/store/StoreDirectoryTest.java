package io.kubeshark.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreDirectoryTest {
  @TempDir Path parent;

  @Test
  void anEphemeralOneIsPrivateAndGoesAwayWithWhatIsInIt() throws Exception {
    StoreDirectory directory = StoreDirectory.ephemeral(parent.resolve("made/too"));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.path()))).isEqualTo("rwx------");
    Files.writeString(directory.path().resolve("entries-0000000000000000001.seg"), "x");
    Files.writeString(directory.path().resolve("packets-0000000000000000001.seg"), "x");
    directory.close();
    directory.close();
    assertThat(list(parent.resolve("made/too"))).isEmpty();
  }

  @Test
  void removesWhatKilledProcessesLeftButNothingElse() throws Exception {
    Process killed = StoreChild.start("ephemeral", parent);
    Process alive = StoreChild.start("ephemeral", parent);
    try {
      Path dead = Path.of(killed.inputReader().readLine());
      Path living = Path.of(alive.inputReader().readLine());
      killed.destroyForcibly().waitFor();
      Path half = Files.createDirectory(parent.resolve("kubeshark-store-" + killed.pid() + "-0a1b2c3d.new"));
      Path foreign = Files.createDirectory(parent.resolve("kubeshark-store-notes"));
      Path file = Files.writeString(parent.resolve("kubeshark-store-1-0a1b2c3d"), "not a directory");

      try (StoreDirectory mine = StoreDirectory.ephemeral(parent); StoreDirectory second = StoreDirectory.ephemeral(parent)) {
        assertThat(dead).doesNotExist();
        assertThat(half).doesNotExist();
        assertThat(list(parent)).containsExactlyInAnyOrder(living, foreign, file, mine.path(), second.path());

        // Looking for stale ones must not have let go of our own locks.
        Process other = StoreChild.start("ephemeral", parent);
        try {
          assertThat(other.inputReader().readLine()).startsWith(parent.toRealPath().toString());
          assertThat(mine.path()).exists();
          assertThat(second.path()).exists();
        } finally {
          other.destroyForcibly().waitFor();
        }
      }
    } finally {
      killed.destroyForcibly().waitFor();
      alive.destroyForcibly().waitFor();
    }
  }

  @Test
  void aLastingOneIsNotSharedAndStays() throws Exception {
    Path path = parent.resolve("store");
    Process other = StoreChild.start("lasting", path);
    try {
      assertThat(other.inputReader().readLine()).isEqualTo(path.toRealPath().toString());
      assertThatThrownBy(() -> StoreDirectory.lasting(path)).isInstanceOf(IOException.class).hasMessageContaining("used by another kubeshark");
    } finally {
      other.destroyForcibly().waitFor();
    }
    StoreDirectory mine = StoreDirectory.lasting(path);
    assertThatThrownBy(() -> StoreDirectory.lasting(path)).isInstanceOf(IOException.class).hasMessageContaining("used by another kubeshark");
    mine.close();
    assertThat(path.resolve("entries-1.seg")).exists();
    StoreDirectory.lasting(path).close();
  }

  private static List<Path> list(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.toList();
    }
  }
}
