package io.kubeshark.dissect.contract;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.kubeshark.core.Connection;
import io.kubeshark.core.Direction;
import io.kubeshark.dissect.DissectOptions;
import io.kubeshark.dissect.Protocols;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One fuzz harness for all protocols, through the runner, so that holes, recovery and the ledger are fuzzed with them.
 *
 * <p>Normal test runs only replay the seeds: the corpus, and what was found before (src/test/resources, beside this class's name). To
 * search: {@code JAZZER_FUZZ=1 mvn -pl dissect test -Dtest=ProtocolsFuzzTest}, half a minute.
 *
 * <pre>
 *   input := u8 flags (1: UDP, 2: joined in the middle), u16 server port, chunk*
 *   chunk := u8 (1: server, 2: lost), u16 length, bytes            little endian
 * </pre>
 */
class ProtocolsFuzzTest {
  private static final int UDP = 1;
  private static final int MID_STREAM = 2;
  private static final int SERVER = 1;
  private static final int LOST = 2;
  private static final int CHUNK_BYTES_MAX = 0xffff;

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "30s")
  void nothingBreaks(byte[] input) {
    if (input == null || input.length < 3) return;
    int port = input[1] & 0xff | (input[2] & 0xff) << 8;
    Conversation conversation = (input[0] & UDP) != 0 ? Conversation.udp("fuzz", port) : Conversation.tcp("fuzz", port);
    long[] positions = new long[2];
    List<Segment> segments = new ArrayList<>();
    for (int at = 3; at + 3 < input.length; ) {
      Direction sender = (input[at] & SERVER) != 0 ? Direction.SERVER : Direction.CLIENT;
      boolean lost = (input[at] & LOST) != 0;
      int length = Math.min(input.length - at - 3, Math.max(1, input[at + 1] & 0xff | (input[at + 2] & 0xff) << 8));
      byte[] bytes = Arrays.copyOfRange(input, at + 3, at + 3 + length);
      int side = sender.ordinal();
      segments.add(new Segment(sender, bytes, lost, positions[side], positions[1 - side], segments.size()));
      positions[side] += length;
      at += 3 + length;
    }
    new Replay(Protocols.installed(), DissectOptions.DEFAULT).run(conversation, segments, (input[0] & MID_STREAM) != 0);
  }

  static Stream<byte[]> seeds() {
    return Corpus.all().stream().flatMap(corpus -> corpus.conversations().stream())
        .filter(conversation -> conversation.length() <= CHUNK_BYTES_MAX)
        .map(ProtocolsFuzzTest::encoded);
  }

  private static byte[] encoded(Conversation conversation) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(conversation.transport() == Connection.UDP ? UDP : 0);
    out.write(conversation.serverPort());
    out.write(conversation.serverPort() >> 8);
    for (Conversation.Step step : conversation.steps()) {
      out.write(step.sender() == Direction.SERVER ? SERVER : 0);
      out.write(step.bytes().length);
      out.write(step.bytes().length >> 8);
      out.writeBytes(step.bytes());
    }
    return out.toByteArray();
  }
}
