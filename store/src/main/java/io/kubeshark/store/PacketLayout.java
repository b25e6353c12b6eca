package io.kubeshark.store;

/**
 * The bytes of a packet record. Little endian.
 *
 * <pre>
 *   0 u32 length      whole record, this word included
 *   4 u32 wireLength  bytes on the wire
 *   8 i64 timeNs      epoch
 *  16 i64 connection  {@link io.kubeshark.core.Connection#id}, -1: none
 *  24 u16 linkType
 *  26 u8  end         who sent it, 0 or 1
 *  27 u8  reserved
 *  28 bytes
 * </pre>
 */
final class PacketLayout {
  private PacketLayout() {}

  static final int LENGTH = 0;
  static final int WIRE_LENGTH = 4;
  static final int TIME_NS = 8;
  static final int CONNECTION = 16;
  static final int LINK_TYPE = 24;
  static final int END = 26;
  static final int HEADER_LENGTH = 28;
  static final long NO_CONNECTION = -1;
}
