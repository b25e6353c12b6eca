package io.kubeshark.capture;

import io.kubeshark.core.LedgerCode;
import io.kubeshark.core.PacketHandler;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * pcapng (draft-ietf-opsawg-pcapng): any number of sections, each with its own byte order and interfaces.
 *
 * <pre>
 *   block     0 type   4 total length   8 body …   total length - 4: total length again
 *   section   8 byte order magic 1a2b3c4d   12 u16 major 1   14 u16 minor   16 section length   24 options
 *   interface 8 u16 link type   12 snapshot length   16 options
 *   enhanced  8 interface   12 time high   16 time low   20 captured   24 original   28 frame, padded to 4, options
 *   obsolete  8 u16 interface   10 u16 drops   12 … as enhanced
 *   simple    8 original   12 frame            (interface 0, no time)
 *   counters  8 interface   12 time   20 options
 * </pre>
 */
final class PcapNgReader implements RecordReader {
  static final int SECTION = 0x0a0d0d0a;
  static final int INTERFACE = 1;
  static final int OBSOLETE_PACKET = 2;
  static final int SIMPLE_PACKET = 3;
  static final int COUNTERS = 5;
  static final int ENHANCED_PACKET = 6;
  static final int BYTE_ORDER_MAGIC = 0x1a2b3c4d;

  static final int OPTION_TIME_RESOLUTION = 9;
  static final int OPTION_TIME_OFFSET = 14;
  static final int OPTION_PACKET_FLAGS = 2;
  private static final int OPTION_PACKET_DROPS = 4;
  private static final int OPTION_COUNTERS_INTERFACE_DROPS = 5;
  private static final int OPTION_COUNTERS_SYSTEM_DROPS = 7;
  private static final int DROPS_UNKNOWN = 0xffff;
  static final int FLAGS_DIRECTION = 3;
  static final int FLAGS_OUTBOUND = 2;

  private static final int BLOCK_BYTES_MIN = 12;
  /** Of blocks that are read whole: a packet and as much again for its options. Others are skipped, however long. */
  private static final int BLOCK_BYTES_MAX = 2 * Delivery.PACKET_BYTES_MAX;
  private static final int INTERFACES_MAX = 1 << 16;

  private final RefillBuffer input;
  private final List<PcapNgInterface> interfaces = new ArrayList<>();
  /** What the last call of {@link #option} found. */
  private int optionLength;

  PcapNgReader(RefillBuffer input) {
    this.input = input;
  }

  @Override
  public int read(Delivery delivery) throws IOException {
    int handed = 0;
    while (true) {
      long begins = input.offset(input.position);
      if (input.unread() < BLOCK_BYTES_MIN && (handed > 0 || !input.require(BLOCK_BYTES_MIN))) {
        if (handed > 0) return handed;
        if (input.unread() == 0) return PacketSource.END;
        throw truncated(begins, BLOCK_BYTES_MIN);
      }
      int type = input.i32(input.position);
      if (type == SECTION) readByteOrder(input.position);
      long length = input.u32(input.position + 4);
      if (length < BLOCK_BYTES_MIN || (length & 3) != 0) throw corrupt("a block of " + length + " bytes, expected a multiple of 4 from 12");
      if (!isRead(type)) {
        if (!input.skip(length)) throw truncated(begins, length);
        continue;
      }
      if (length > BLOCK_BYTES_MAX) throw corrupt("a block of " + length + " bytes, expected at most " + BLOCK_BYTES_MAX);
      if (input.unread() < length) {
        if (handed > 0) return handed;
        if (!input.require((int) length)) throw truncated(begins, length);
      }
      int end = input.position + (int) length - 4;
      if (input.u32(end) != length) throw corrupt("a block of " + length + " bytes that ends with the length " + input.u32(end));
      handed += readBlock(type, input.position, end, delivery);
      input.position = end + 4;
    }
  }

  private static boolean isRead(int type) {
    return type == ENHANCED_PACKET || type == INTERFACE || type == SECTION || type == SIMPLE_PACKET || type == OBSOLETE_PACKET || type == COUNTERS;
  }

  /** @param end index after the body @return packets handed over, 0 or 1 */
  private int readBlock(int type, int at, int end, Delivery delivery) throws IOException {
    switch (type) {
      case ENHANCED_PACKET -> readPacket(at, end, input.u32(at + 8), -1, delivery);
      case OBSOLETE_PACKET -> readPacket(at, end, input.u16(at + 8), input.u16(at + 10), delivery);
      case SIMPLE_PACKET -> readSimplePacket(at, end, delivery);
      case INTERFACE -> readInterface(at, end, delivery);
      case COUNTERS -> readCounters(at, end, delivery.handler);
      default -> readSection(at, end);
    }
    return type == ENHANCED_PACKET || type == OBSOLETE_PACKET || type == SIMPLE_PACKET ? 1 : 0;
  }

  private void readPacket(int at, int end, long interfaceId, int drops, Delivery delivery) throws IOException {
    if (end - at < 28) throw corrupt("a packet block without room for its header, expected at least 32 bytes");
    PcapNgInterface from = interfaceAt(interfaceId);
    long captured = input.u32(at + 20);
    // Padding cannot overflow: end is bounded by the block's limit.
    if (captured > Delivery.PACKET_BYTES_MAX || captured > end - at - 28) {
      throw corrupt("a packet that claims " + captured + " captured bytes, expected at most " + (end - at - 28));
    }
    long timeNs = from.timeNs(input.u32(at + 12) << 32 | input.u32(at + 16));
    int options = at + 28 + ((int) captured + 3 & ~3);
    int flags = options < end ? packetOptions(options, end, from, delivery.handler) : 0;
    if (drops > 0 && drops != DROPS_UNKNOWN) lost(from, drops, delivery.handler);
    delivery.packet(from.link, input.array, at + 28, (int) captured, input.i32(at + 24), timeNs, (int) interfaceId, flags);
  }

  private int packetOptions(int options, int end, PcapNgInterface from, PacketHandler handler) {
    int drops = option(OPTION_PACKET_DROPS, options, end);
    if (drops >= 0 && optionLength == 8) lost(from, input.i64(drops), handler);
    int flags = option(OPTION_PACKET_FLAGS, options, end);
    return flags >= 0 && optionLength == 4 && (input.i32(flags) & FLAGS_DIRECTION) == FLAGS_OUTBOUND ? PacketHandler.FLAG_OUTGOING : 0;
  }

  /** Has no time of its own: it gets that of the packet before it. */
  private void readSimplePacket(int at, int end, Delivery delivery) throws IOException {
    if (end - at < 12) throw corrupt("a simple packet block without room for its header, expected at least 16 bytes");
    PcapNgInterface from = interfaceAt(0);
    long original = input.u32(at + 8);
    long captured = Math.min(original, from.snapLength == 0 ? Long.MAX_VALUE : from.snapLength & 0xffffffffL);
    if (captured > Delivery.PACKET_BYTES_MAX || captured > end - at - 12) {
      throw corrupt("a simple packet of " + captured + " bytes, expected at most " + (end - at - 12));
    }
    delivery.packet(from.link, input.array, at + 12, (int) captured, (int) original, delivery.lastTimeNs, 0, 0);
  }

  private void readInterface(int at, int end, Delivery delivery) throws IOException {
    if (end - at < 16) throw corrupt("an interface description without room for its header, expected at least 20 bytes");
    if (interfaces.size() == INTERFACES_MAX) throw corrupt("more than " + INTERFACES_MAX + " interfaces in a section");
    int resolution = option(OPTION_TIME_RESOLUTION, at + 16, end);
    int unit = resolution >= 0 && optionLength == 1 ? input.array[resolution] & 0xff : -1;
    int offset = option(OPTION_TIME_OFFSET, at + 16, end);
    long offsetSeconds = offset >= 0 && optionLength == 8 ? input.i64(offset) : 0;
    Delivery.Link link = delivery.link(input.u16(at + 8), "interface " + interfaces.size());
    interfaces.add(new PcapNgInterface(link, input.i32(at + 12), unit, offsetSeconds));
  }

  /** The counters are totals since the interface was opened; packets may have told part of them already. */
  private void readCounters(int at, int end, PacketHandler handler) throws IOException {
    if (end - at < 20) throw corrupt("interface statistics without room for their header, expected at least 24 bytes");
    PcapNgInterface of = interfaceAt(input.u32(at + 8));
    long total = counter(OPTION_COUNTERS_INTERFACE_DROPS, at + 20, end) + counter(OPTION_COUNTERS_SYSTEM_DROPS, at + 20, end);
    lost(of, total - of.lossesReported, handler);
  }

  private long counter(int code, int options, int end) {
    int at = option(code, options, end);
    return at >= 0 && optionLength == 8 ? Math.max(0, input.i64(at)) : 0;
  }

  private void lost(PcapNgInterface from, long packets, PacketHandler handler) {
    if (packets <= 0) return;
    from.lossesReported += packets;
    handler.onLost(LedgerCode.KERNEL_DROP, packets, 0);
  }

  private PcapNgInterface interfaceAt(long id) throws IOException {
    if (id >= interfaces.size()) throw corrupt("a packet of interface " + id + ", but the section has described " + interfaces.size());
    return interfaces.get((int) id);
  }

  private void readByteOrder(int at) throws IOException {
    input.bigEndian = false;
    if (input.i32(at + 8) == BYTE_ORDER_MAGIC) return;
    input.bigEndian = true;
    if (input.i32(at + 8) != BYTE_ORDER_MAGIC) throw corrupt("a section without the byte order magic 1a2b3c4d");
  }

  private void readSection(int at, int end) throws IOException {
    if (end - at < 24) throw corrupt("a section header of " + (end + 4 - at) + " bytes, expected at least 28");
    if (input.u16(at + 12) != 1) throw corrupt("pcapng version " + input.u16(at + 12) + "." + input.u16(at + 14) + ", expected 1.x");
    interfaces.clear();
  }

  /** @return index of the first option's value with this code, -1: none. A list that contradicts itself ends there. */
  private int option(int code, int from, int end) {
    int at = from;
    while (at + 4 <= end) {
      int found = input.u16(at);
      int length = input.u16(at + 2);
      if (found == 0 || length > end - at - 4) return -1;
      if (found == code) {
        optionLength = length;
        return at + 4;
      }
      at += 4 + (length + 3 & ~3);
    }
    return -1;
  }

  private PcapFormatException corrupt(String problem) {
    return new PcapFormatException(input.file, input.offset(input.position), "corrupt: " + problem,
        "All packets before it were read; the rest cannot be trusted.");
  }

  private PcapFormatException truncated(long begins, long expected) {
    return new PcapFormatException(input.file, begins,
        "the file ends " + (input.offset(input.limit) - begins) + " bytes into a block, expected " + expected,
        "All packets before it were read; the capture was cut, or is still being written.");
  }
}
