package io.kubeshark.dissect;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.core.Connection;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntryView;
import io.kubeshark.core.FieldSpec;
import io.kubeshark.core.Ledger;
import io.kubeshark.core.LedgerCode;
import io.kubeshark.core.LinkType;
import io.kubeshark.core.PacketTap;
import io.kubeshark.core.StreamHandler;
import io.kubeshark.dissect.contract.Conversation;
import io.kubeshark.dissect.contract.Corpus;
import io.kubeshark.reassembly.Reassembler;
import io.kubeshark.reassembly.ReassemblyLimits;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Packets to entries through reassembler and runner, whatever happens to them: each byte is on exactly one account, at every moment and for
 * each connection at its end; nothing stays in memory; nothing is thrown.
 */
class LedgerTest {
  private static final int ROUNDS = Boolean.getBoolean("kubeshark.fast") ? 10 : 100;
  private static final int CONVERSATIONS = 12;
  private static final DissectOptions TINY = new DissectOptions(256, 4096, 4096, 24 << 10);
  private static final long START_NS = 1_700_000_000_000_000_000L;

  /** Reassembler and runner, with everything checked after each packet and at each connection's end. */
  private static final class Rig implements StreamHandler, ConnectionPolicy {
    final Runner runner;
    final Reassembler reassembler;
    final DissectOptions options;
    final List<String> failures = new ArrayList<>();
    final List<Connection> closed = new ArrayList<>();
    final EntryView view = new EntryView();
    /** Null: nothing is excluded, nothing refused. */
    final Random mood;
    boolean refuseAll;
    long exchanges;
    long refusedBytes;
    private Connection closing;
    /** As the last entry of the connection being closed says. */
    private long entryWire;
    private long entryAccounts;
    private long timeNs = START_NS;

    Rig(Protocols protocols, DissectOptions options, ReassemblyLimits limits, Random mood) {
      this.options = options;
      this.mood = mood;
      runner = new Runner(protocols, options, EntryLayout.Capture.FILE, true, this, this::entry, (protocol, connection, failure, reproducer) -> {
        if (!FaultyProtocol.REASON.equals(failure.getMessage())) throw new AssertionError(protocol + " failed", failure);
        failures.add(protocol);
      });
      reassembler = new Reassembler(1, limits, this, PacketTap.NONE);
    }

    void packet(Wire.Frame frame) {
      timeNs += 1_000_000;
      reassembler.onPacket(frame.bytes(), 0, frame.bytes().length, frame.wireLength(), timeNs, LinkType.ETHERNET, 1, -1, 0);
      check();
    }

    void end() {
      reassembler.flush(timeNs);
      check();
      assertThat(total().pending()).as("pending at the end").isZero();
      assertThat(runner.waitingBytes()).as("waiting bytes at the end").isZero();
      assertThat(runner.messageBytes()).as("memory of messages at the end").isZero();
      assertThat(runner.buffers.outBytes()).as("buffers out at the end").isZero();
    }

    Ledger total() {
      Ledger total = reassembler.ledger().copy();
      total.addAll(runner.ledger());
      return total;
    }

    private void check() {
      Ledger total = total();
      assertThat(total.pending()).as("wire less accounts").isEqualTo(reassembler.pendingBytes() + runner.waitingBytes());
      for (LedgerCode code : LedgerCode.values()) assertThat(total.bytes(code)).as(code.code).isNotNegative();
      assertThat(runner.buffers.outBytes()).isBetween(0L, options.budgetBytes() / 2);
      assertThat(runner.messageBytes()).isNotNegative();
    }

    private boolean entry(byte[] record, int offset, int length) {
      assertThat(view.wrap(record, offset, length)).isTrue();
      boolean refused = refuseAll || mood != null && mood.nextInt(8) == 0;
      if (view.kind() == EntryLayout.Kind.CONNECTION) {
        if (closing != null) lastEntry();
        return !refused;
      }
      exchanges++;
      assertThat(view.requestSize()).as("request's size").isNotNegative();
      assertThat(view.responseSize()).as("response's size").isNotNegative();
      return !refused;
    }

    private void lastEntry() {
      entryWire = field(ConnectionEntries.WIRE);
      entryAccounts = field(ConnectionEntries.DISSECTED) + field(ConnectionEntries.OPAQUE) + field(ConnectionEntries.LOST);
    }

    private long field(FieldSpec field) {
      int at = view.find(field);
      assertThat(at).as(field.name()).isNotNegative();
      return view.intValue(at);
    }

    @Override
    public LedgerCode excludedAs(Connection connection) {
      return mood != null && mood.nextInt(10) == 0 ? mood.nextBoolean() ? LedgerCode.SELF : LedgerCode.NOT_TARGETED : null;
    }

    @Override
    public void onOpen(Connection connection) {
      runner.onOpen(connection);
    }

    @Override
    public void onData(Connection connection, int end, byte[] array, int offset, int length, long position, long peerPosition, long timeNs) {
      runner.onData(connection, end, array, offset, length, position, peerPosition, timeNs);
    }

    @Override
    public void onGap(Connection connection, int end, long position, long length, long timeNs) {
      runner.onGap(connection, end, position, length, timeNs);
    }

    @Override
    public void onDatagram(Connection connection, int end, byte[] array, int offset, int length, int wireLength, long timeNs) {
      runner.onDatagram(connection, end, array, offset, length, wireLength, timeNs);
    }

    @Override
    public void onEnd(Connection connection, int end, long timeNs) {
      runner.onEnd(connection, end, timeNs);
    }

    @Override
    public void onClose(Connection connection, long timeNs) {
      closing = connection;
      entryWire = entryAccounts = -1;
      runner.onClose(connection, timeNs);
      closing = null;
      assertThat(entryAccounts).as("accounts in the entry of connection %d: %s", connection.id, text(connection.ledger)).isEqualTo(entryWire);
      assertThat(entryWire).as("wire in the entry").isEqualTo(connection.excluded == LedgerCode.SELF ? -1 : connection.ledger.wire());
      closed.add(connection);
      for (LedgerCode code : LedgerCode.values()) assertThat(connection.ledger.bytes(code)).as("%s of connection %d", code.code, connection.id).isNotNegative();
      assertThat(connection.ledger.pending()).as("pending of connection %d: %s", connection.id, text(connection.ledger)).isZero();
    }

    @Override
    public void onTime(long timeNs) {
      runner.onTime(timeNs);
    }

    private static String text(Ledger ledger) {
      StringBuilder text = new StringBuilder("wire " + ledger.wire());
      for (LedgerCode code : LedgerCode.values()) if (ledger.bytes(code) != 0) text.append(", ").append(code.code).append(' ').append(ledger.bytes(code));
      return text.toString();
    }
  }

  private static Protocols with(FaultyProtocol faulty) {
    List<Protocol> all = new ArrayList<>(Protocols.installed().all());
    all.add(faulty);
    return new Protocols(all);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static Conversation redis(Random random) {
    Conversation conversation = Conversation.tcp("redis", 6379);
    for (int i = 0; i < 20; i++) {
      int run = 1 + random.nextInt(3);
      String value = "x".repeat(random.nextInt(random.nextInt(10) == 0 ? 20_000 : 50));
      conversation = conversation.client(ascii(("*2\r\n$3\r\nGET\r\n$" + value.length() + "\r\n" + value + "\r\n").repeat(run)))
          .server(ascii(("$" + value.length() + "\r\n" + value + "\r\n").repeat(run)));
    }
    return conversation;
  }

  /** Upgrades with bytes waiting on both sides, to a protocol that is known, unknown, or not the one said. */
  private static Conversation handOver(Random random) {
    String name = random.nextBoolean() ? "redis" : "websocket";
    String request = random.nextBoolean() ? "CONNECT shop.example:443 HTTP/1.1\r\nHost: a\r\n\r\n" : "GET /x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: " + name + "\r\n\r\n";
    String response = request.startsWith("CONNECT") ? "HTTP/1.1 200 OK\r\n\r\n" : "HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: " + name + "\r\n\r\n";
    if (random.nextInt(4) == 0) response = "HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno";
    Conversation conversation = Conversation.tcp("hand-over", 8080);
    if (random.nextBoolean()) return conversation.client(ascii(request + "*1\r\n$4\r\nPING\r\n")).server(ascii(response + "+PONG\r\n")).client("*1\r\n$4\r\nPING\r\n");
    if (random.nextBoolean()) return conversation.client(request).server(ascii(response + "\u0016\u0003\u0003hello")).client("\u0016\u0003\u0001hello").server("more");
    return conversation.client(request).client("GET /tunnelled HTTP/1.1\r\nHost: a\r\n\r\n").server(response).server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  }

  private static Conversation noise(Random random) {
    byte[] bytes = new byte[1 + random.nextInt(6000)];
    random.nextBytes(bytes);
    Conversation conversation = random.nextBoolean() ? Conversation.tcp("noise", 12345) : Conversation.udp("noise", 12345);
    Conversation first = random.nextBoolean() ? conversation.server("220 ready\r\n") : conversation;
    return first.client(Arrays.copyOf(bytes, Math.min(1400, bytes.length))).server("\u0016\u0003\u0001" + "z".repeat(random.nextInt(900))).client("more");
  }

  private static Conversation pick(List<Conversation> corpus, Random random) {
    return switch (random.nextInt(6)) {
      case 0 -> redis(random);
      case 1 -> handOver(random);
      case 2 -> noise(random);
      case 3 -> FaultyProtocol.conversation(random);
      default -> corpus.get(random.nextInt(corpus.size()));
    };
  }

  /** All frames in a random order that keeps each conversation's own. */
  private static void replay(Rig rig, List<List<Wire.Frame>> conversations, Random random) {
    List<Integer> turns = new ArrayList<>();
    for (int i = 0; i < conversations.size(); i++) for (int j = 0; j < conversations.get(i).size(); j++) turns.add(i);
    java.util.Collections.shuffle(turns, random);
    int[] next = new int[conversations.size()];
    for (int turn : turns) rig.packet(conversations.get(turn).get(next[turn]++));
    rig.end();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void everyByteIsAccountedFor(int kind) {
    List<Conversation> corpus = Corpus.all().stream().flatMap(each -> each.conversations().stream()).toList();
    for (int round = 0; round < ROUNDS; round++) {
      long seed = kind * 1_000_003L + round;
      Random random = new Random(seed);
      FaultyProtocol faulty = new FaultyProtocol(random, 60);
      DissectOptions options = (kind & 1) == 0 ? DissectOptions.DEFAULT : TINY;
      ReassemblyLimits limits = (kind & 1) == 0 ? ReassemblyLimits.DEFAULT : ReassemblyLimits.DEFAULT.withBufferedBytes(4096).withConnections(8);
      Rig rig = new Rig(with(faulty), options, limits, (kind & 2) == 0 ? null : random);
      List<List<Wire.Frame>> conversations = new ArrayList<>();
      for (int i = 0; i < CONVERSATIONS; i++) conversations.add(new Wire(pick(corpus, random), i, random).rough());
      try {
        replay(rig, conversations, random);
        assertThat(rig.failures).as("failures told").hasSize(faulty.thrown);
      } catch (AssertionError | RuntimeException failure) {
        throw new AssertionError("seed " + seed + ": " + failure.getMessage(), failure);
      }
    }
  }

  @Test
  void aFailingDissectorHarmsNothingElse() {
    Conversation good = Conversation.tcp("good", 80);
    for (int i = 0; i < 20; i++) good = good.client("GET /" + i + " HTTP/1.1\r\nHost: a\r\n\r\n").server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    for (int seed = 0; seed < ROUNDS; seed++) {
      Random random = new Random(seed);
      FaultyProtocol faulty = new FaultyProtocol(random, 5);
      Rig rig = new Rig(with(faulty), DissectOptions.DEFAULT, ReassemblyLimits.DEFAULT, null);
      List<List<Wire.Frame>> conversations = new ArrayList<>();
      for (int i = 0; i < 4; i++) conversations.add(new Wire(FaultyProtocol.conversation(random), i, random).calm());
      conversations.add(new Wire(good, 9, random).calm());
      replay(rig, conversations, random);
      assertThat(rig.runner.counters().failures).as("seed " + seed).isEqualTo(faulty.thrown);
      Connection http = rig.closed.stream().filter(each -> each.port[0] == 80 || each.port[1] == 80).findFirst().orElseThrow();
      assertThat(http.ledger.bytes(LedgerCode.MESSAGES)).as("seed " + seed).isEqualTo(good.length());
      assertThat(rig.total().bytes(LedgerCode.DISSECTOR_FAILED) > 0 || faulty.thrown == 0 || rig.failures.size() < 4).as("seed " + seed).isTrue();
    }
  }

  @Test
  void whatIsRefusedWasNotDissected() {
    for (Corpus corpus : Corpus.all()) {
      for (Conversation conversation : corpus.conversations()) {
        if (conversation.name().equals("early-hints") || conversation.name().equals("continue")) continue; // interim responses make no entry
        Rig taken = new Rig(Protocols.installed(), DissectOptions.DEFAULT, ReassemblyLimits.DEFAULT, null);
        replay(taken, List.of(new Wire(conversation, 1, new Random(1)).calm()), new Random(1));
        Rig refused = new Rig(Protocols.installed(), DissectOptions.DEFAULT, ReassemblyLimits.DEFAULT, null);
        refused.refuseAll = true;
        replay(refused, List.of(new Wire(conversation, 1, new Random(1)).calm()), new Random(1));
        Ledger ledger = refused.closed.getFirst().ledger;
        assertThat(ledger.bytes(LedgerCode.QUEUE_REFUSED) + ledger.bytes(LedgerCode.MESSAGES)).as(conversation.name())
            .isEqualTo(taken.closed.getFirst().ledger.bytes(LedgerCode.MESSAGES));
        assertThat(ledger.bytes(LedgerCode.QUEUE_REFUSED)).as(conversation.name()).isEqualTo(refused.total().bytes(LedgerCode.QUEUE_REFUSED)).isPositive();
      }
    }
  }
}
