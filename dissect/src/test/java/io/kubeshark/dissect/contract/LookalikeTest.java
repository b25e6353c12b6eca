package io.kubeshark.dissect.contract;

import io.kubeshark.core.ByteCursor;
import io.kubeshark.core.Direction;
import io.kubeshark.dissect.Protocol;
import io.kubeshark.dissect.Protocols;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every recogniser over the first bytes of every conversation: a protocol that steals another's traffic shows as a diff of the golden. */
class LookalikeTest {
  private static final String COLUMNS = "%-44s";

  @Test
  void everyRecognizerKnowsItsOwn() {
    List<Protocol> protocols = Protocols.installed().all();
    StringBuilder table = new StringBuilder(String.format(COLUMNS, "first bytes of"));
    for (Protocol protocol : protocols) table.append(String.format(" %-10s", protocol.info().id()));
    for (Corpus corpus : Corpus.all()) {
      for (Conversation conversation : corpus.conversations()) {
        for (Direction direction : Direction.values()) {
          Conversation.Step first =
              conversation.steps().stream().filter(step -> step.sender() == direction).findFirst().orElse(null);
          if (first == null) continue;
          String name = corpus.protocol() + "/" + conversation.name() + " " + direction.name().toLowerCase();
          table.append('\n').append(String.format(COLUMNS, name));
          for (String verdict : verdicts(protocols, conversation, first)) table.append(String.format(" %-10s", verdict));
        }
      }
    }
    Golden.assertMatches("lookalikes.txt", table.toString().replaceAll(" +\n", "\n").stripTrailing() + "\n");
  }

  private static List<String> verdicts(List<Protocol> protocols, Conversation conversation, Conversation.Step first) {
    List<String> verdicts = new ArrayList<>();
    for (Protocol protocol : protocols) {
      if (!protocol.runsOver(conversation.transport())) {
        verdicts.add("-");
        continue;
      }
      ByteCursor head = new ByteCursor(first.bytes(), 0, first.bytes().length);
      verdicts.add(switch (protocol.recognize(first.sender(), head)) {
        case MATCH -> "MATCH";
        case REJECT -> ".";
        case NEED_MORE -> "more";
      });
    }
    return verdicts;
  }
}
