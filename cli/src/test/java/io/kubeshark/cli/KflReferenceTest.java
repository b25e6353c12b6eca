package io.kubeshark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.core.ProtocolInfo;
import io.kubeshark.core.Schema;
import io.kubeshark.dissect.Protocols;
import io.kubeshark.kfl.Kfl;
import io.kubeshark.kfl.KflReference;
import io.kubeshark.kube.EventProtocol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** docs/kfl-reference.md lists the variables of the protocols in this build. Update: {@code mvn -pl cli test -Dgolden.update=true}. */
class KflReferenceTest {
  private static final Path REFERENCE = Path.of("..", "docs", "kfl-reference.md");

  @Test
  void theReferenceIsUpToDate() throws IOException {
    List<ProtocolInfo> protocols = new ArrayList<>(Protocols.installed().schema().protocols());
    protocols.add(EventProtocol.INFO); // of clusters
    String now = KflReference.markdown(new Kfl(new Schema(protocols)));
    if (Boolean.getBoolean("golden.update")) Files.writeString(REFERENCE, now);
    assertThat(Files.readString(REFERENCE)).as("docs/kfl-reference.md (update: mvn -pl cli test -Dgolden.update=true)").isEqualTo(now);
  }
}
