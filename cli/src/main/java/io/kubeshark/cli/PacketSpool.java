package io.kubeshark.cli;

import io.kubeshark.capture.PcapNgWriter;
import io.kubeshark.core.LedgerCode;
import io.kubeshark.core.PacketHandler;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Packets in any order in, by time out. They wait in a temporary file; only where each is stays in memory. One thread. */
final class PacketSpool implements PacketHandler, AutoCloseable {
  /** 40 bytes of heap each. */
  static final int PACKETS_MAX = 2_000_000;

  private record Place(long timeNs, long position, int captured, int wire, int linkType, int vlan, int flags) {}

  private final long fromNs;
  private final Path file = Files.createTempFile("kubeshark", ".packets");
  private final FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
  private final OutputStream append = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
  private final List<Place> places = new ArrayList<>();
  private long position;
  private long shed;

  /** @param fromNs epoch: earlier packets are left out */
  PacketSpool(long fromNs) throws IOException {
    this.fromNs = fromNs;
  }

  @Override
  public void onPacket(byte[] array, int offset, int capturedLength, int wireLength, long timeNs, int linkType, int interfaceIndex, int vlan, int flags) {
    if (timeNs < fromNs) return;
    if (places.size() >= PACKETS_MAX) {
      shed++;
      return;
    }
    try {
      append.write(array, offset, capturedLength);
    } catch (IOException e) {
      throw new UncheckedIOException("the folder for temporary files is full", e);
    }
    places.add(new Place(timeNs, position, capturedLength, wireLength, linkType, vlan, flags));
    position += capturedLength;
  }

  @Override
  public void onLost(LedgerCode code, long packets, long bytes) {}

  @Override
  public void onTime(long timeNs) {}

  int count() {
    return places.size();
  }

  /** Over {@link #PACKETS_MAX}. */
  long shed() {
    return shed;
  }

  /** Packets of the same nanosecond stay in the order in which they came. */
  void write(OutputStream out) throws IOException {
    append.flush();
    places.sort(Comparator.comparingLong(Place::timeNs));
    byte[] packet = new byte[0];
    PcapNgWriter writer = new PcapNgWriter(out, "kubeshark " + Version.NUMBER);
    for (Place place : places) {
      if (packet.length < place.captured) packet = new byte[Math.max(place.captured, 4096)];
      ByteBuffer into = ByteBuffer.wrap(packet, 0, place.captured);
      while (into.hasRemaining()) if (channel.read(into, place.position + into.position()) < 0) throw new EOFException("the temporary file was cut");
      writer.write(packet, 0, place.captured, place.wire, place.timeNs, place.linkType, place.vlan, place.flags);
    }
    writer.flush();
  }

  @Override
  public void close() throws IOException {
    append.close();
    channel.close();
    Files.deleteIfExists(file);
  }
}
