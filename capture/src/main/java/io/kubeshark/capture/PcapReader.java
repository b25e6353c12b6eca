package io.kubeshark.capture;

import java.io.IOException;

/**
 * Classic pcap (draft-ietf-opsawg-pcap), both byte orders, micro- and nanoseconds.
 *
 * <pre>
 *   file    0 magic a1b2c3d4 (µs) or a1b23c4d (ns)   4 u16 major 2   6 u16 minor 4   8 reserved 8
 *          16 snapshot length   20 link type (28 bits), length of the frame check sequence (4 bits)
 *   packet  0 seconds   4 fraction   8 captured length   12 original length   16 frame
 * </pre>
 */
final class PcapReader implements RecordReader {
  static final int MAGIC_MICROSECONDS = 0xa1b2c3d4;
  static final int MAGIC_NANOSECONDS = 0xa1b23c4d;
  static final int FILE_HEADER = 24;
  static final int RECORD_HEADER = 16;
  private static final int MAJOR = 2;
  private static final int LINK_TYPE_MASK = 0x03ffffff;

  private final RefillBuffer input;
  private final int fractionNs;
  private Delivery.Link link;

  /** The buffer stands at the file's first byte, its byte order is set. */
  PcapReader(RefillBuffer input, boolean nanoseconds) {
    this.input = input;
    this.fractionNs = nanoseconds ? 1 : 1000;
  }

  @Override
  public int read(Delivery delivery) throws IOException {
    if (link == null) readFileHeader(delivery);
    int handed = 0;
    while (true) {
      if (input.unread() < RECORD_HEADER && (handed > 0 || !input.require(RECORD_HEADER))) {
        if (handed > 0) return handed;
        if (input.unread() == 0) return PacketSource.END;
        throw truncated(RECORD_HEADER, "a packet's header");
      }
      int at = input.position;
      int captured = input.i32(at + 8);
      if (captured < 0 || captured > Delivery.PACKET_BYTES_MAX) throw corrupt(at, captured & 0xffffffffL);
      int length = RECORD_HEADER + captured;
      if (input.unread() < length) {
        if (handed > 0) return handed;
        if (!input.require(length)) throw truncated(length, "a packet of " + captured + " bytes");
        at = input.position;
      }
      int wire = input.i32(at + 12);
      long timeNs = input.u32(at) * 1_000_000_000L + input.u32(at + 4) * fractionNs;
      delivery.packet(link, input.array, at + RECORD_HEADER, captured, wire, timeNs, 0, 0);
      input.position = at + length;
      handed++;
    }
  }

  private void readFileHeader(Delivery delivery) throws IOException {
    if (!input.require(FILE_HEADER)) throw truncated(FILE_HEADER, "the file's header");
    int at = input.position;
    int major = input.u16(at + 4);
    if (major != MAJOR) {
      throw new PcapFormatException(input.file, input.offset(at), "pcap version " + major + "." + input.u16(at + 6) + ", expected 2.4",
          "Convert it: editcap -F pcapng IN OUT.");
    }
    link = delivery.link(input.i32(at + 20) & LINK_TYPE_MASK, "the file");
    input.position = at + FILE_HEADER;
  }

  private PcapFormatException corrupt(int at, long captured) {
    return new PcapFormatException(input.file, input.offset(at),
        "corrupt: a packet claims " + captured + " captured bytes, expected at most " + Delivery.PACKET_BYTES_MAX,
        "All packets before it were read; the rest cannot be found without its length.");
  }

  private PcapFormatException truncated(int expected, String what) {
    return new PcapFormatException(input.file, input.offset(input.position),
        "the file ends " + input.unread() + " bytes into " + what + ", expected " + expected + " with its header",
        "All packets before it were read; the capture was cut, or is still being written.");
  }
}
