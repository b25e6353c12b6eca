package io.kubeshark.dissect;

import io.kubeshark.core.ByteCursor;
import io.kubeshark.core.Connection;
import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntryView;
import io.kubeshark.core.FieldSpec;
import io.kubeshark.core.FieldType;
import io.kubeshark.core.ProtocolInfo;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.LongUnaryOperator;

/**
 * A client and a server that speak a toy protocol, the packets between them, and what the runner makes of those that were captured.
 *
 * <pre>
 *   message := 'Q' | 'R'   number, 5 digits   length, 5 digits   length × '.'
 * </pre>
 */
final class PairingModel {
  static final int HEADER = 11;

  /** What a client does. */
  enum Client {
    ONE_BY_ONE, RUNS, WINDOW
  }

  /** Bytes that one end sent at once. {@code peer}: what it had received then. */
  record Packet(Direction sender, long position, byte[] bytes, long peer) {
    long end() {
      return position + bytes.length;
    }
  }

  /** An exchange: where its bytes lie in the streams, and which run it belongs to. */
  record Truth(int number, int run, long requestStart, long requestEnd, long responseStart, long responseEnd) {}

  final List<Packet> packets = new ArrayList<>();
  final List<Truth> truths = new ArrayList<>();
  private final List<Packet> lost = new ArrayList<>();
  final List<int[]> pairs = new ArrayList<>();
  private final Random random;
  private final int responseMin;
  private final int responseSpread;
  private final int segment;
  private final int requestMin;
  /** Requests differ by less than this many bytes. */
  final int requestSpread;
  /** All runs are of the same length, but for the last. */
  boolean sameRuns;
  private long clientPosition;
  private long serverPosition;

  PairingModel(Random random, Client client, int exchanges) {
    this.random = random;
    responseMin = random.nextInt(300);
    responseSpread = random.nextBoolean() ? 1 + random.nextInt(3) : 1 + random.nextInt(400);
    segment = random.nextBoolean() ? 1 << 20 : 200 + random.nextInt(300);
    requestMin = random.nextInt(60);
    requestSpread = random.nextBoolean() ? 80 : 1 + random.nextInt(3);
    switch (client) {
      case ONE_BY_ONE -> runs(exchanges, 1);
      case RUNS -> runs(exchanges, 2 + random.nextInt(15));
      case WINDOW -> window(exchanges, 2 + random.nextInt(6));
    }
  }

  boolean isLost(Direction sender, long from, long to) {
    for (Packet packet : lost) if (packet.sender == sender && packet.position < to && packet.end() > from) return true;
    return false;
  }

  List<Packet> lost() {
    return lost;
  }

  private void runs(int exchanges, int length) {
    sameRuns = random.nextBoolean();
    for (int number = 0, run = 0; number < exchanges; run++) {
      int count = Math.min(exchanges - number, sameRuns ? length : 1 + random.nextInt(length));
      long[] starts = new long[count];
      long[] ends = new long[count];
      byte[][] requests = new byte[count][];
      for (int i = 0; i < count; i++) requests[i] = message('Q', number + i, requestMin + random.nextInt(requestSpread));
      long received = serverPosition;
      send(Direction.CLIENT, requests, starts, ends, end -> received);
      // The server may answer the first requests before it has received the last ones.
      long[] from = new long[count];
      long[] to = new long[count];
      byte[][] responses = new byte[count][];
      for (int i = 0; i < count; i++) responses[i] = message('R', number + i, responseMin + random.nextInt(responseSpread));
      boolean early = random.nextInt(4) == 0;
      send(Direction.SERVER, responses, from, to, end -> early ? receivedAtLeast(from, ends, end) : clientPosition);
      for (int i = 0; i < count; i++) truths.add(new Truth(number + i, run, starts[i], ends[i], from[i], to[i]));
      number += count;
    }
  }

  /** What a server has received that has begun to send the responses up to stream position {@code end}. */
  private long receivedAtLeast(long[] responseStarts, long[] requestEnds, long end) {
    int last = 0;
    while (last + 1 < requestEnds.length && responseStarts[last + 1] < end && responseStarts[last + 1] > 0) last++;
    for (Packet packet : packets) if (packet.sender == Direction.CLIENT && packet.end() >= requestEnds[last]) return packet.end();
    throw new IllegalStateException();
  }

  /** Sends messages back to back: in one go, or in packets of their own. {@code peer}: received when the packet that ends there was sent. */
  private void send(Direction sender, byte[][] messages, long[] starts, long[] ends, LongUnaryOperator peer) {
    boolean together = random.nextBoolean();
    ByteArrayOutputStream pending = new ByteArrayOutputStream();
    for (int i = 0; i < messages.length; i++) {
      starts[i] = position(sender) + pending.size();
      pending.writeBytes(messages[i]);
      ends[i] = starts[i] + messages[i].length;
      if (together && i < messages.length - 1) continue;
      packets(sender, pending.toByteArray(), peer);
      pending.reset();
    }
  }

  private void packets(Direction sender, byte[] bytes, LongUnaryOperator peer) {
    for (int at = 0; at < bytes.length; at += segment) {
      byte[] piece = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + segment));
      long position = position(sender);
      packets.add(new Packet(sender, position, piece, peer.applyAsLong(position + piece.length)));
      if (sender == Direction.CLIENT) clientPosition += piece.length;
      else serverPosition += piece.length;
    }
  }

  private long position(Direction sender) {
    return sender == Direction.CLIENT ? clientPosition : serverPosition;
  }

  /** Keeps {@code width} requests in flight from the first moment on, and sends more whenever it has received some answers. */
  private void window(int exchanges, int width) {
    int asked = 0;
    int answered = 0;
    List<long[]> open = new ArrayList<>();
    while (answered < exchanges) {
      if (asked < exchanges && asked - answered < width) {
        long start = clientPosition;
        packets(Direction.CLIENT, message('Q', asked++, requestMin + random.nextInt(requestSpread)), end -> serverPosition);
        open.add(new long[] {start, clientPosition});
        continue;
      }
      int count = asked == exchanges ? open.size() : 1 + random.nextInt(Math.max(1, Math.min(2, width - 1)));
      for (int i = 0; i < count; i++) {
        long[] request = open.removeFirst();
        long start = serverPosition;
        packets(Direction.SERVER, message('R', answered, responseMin + random.nextInt(responseSpread)), end -> clientPosition);
        truths.add(new Truth(answered, answered, request[0], request[1], start, serverPosition));
        answered++;
      }
    }
  }

  private static byte[] message(char kind, int number, int length) {
    byte[] bytes = new byte[HEADER + length];
    Arrays.fill(bytes, (byte) '.');
    byte[] header = String.format("%c%05d%05d", kind, number, length).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(header, 0, bytes, 0, HEADER);
    return bytes;
  }

  /** Loses packets from index {@code from} on, each with this probability, sometimes several in a row. */
  void lose(int from, double probability) {
    for (int i = from; i < packets.size(); i++) {
      if (random.nextDouble() >= probability) continue;
      for (int burst = 1 + (random.nextInt(3) == 0 ? random.nextInt(4) : 0); burst > 0 && i < packets.size(); burst--) lost.add(packets.get(i++));
    }
  }

  /** Loses every packet of this sender that holds one of the stream's bytes [from, to). */
  void lose(Direction sender, long from, long to) {
    for (Packet packet : packets) if (packet.sender == sender && packet.position < to && packet.end() > from) lost.add(packet);
  }

  /** Hands everything to a runner as reassembly would, from packet {@code from} on. */
  void capture(int from) {
    EntryView view = new EntryView();
    Runner runner = new Runner(new Protocols(List.of(new Toy())), DissectOptions.DEFAULT, EntryLayout.Capture.FILE, false, ConnectionPolicy.ALL,
        (record, offset, length) -> {
          view.wrap(record, offset, length);
          if (view.kind() == EntryLayout.Kind.EXCHANGE && !view.has(EntryLayout.FLAG_NO_REQUEST) && !view.has(EntryLayout.FLAG_NO_RESPONSE)) {
            pairs.add(new int[] {number(view, Direction.CLIENT), number(view, Direction.SERVER)});
          }
          return true;
        }, (protocol, connection, failure, reproducer) -> {
          throw failure;
        });
    Connection connection = new Connection(1, Connection.TCP, false, 0, 0);
    connection.port[0] = 40_000;
    connection.port[1] = 80;
    connection.midStream = from > 0;
    long clientBase = from == 0 ? 0 : base(Direction.CLIENT, from);
    long serverBase = from == 0 ? 0 : base(Direction.SERVER, from);
    runner.onOpen(connection);
    long timeNs = 1;
    for (Packet packet : packets.subList(from, packets.size())) {
      int end = packet.sender == Direction.CLIENT ? 0 : 1;
      long position = packet.position - (end == 0 ? clientBase : serverBase);
      long peer = Math.max(0, packet.peer - (end == 0 ? serverBase : clientBase));
      if (lost.contains(packet)) runner.onGap(connection, end, position, packet.bytes.length, timeNs++);
      else runner.onData(connection, end, packet.bytes, 0, packet.bytes.length, position, peer, timeNs++);
    }
    runner.onEnd(connection, 0, timeNs);
    runner.onEnd(connection, 1, timeNs);
    runner.onClose(connection, timeNs);
  }

  private long base(Direction sender, int from) {
    for (int i = from; i < packets.size(); i++) if (packets.get(i).sender == sender) return packets.get(i).position;
    return position(sender);
  }

  private static int number(EntryView view, Direction side) {
    return (int) view.intValue(view.first(side));
  }

  private static final FieldSpec ASKED = FieldSpec.request(0, "number", FieldType.INT, "Number", null, "Number");
  private static final FieldSpec ANSWERED = FieldSpec.response(1, "number", FieldType.INT, "Number", null, "Number");

  private static final class Toy implements Protocol {
    private static final ProtocolInfo INFO = new ProtocolInfo("toy", "Toy", "TOY", "l7", "#000000", "#ffffff", "", List.of(80), List.of("toy"),
        new ProtocolInfo.Row(ASKED, ANSWERED, ASKED), List.of(ASKED, ANSWERED));

    @Override
    public ProtocolInfo info() {
      return INFO;
    }

    @Override
    public boolean runsOver(int transport) {
      return true;
    }

    @Override
    public Verdict recognize(Direction sender, ByteCursor head) {
      return head.at(head.position()) == (sender == Direction.CLIENT ? 'Q' : 'R') ? Verdict.MATCH : Verdict.REJECT;
    }

    @Override
    public Dissector open(Connection connection, DissectOptions options) {
      return new ToyDissector();
    }
  }

  private static final class ToyDissector implements Dissector {
    @Override
    public Outcome parse(Direction sender, ByteCursor in, MessageSink out) {
      if (in.at(in.position()) != (sender == Direction.CLIENT ? 'Q' : 'R')) return Outcome.MALFORMED;
      int length = in.has(HEADER) ? HEADER + digits(in, in.position() + 6) : HEADER;
      if (!in.has(length)) {
        out.need(length);
        return Outcome.NEED_MORE;
      }
      Message message = out.begin(sender, in);
      message.fields().intField(sender == Direction.CLIENT ? ASKED : ANSWERED, digits(in, in.position() + 1));
      if (sender == Direction.SERVER) out.request(message);
      in.skip(length);
      out.end(message, in);
      return Outcome.CONSUMED;
    }

    private static int digits(ByteCursor in, int at) {
      int value = 0;
      for (int i = at; i < at + 5; i++) value = value * 10 + in.at(i) - '0';
      return value;
    }

    @Override
    public GapOutcome onGap(Direction sender, long length, MessageSink out) {
      return GapOutcome.RESYNC;
    }

    @Override
    public int findBoundary(Direction sender, ByteCursor in) {
      return in.indexOf((byte) (sender == Direction.CLIENT ? 'Q' : 'R'), in.position());
    }
  }
}
