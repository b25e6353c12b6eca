package io.kubeshark.reassembly;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.core.Connection;
import io.kubeshark.core.LedgerCode;
import io.kubeshark.core.StreamHandler;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Keeps what reassembly says, and checks its promises on the way: positions, causal order, no call after the last. */
final class Recorder implements StreamHandler {
  /** Byte that stands for a lost one. */
  static final byte HOLE = '_';

  static final class Seen {
    final Connection connection;
    final ByteArrayOutputStream[] bytes = {new ByteArrayOutputStream(), new ByteArrayOutputStream()};
    final List<String> events = new ArrayList<>();
    final long[] gapBytes = new long[2];
    final boolean[] ended = new boolean[2];
    long delivered;
    boolean closed;

    Seen(Connection connection) {
      this.connection = connection;
    }

    byte[] bytes(int end) {
      return bytes[end].toByteArray();
    }

    String text(int end) {
      return bytes[end].toString();
    }
  }

  final Map<Long, Seen> connections = new LinkedHashMap<>();
  final List<String> datagrams = new ArrayList<>();
  final Map<Long, Long> cutBytes = new HashMap<>();
  LedgerCode exclude;
  long deliveredBytes;

  Seen only() {
    assertThat(connections).hasSize(1);
    return connections.values().iterator().next();
  }

  Seen get(int index) {
    return List.copyOf(connections.values()).get(index);
  }

  private Seen open(Connection c) {
    Seen seen = connections.get(c.id);
    assertThat(seen).as("opened").isNotNull();
    assertThat(seen.closed).as("call after onClose").isFalse();
    return seen;
  }

  @Override
  public void onOpen(Connection c) {
    assertThat(connections.put(c.id, new Seen(c))).isNull();
    c.excluded = exclude;
  }

  @Override
  public void onData(Connection c, int end, byte[] array, int offset, int length, long position, long peerPosition, long timeNs) {
    Seen seen = open(c);
    assertThat(length).isPositive();
    assertThat(seen.ended[end]).as("data after onEnd").isFalse();
    assertThat(position).as("position").isEqualTo(seen.bytes[end].size());
    assertThat(peerPosition).as("acknowledges only what was handed over").isBetween(-1L, (long) seen.bytes[1 - end].size());
    seen.bytes[end].write(array, offset, length);
    seen.events.add(end + ":" + length);
    seen.delivered += length;
    deliveredBytes += length;
  }

  @Override
  public void onGap(Connection c, int end, long position, long length, long timeNs) {
    Seen seen = open(c);
    assertThat(length).isPositive();
    assertThat(position).as("gap position").isEqualTo(seen.bytes[end].size());
    for (long i = 0; i < length; i++) seen.bytes[end].write(HOLE);
    seen.gapBytes[end] += length;
    seen.events.add(end + ":gap " + length);
  }

  @Override
  public void onDatagram(Connection c, int end, byte[] array, int offset, int length, int wireLength, long timeNs) {
    Seen seen = open(c);
    datagrams.add(end + ":" + new String(array, offset, length));
    seen.delivered += length;
    deliveredBytes += length;
  }

  @Override
  public void onEnd(Connection c, int end, long timeNs) {
    Seen seen = open(c);
    assertThat(seen.ended[end]).isFalse();
    seen.ended[end] = true;
    seen.events.add(end + ":end");
  }

  @Override
  public void onClose(Connection c, long timeNs) {
    Seen seen = open(c);
    seen.closed = true;
    seen.events.add(c.state.text());
    assertThat(c.ledger.pending()).as("nothing of a closed connection is pending").isEqualTo(seen.delivered);
  }

  @Override
  public void onTime(long timeNs) {}
}
