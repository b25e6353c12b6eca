package io.kubeshark.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.capture.CaptureStatistics;
import io.kubeshark.capture.PacketSource;
import io.kubeshark.core.IdentityTable;
import io.kubeshark.core.IpAddress;
import io.kubeshark.core.LinkType;
import io.kubeshark.core.PacketHandler;
import io.kubeshark.core.PacketTap;
import io.kubeshark.dissect.ConnectionPolicy;
import io.kubeshark.dissect.DissectOptions;
import io.kubeshark.dissect.Protocols;
import io.kubeshark.reassembly.ReassemblyLimits;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** From the packets of a DNS answer to what is learned of it. */
class NamingDnsTest {
  private static final long START_NS = 1_700_000_000_000_000_000L;

  private record Packets(List<byte[]> datagrams) implements PacketSource {
    @Override
    public int poll(PacketHandler handler, int timeoutMs) {
      if (datagrams.isEmpty()) return END;
      byte[] frame = frame(datagrams.removeFirst());
      handler.onPacket(frame, 0, frame.length, frame.length, START_NS, LinkType.ETHERNET, 1, -1, 0);
      return 1;
    }

    @Override
    public CaptureStatistics statistics() {
      return new CaptureStatistics(0, 0, 0, 0, List.of());
    }

    @Override
    public List<String> notes() {
      return List.of();
    }

    @Override
    public void close() {}
  }

  /** Bit 15 of a DNS message's flags tells who speaks. */
  private static byte[] frame(byte[] message) {
    boolean response = (message[2] & 0x80) != 0;
    ByteBuffer out = ByteBuffer.allocate(14 + 20 + 8 + message.length);
    out.putLong(0).putInt(0).putShort((short) 0x0800);
    out.put((byte) 0x45).put((byte) 0).putShort((short) (28 + message.length)).putInt(0).put((byte) 64).put((byte) 17).putShort((short) 0);
    out.putInt(response ? 0x0a0000ff : 0x0a000001).putInt(response ? 0x0a000001 : 0x0a0000ff);
    out.putShort((short) (response ? 53 : 40_000)).putShort((short) (response ? 40_000 : 53)).putShort((short) (8 + message.length));
    return out.putShort((short) 0).put(message).array();
  }

  private static ByteBuffer message(boolean response, int answers) {
    ByteBuffer out = ByteBuffer.allocate(2048);
    out.putShort((short) 7).putShort((short) (response ? 0x8180 : 0x0100)).putShort((short) 1).putShort((short) answers).putInt(0);
    name(out, "api.example.org");
    return out.putShort((short) 1).putShort((short) 1);
  }

  private static void name(ByteBuffer out, String name) {
    for (String label : name.split("\\.")) out.put((byte) label.length()).put(label.getBytes(StandardCharsets.US_ASCII));
    out.put((byte) 0);
  }

  private static ByteBuffer answer(ByteBuffer out, String owner, int type, int ttl, byte[] data) {
    name(out, owner);
    return out.putShort((short) type).putShort((short) 1).putInt(ttl).putShort((short) data.length).put(data);
  }

  private static byte[] bytes(ByteBuffer buffer) {
    return java.util.Arrays.copyOf(buffer.array(), buffer.position());
  }

  private static List<String> learned(byte[]... datagrams) throws Exception {
    List<String> learned = new ArrayList<>();
    Protocols protocols = Protocols.installed();
    NamingSink sink = new NamingSink(protocols.schema(), IdentityTable.NONE,
        (ip, offset, name, timeNs, ttlNs) -> learned.add(IpAddress.text(ip, offset) + " " + name + " " + (timeNs - START_NS) + " " + ttlNs / 1_000_000_000L),
        (_, _, _) -> true, 0);
    new Pipeline(0, false, new Packets(new ArrayList<>(List.of(datagrams))), protocols, DissectOptions.DEFAULT, ReassemblyLimits.DEFAULT,
        ConnectionPolicy.ALL, sink, PacketTap.NONE, sink::tick, (protocol, connection, failure, reproducer) -> {
          throw new AssertionError(failure);
        }).run();
    return learned;
  }

  @Test
  void addressesAreNamedByWhatWasAskedForThroughAliases() throws Exception {
    ByteBuffer cname = ByteBuffer.allocate(64);
    name(cname, "edge.cdn.example");
    ByteBuffer response = message(true, 3);
    answer(response, "api.example.org", 5, 60, bytes(cname));
    answer(response, "edge.cdn.example", 1, 300, new byte[] {(byte) 198, 51, 100, 9});
    answer(response, "edge.cdn.example", 28, 20, new byte[] {0x20, 1, 0xd, (byte) 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5});
    assertThat(learned(bytes(message(false, 0)), bytes(response)))
        .containsExactly("198.51.100.9 api.example.org 0 300", "2001:db8::5 api.example.org 0 20");
    assertThat(learned(bytes(response))).as("the query was not seen").hasSize(2).allMatch(line -> line.contains(" api.example.org "));
  }

  @Test
  void whatNamesNoHostIsNotLearned() throws Exception {
    ByteBuffer response = message(true, 5);
    answer(response, "api.example.org", 1, 60, new byte[4]);
    answer(response, "api.example.org", 1, 60, new byte[] {127, 0, 0, 1});
    answer(response, "api.example.org", 1, 60, new byte[] {(byte) 239, 0, 0, 1});
    answer(response, "api.example.org", 1, 60, new byte[] {1, 2, 3}); // broken
    answer(response, "api.example.org", 28, 60, new byte[15]);
    assertThat(learned(bytes(message(false, 0)), bytes(response))).isEmpty();
    assertThat(learned(bytes(message(false, 0)))).isEmpty();
  }

  @Test
  void ofOneAnswerSoManyAreLearned() throws Exception {
    ByteBuffer response = message(true, NamingDns.ANSWERS_MAX + 1);
    for (int i = 0; i <= NamingDns.ANSWERS_MAX; i++) answer(response, "a", 1, 60, new byte[] {(byte) 198, 51, 100, (byte) i});
    assertThat(learned(bytes(message(false, 0)), bytes(response))).hasSize(NamingDns.ANSWERS_MAX);
  }
}
