package io.kubeshark.dissect.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.core.Connection;
import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.LedgerCode;
import io.kubeshark.dissect.ConnectionPolicy;
import io.kubeshark.dissect.DissectOptions;
import io.kubeshark.dissect.Protocols;
import io.kubeshark.dissect.Runner;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Runs segments of one connection through the runner and checks, each time, what must always hold: nothing was thrown, each byte that was
 * handed over is on exactly one account, and what waits stays within its limit.
 */
public final class Replay {
  private static final int CLIENT_PORT = 40_000;

  private final Protocols protocols;
  private final DissectOptions options;
  private final List<Entry> entries = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();

  public Replay(Protocols protocols, DissectOptions options) {
    this.protocols = protocols;
    this.options = options;
  }

  /** Entries of the whole conversation, undisturbed. */
  public List<Entry> run(Conversation conversation) {
    return run(conversation, Segment.of(conversation), false);
  }

  List<Entry> run(Conversation conversation, List<Segment> segments, boolean midStream) {
    entries.clear();
    failures.clear();
    Runner runner = new Runner(protocols, options, EntryLayout.Capture.FILE, false, ConnectionPolicy.ALL, this::keep,
        (protocol, connection, failure, reproducer) -> failures.add(describe(protocol, failure, reproducer)));
    Connection connection = connection(conversation.transport(), conversation.serverPort(), midStream);
    runner.onOpen(connection);
    long bytesIn = 0;
    long timeNs = 0;
    for (Segment segment : segments) {
      bytesIn += feed(runner, connection, segment);
      timeNs = segment.timeNs();
      assertThat(runner.waitingBytes()).as("bytes that wait").isLessThanOrEqualTo(2L * options.streamBytesMax());
    }
    runner.onEnd(connection, connection.end(Direction.CLIENT), timeNs);
    runner.onEnd(connection, connection.end(Direction.SERVER), timeNs);
    connection.state = Connection.State.CLOSED;
    runner.onClose(connection, timeNs);
    if (!failures.isEmpty()) throw new AssertionError(String.join("\n", failures));
    assertThat(runner.waitingBytes()).as("bytes that wait after the end").isZero();
    assertThat(booked(runner)).as("bytes booked on the ledger's accounts").isEqualTo(bytesIn);
    return List.copyOf(entries);
  }

  public static Connection connection(int transport, int serverPort, boolean midStream) {
    Connection connection = new Connection(1, transport, false, 0, 0);
    connection.ipHigh[0] = connection.ipHigh[1] = 0;
    connection.ipLow[0] = 0x0000ffff_0a000001L;
    connection.ipLow[1] = 0x0000ffff_0a000002L;
    connection.port[0] = CLIENT_PORT;
    connection.port[1] = serverPort;
    connection.clientEnd = 0;
    connection.midStream = midStream;
    return connection;
  }

  private static int feed(Runner runner, Connection connection, Segment segment) {
    // By end, not by direction: the runner may find that the ends are the other way round.
    int end = segment.sender() == Direction.CLIENT ? 0 : 1;
    byte[] bytes = segment.bytes();
    if (connection.transport == Connection.UDP) {
      if (segment.lost()) return 0;
      runner.onDatagram(connection, end, bytes, 0, bytes.length, bytes.length, segment.timeNs());
    } else if (segment.lost()) {
      runner.onGap(connection, end, segment.position(), bytes.length, segment.timeNs());
      return 0;
    } else {
      runner.onData(connection, end, bytes, 0, bytes.length, segment.position(), segment.peerPosition(), segment.timeNs());
    }
    return bytes.length;
  }

  private static long booked(Runner runner) {
    long sum = 0;
    for (LedgerCode code : LedgerCode.values()) {
      assertThat(runner.ledger().bytes(code)).as(code.code).isNotNegative();
      sum += runner.ledger().bytes(code);
    }
    return sum;
  }

  private boolean keep(byte[] record, int offset, int length) {
    Entry entry = new Entry(Arrays.copyOfRange(record, offset, offset + length));
    if (entry.isExchange()) entries.add(entry);
    return true;
  }

  private static String describe(String protocol, RuntimeException failure, byte[] reproducer) {
    java.io.StringWriter trace = new java.io.StringWriter();
    failure.printStackTrace(new java.io.PrintWriter(trace));
    int shown = Math.min(reproducer.length, 512);
    return protocol + " failed at bytes " + HexFormat.of().formatHex(reproducer, 0, shown) + "\n" + trace;
  }
}
