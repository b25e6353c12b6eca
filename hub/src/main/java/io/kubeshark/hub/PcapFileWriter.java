package io.kubeshark.hub;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A capture file of several workers' packets. Their blocks are passed on, not made anew. */
interface PcapFileWriter {
  /** @param node name of the interface, where the format has one @throws ApiError the format cannot hold it */
  void packet(PcapDownload packet, String node) throws IOException, ApiError;

  long packets();

  /** Whether the file itself says what is missing; else it must break off. */
  boolean tellsWhatIsMissing();

  /** Ends the file. @param summary one line @param missing a line each */
  void end(String summary, List<String> missing) throws IOException;

  /**
   * pcapng: a section with an interface for each node and link type, and a second section, which is empty: its comment tells how many
   * packets there are and what is missing. A file without that one is not whole.
   */
  final class PcapNg implements PcapFileWriter {
    private static final int COMMENT = 1;
    private static final int APPLICATION = 4;
    private static final int INTERFACE_NAME = 2;
    private static final int TIME_RESOLUTION = 9;
    private static final int OPTION_BYTES_MAX = 60_000;

    private final OutputStream out;
    private final String application;
    private final Map<String, Integer> interfaces = new HashMap<>();
    private final byte[] head = new byte[12];
    private final ByteBuffer headNumbers = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
    private long packets;

    /** @param comment null: none */
    PcapNg(OutputStream out, String application, String comment) throws IOException {
      this.out = out;
      this.application = application;
      section(comment);
    }

    private void section(String comment) throws IOException {
      ByteBuffer block = block(PcapDownload.SECTION, 200 + OPTION_BYTES_MAX);
      block.putInt(0x1a2b3c4d).putShort((short) 1).putShort((short) 0).putLong(-1);
      if (comment != null) option(block, COMMENT, comment);
      option(block, APPLICATION, application);
      write(block);
    }

    private static ByteBuffer block(int type, int bytesMax) {
      return ByteBuffer.allocate(bytesMax).order(ByteOrder.LITTLE_ENDIAN).putInt(type).putInt(0);
    }

    private static void option(ByteBuffer block, int code, String text) {
      byte[] value = text.getBytes(StandardCharsets.UTF_8);
      int length = Math.min(value.length, code == COMMENT ? OPTION_BYTES_MAX - 100 : 100);
      block.putShort((short) code).putShort((short) length).put(value, 0, length);
      while (block.position() % 4 != 0) block.put((byte) 0);
    }

    private void write(ByteBuffer block) throws IOException {
      block.putInt(0); // end of options
      int length = block.position() + 4;
      block.putInt(length).putInt(4, length);
      out.write(block.array(), 0, length);
    }

    private int interfaceOf(String node, int linkType) throws IOException {
      Integer known = interfaces.get(linkType + " " + node);
      if (known != null) return known;
      ByteBuffer block = block(PcapDownload.INTERFACE, 200).putShort((short) linkType).putShort((short) 0).putInt(0);
      option(block, INTERFACE_NAME, node);
      block.putShort((short) TIME_RESOLUTION).putShort((short) 1).putInt(9);
      write(block);
      interfaces.put(linkType + " " + node, interfaces.size());
      return interfaces.size() - 1;
    }

    @Override
    public void packet(PcapDownload packet, String node) throws IOException, ApiError {
      headNumbers.putInt(0, PcapDownload.PACKET).putInt(4, packet.length()).putInt(8, interfaceOf(node, packet.linkType()));
      out.write(head);
      out.write(packet.array(), packet.offset() + head.length, packet.length() - head.length);
      packets++;
    }

    @Override
    public long packets() {
      return packets;
    }

    @Override
    public boolean tellsWhatIsMissing() {
      return true;
    }

    @Override
    public void end(String summary, List<String> missing) throws IOException {
      StringBuilder comment = new StringBuilder(summary);
      for (String what : missing) comment.append("\nmissing: ").append(what);
      section(comment.toString());
    }
  }

  /** Classic pcap with nanoseconds: one link type, that of the first packet, and no place for a word. */
  final class Classic implements PcapFileWriter {
    private static final int PACKET_BYTES_MAX = 1 << 20;
    private static final int ETHERNET = 1;

    private final OutputStream out;
    private final ByteBuffer head = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    private int linkType = -1;
    private long packets;

    Classic(OutputStream out) {
      this.out = out;
    }

    private void begin(int type) throws IOException {
      linkType = type;
      head.clear().putInt(0xa1b23c4d).putShort((short) 2).putShort((short) 4).putLong(0).putInt(PACKET_BYTES_MAX).putInt(type);
      out.write(head.array(), 0, 24);
    }

    @Override
    public void packet(PcapDownload packet, String node) throws IOException, ApiError {
      int type = packet.linkType();
      if (linkType < 0) begin(type);
      if (type != linkType) throw new ApiError(502, "link-types", "there are packets of link types " + linkType + " and " + type + ": pcap holds one, use format=pcapng");
      head.clear().putInt((int) (packet.timeNs() / 1_000_000_000)).putInt((int) (packet.timeNs() % 1_000_000_000));
      head.putInt(packet.capturedLength()).putInt(packet.wireLength());
      out.write(head.array(), 0, 16);
      out.write(packet.array(), packet.offset() + 28, packet.capturedLength());
      packets++;
    }

    @Override
    public long packets() {
      return packets;
    }

    @Override
    public boolean tellsWhatIsMissing() {
      return false;
    }

    @Override
    public void end(String summary, List<String> missing) throws IOException {
      if (linkType < 0) begin(ETHERNET);
    }
  }
}
