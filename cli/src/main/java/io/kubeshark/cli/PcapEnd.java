package io.kubeshark.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * How a pcapng file of the hub ends (docs/api.md, {@code /api/pcap}): with an empty section, whose comment tells how many packets there are, and
 * a line for each thing that is missing.
 */
record PcapEnd(String summary, List<String> missing) {
  private static final int SECTION = 0x0a0d0d0a;
  private static final int HEADER_BYTES = 24;
  private static final int OPTION_COMMENT = 1;
  private static final int SECTION_BYTES_MAX = 1 << 17;
  private static final String MISSING = "missing: ";

  /** @return null: the file ends with something else, and so is not whole */
  static PcapEnd of(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      long size = channel.size();
      if (size < HEADER_BYTES) return null;
      int length = read(channel, size - 4, 4).getInt();
      if (length < HEADER_BYTES + 8 || length > Math.min(size, SECTION_BYTES_MAX)) return null;
      ByteBuffer section = read(channel, size - length, length);
      if (section.getInt(0) != SECTION || section.getInt(4) != length || section.getShort(HEADER_BYTES) != OPTION_COMMENT) return null;
      int commentLength = section.getShort(HEADER_BYTES + 2) & 0xffff;
      if (HEADER_BYTES + 4 + commentLength > length) return null;
      List<String> lines = new String(section.array(), HEADER_BYTES + 4, commentLength, StandardCharsets.UTF_8).lines().toList();
      return new PcapEnd(lines.getFirst(), lines.stream().skip(1).map(line -> line.startsWith(MISSING) ? line.substring(MISSING.length()) : line).toList());
    }
  }

  private static ByteBuffer read(FileChannel channel, long position, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining() && channel.read(bytes, position + bytes.position()) >= 0) {}
    return bytes.flip();
  }
}
