package io.kubeshark.dissect.contract;

import io.kubeshark.core.Connection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The conversations of a small, clean pcap file (classic format, Ethernet or raw IP, no loss, no fragments, no tunnels), one a connection.
 * Deliberately not the product's reassembly, of which it is independent: segments that are not the next ones of their stream are an error.
 */
public final class PcapConversations {
  private static final Path SAMPLES = Path.of("..", "e2e", "traffic", "samples");
  private static final int MAGIC_US = 0xa1b2c3d4;
  private static final int MAGIC_NS = 0xa1b23c4d;
  private static final int LINK_ETHERNET = 1;
  private static final int LINK_RAW = 101;
  private static final int SYN = 2;
  private static final int ACK = 16;

  /** One end of a connection as it goes. */
  private static final class Stream {
    final boolean client;
    long next = -1;

    Stream(boolean client) {
      this.client = client;
    }
  }

  private final Map<String, Stream> streams = new LinkedHashMap<>();
  private final Map<String, Conversation> conversations = new LinkedHashMap<>();
  private final String name;

  private PcapConversations(String name) {
    this.name = name;
  }

  /** From e2e/traffic/samples: at most so many connections of the file, named {@code CASE-1}, {@code CASE-2}… */
  public static List<Conversation> of(String sample, int connectionsMax) {
    PcapConversations reader = new PcapConversations(sample);
    try {
      reader.read(ByteBuffer.wrap(Files.readAllBytes(SAMPLES.resolve(sample + ".pcap"))));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    return reader.conversations.values().stream().filter(each -> !each.steps().isEmpty()).limit(connectionsMax).toList();
  }

  private void read(ByteBuffer file) {
    file.order(ByteOrder.LITTLE_ENDIAN);
    int magic = file.getInt();
    if (magic != MAGIC_US && magic != MAGIC_NS) throw new IllegalArgumentException(name + ": not a little-endian pcap file");
    int linkType = file.position(20).getInt();
    while (file.remaining() > 0) {
      int length = file.getInt(file.position() + 8);
      file.position(file.position() + 16);
      frame(file.slice(file.position(), length).order(ByteOrder.BIG_ENDIAN), linkType);
      file.position(file.position() + length);
    }
  }

  private void frame(ByteBuffer frame, int linkType) {
    if (linkType == LINK_ETHERNET) {
      int type = frame.getShort(12) & 0xffff;
      if (type == 0x0800 || type == 0x86dd) ip(frame.slice(14, frame.limit() - 14));
    } else if (linkType == LINK_RAW) {
      ip(frame);
    } else {
      throw new IllegalArgumentException(name + ": link type " + linkType);
    }
  }

  private void ip(ByteBuffer packet) {
    boolean v6 = packet.get(0) >> 4 == 6;
    int header = v6 ? 40 : (packet.get(0) & 15) * 4;
    int total = v6 ? 40 + (packet.getShort(4) & 0xffff) : packet.getShort(2) & 0xffff;
    int protocol = packet.get(v6 ? 6 : 9) & 0xff;
    if (protocol != Connection.TCP && protocol != Connection.UDP) return;
    int addressLength = v6 ? 16 : 4;
    int addressAt = v6 ? 8 : 12;
    ByteBuffer transport = packet.slice(header, total - header);
    String source = end(packet, addressAt, addressLength, transport.getShort(0));
    String target = end(packet, addressAt + addressLength, addressLength, transport.getShort(2));
    if (protocol == Connection.UDP) udp(transport, source, target);
    else tcp(transport, source, target);
  }

  private static String end(ByteBuffer packet, int at, int length, short port) {
    byte[] address = new byte[length];
    packet.get(at, address);
    return HexFormat.of().formatHex(address) + ":" + (port & 0xffff);
  }

  private void udp(ByteBuffer datagram, String source, String target) {
    boolean fromClient = streams.computeIfAbsent("udp " + source + " " + target, key -> {
      boolean client = !streams.containsKey("udp " + target + " " + source);
      return new Stream(client);
    }).client;
    add(Connection.UDP, fromClient ? source + " " + target : target + " " + source, fromClient, bytes(datagram, 8));
  }

  private void tcp(ByteBuffer segment, String source, String target) {
    int flags = segment.get(13);
    long sequence = segment.getInt(4) & 0xffffffffL;
    if ((flags & SYN) != 0) {
      Stream stream = new Stream((flags & ACK) == 0);
      stream.next = sequence + 1 & 0xffffffffL;
      streams.put(source + " " + target, stream);
      return;
    }
    byte[] payload = bytes(segment, (segment.get(12) >> 4 & 15) * 4);
    Stream stream = streams.get(source + " " + target);
    if (payload.length == 0) return;
    if (stream == null) throw new IllegalArgumentException(name + ": begins in the middle");
    if (sequence < stream.next) return;
    if (sequence > stream.next) throw new IllegalArgumentException(name + ": out of order at " + source);
    stream.next = sequence + payload.length & 0xffffffffL;
    add(Connection.TCP, stream.client ? source + " " + target : target + " " + source, stream.client, payload);
  }

  private void add(int transport, String key, boolean fromClient, byte[] payload) {
    Conversation conversation = conversations.computeIfAbsent(key, unused -> {
      String numbered = name + "-" + (conversations.size() + 1);
      int port = Integer.parseInt(key.substring(key.lastIndexOf(':') + 1));
      return transport == Connection.TCP ? Conversation.tcp(numbered, port) : Conversation.udp(numbered, port);
    });
    conversations.put(key, fromClient ? conversation.client(payload) : conversation.server(payload));
  }

  private static byte[] bytes(ByteBuffer buffer, int from) {
    byte[] bytes = new byte[buffer.limit() - from];
    buffer.get(from, bytes);
    return bytes;
  }
}
