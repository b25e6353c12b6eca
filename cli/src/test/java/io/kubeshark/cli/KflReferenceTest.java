package io.kubeshark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.dissect.Protocols;
import io.kubeshark.kfl.Kfl;
import io.kubeshark.kfl.KflReference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** docs/kfl-reference.md lists the variables of the protocols in this build. Update: {@code mvn -pl cli test -Dgolden.update=true}. */
class KflReferenceTest {
  private static final Path REFERENCE = Path.of("..", "docs", "kfl-reference.md");

  @Test
  void theReferenceIsUpToDate() throws IOException {
    String now = KflReference.markdown(new Kfl(Protocols.installed().schema()));
    if (Boolean.getBoolean("golden.update")) Files.writeString(REFERENCE, now);
    assertThat(Files.readString(REFERENCE)).as("docs/kfl-reference.md (update: mvn -pl cli test -Dgolden.update=true)").isEqualTo(now);
  }
}
