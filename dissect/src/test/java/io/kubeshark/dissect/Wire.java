package io.kubeshark.dissect;

import io.kubeshark.core.Connection;
import io.kubeshark.core.Direction;
import io.kubeshark.dissect.contract.Conversation;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** A conversation as frames (Ethernet, IPv4), with all that can happen to it on its way to a capture. Seeded. */
final class Wire {
  static final int FIN = 1;
  static final int SYN = 2;
  static final int RST = 4;
  static final int ACK = 16;
  private static final int SEGMENT_BYTES_MAX = 1400;

  /** A frame as captured. */
  record Frame(byte[] bytes, int wireLength) {}

  private final Random random;
  private final int number;
  private final Conversation conversation;
  private final boolean smallPortAsks;
  private final int[] next = {1000, 5000};
  private final List<Frame> frames = new ArrayList<>();

  /** @param number makes the client's address its own */
  Wire(Conversation conversation, int number, Random random) {
    this.conversation = conversation;
    this.number = number;
    this.random = random;
    this.smallPortAsks = random.nextInt(8) == 0;
  }

  /** As it was sent. */
  List<Frame> calm() {
    if (conversation.datagrams()) {
      for (Conversation.Step step : conversation.steps()) datagram(end(step), step.bytes());
      return frames;
    }
    open();
    for (Conversation.Step step : conversation.steps()) segment(end(step), step.bytes(), SEGMENT_BYTES_MAX);
    segment(0, FIN);
    segment(1, FIN);
    segment(0, 0);
    return frames;
  }

  /** Bytes turned, packets missing, twice, swapped, cut; begun in the middle, ended in any way. */
  List<Frame> rough() {
    boolean turns = random.nextInt(3) == 0;
    boolean begins = random.nextInt(4) != 0;
    int bytesMax = random.nextBoolean() ? SEGMENT_BYTES_MAX : 1 + random.nextInt(60);
    if (!conversation.datagrams() && begins) open();
    for (Conversation.Step step : conversation.steps()) {
      byte[] bytes = step.bytes().clone();
      if (turns && random.nextInt(4) == 0) bytes[random.nextInt(bytes.length)] ^= (byte) (1 + random.nextInt(255));
      if (conversation.datagrams()) datagram(end(step), bytes);
      else segment(end(step), bytes, bytesMax);
      if (!conversation.datagrams() && random.nextInt(6) == 0) segment(random.nextInt(2), 0);
      if (random.nextInt(40) == 0) break;
    }
    if (!conversation.datagrams()) end();
    weather();
    return frames;
  }

  private void end() {
    switch (random.nextInt(5)) {
      case 0 -> segment(random.nextInt(2), RST);
      case 1 -> segment(random.nextInt(2), FIN);
      case 2 -> {}
      default -> {
        int first = random.nextInt(2);
        segment(first, FIN);
        segment(1 - first, FIN);
        segment(first, 0);
      }
    }
  }

  private void weather() {
    double lost = random.nextInt(3) == 0 ? 0 : random.nextDouble() * 0.2;
    double twice = random.nextInt(3) == 0 ? random.nextDouble() * 0.2 : 0;
    double swapped = random.nextInt(3) == 0 ? random.nextDouble() * 0.3 : 0;
    double cut = random.nextInt(4) == 0 ? random.nextDouble() * 0.3 : 0;
    List<Frame> sent = new ArrayList<>(frames);
    frames.clear();
    for (Frame frame : sent) {
      if (random.nextDouble() < lost) continue;
      int kept = random.nextDouble() < cut ? 14 + random.nextInt(frame.bytes.length - 13) : frame.bytes.length;
      frames.add(new Frame(Arrays.copyOf(frame.bytes, kept), frame.wireLength));
      if (random.nextDouble() < twice) frames.add(frame);
    }
    for (int i = 0; i + 1 < frames.size(); i++) if (random.nextDouble() < swapped) java.util.Collections.swap(frames, i, i + 1);
  }

  private static int end(Conversation.Step step) {
    return step.sender() == Direction.CLIENT ? 0 : 1;
  }

  private void open() {
    next[0]--;
    next[1]--;
    frame(0, tcp(0, SYN, new byte[0]));
    next[0]++;
    frame(1, tcp(1, SYN | ACK, new byte[0]));
    next[1]++;
    segment(0, 0);
  }

  private void segment(int end, byte[] bytes, int bytesMax) {
    for (int at = 0; at < bytes.length; ) {
      int count = Math.min(bytes.length - at, 1 + random.nextInt(bytesMax));
      frame(end, tcp(end, ACK, Arrays.copyOfRange(bytes, at, at + count)));
      next[end] += count;
      at += count;
    }
  }

  private void segment(int end, int flags) {
    frame(end, tcp(end, flags | ACK, new byte[0]));
    if ((flags & FIN) != 0) next[end]++;
  }

  private void datagram(int end, byte[] payload) {
    ByteBuffer out = ByteBuffer.allocate(8 + payload.length);
    ports(out, end).putShort((short) (8 + payload.length)).putShort((short) 0).put(payload);
    frame(end, out.array());
  }

  private byte[] tcp(int end, int flags, byte[] payload) {
    ByteBuffer out = ByteBuffer.allocate(20 + payload.length);
    ports(out, end).putInt(next[end]).putInt((flags & ACK) != 0 ? next[1 - end] : 0);
    out.put((byte) 0x50).put((byte) flags).putShort((short) 64000).putInt(0).put(payload);
    return out.array();
  }

  private ByteBuffer ports(ByteBuffer out, int end) {
    short client = (short) (smallPortAsks ? 9 : 40_000);
    short server = (short) conversation.serverPort();
    return out.putShort(end == 0 ? client : server).putShort(end == 0 ? server : client);
  }

  private void frame(int end, byte[] transport) {
    ByteBuffer out = ByteBuffer.allocate(14 + 20 + transport.length);
    out.putLong(0x0202020202020202L).putInt(0x02020202).putShort((short) 0x0800);
    out.put((byte) 0x45).put((byte) 0).putShort((short) (20 + transport.length)).putInt(0);
    out.put((byte) 64).put((byte) (conversation.transport() == Connection.TCP ? 6 : 17)).putShort((short) 0);
    int client = 0x0a000000 + number + 256;
    int server = 0x0a000001;
    out.putInt(end == 0 ? client : server).putInt(end == 0 ? server : client).put(transport);
    frames.add(new Frame(out.array(), out.capacity()));
  }
}
