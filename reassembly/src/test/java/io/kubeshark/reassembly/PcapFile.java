package io.kubeshark.reassembly;

import io.kubeshark.core.PacketHandler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads classic pcap files of little-endian machines, for tests (the product reads files in module capture). */
final class PcapFile {
  private PcapFile() {}

  static void replay(Path file, PacketHandler handler) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int magic = in.getInt(0);
    if (magic != 0xa1b2c3d4 && magic != 0xa1b23c4d) throw new IOException(file + ": not a little-endian pcap file");
    long fractionNs = magic == 0xa1b2c3d4 ? 1000 : 1;
    int linkType = in.getInt(20) & 0xffff;
    for (int at = 24; at + 16 <= bytes.length; ) {
      long timeNs = (in.getInt(at) & 0xffffffffL) * 1_000_000_000L + in.getInt(at + 4) * fractionNs;
      int captured = in.getInt(at + 8);
      handler.onPacket(bytes, at + 16, captured, in.getInt(at + 12), timeNs, linkType, 0, -1, 0);
      at += 16 + captured;
    }
  }
}
