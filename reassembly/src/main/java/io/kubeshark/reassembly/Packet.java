package io.kubeshark.reassembly;

import io.kubeshark.core.PacketHandler;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * One frame and what the decoders found in it so far. One object per reassembler, filled anew for each frame.
 *
 * <pre>
 *  frameOffset      at                    end          wireEnd
 *   │ headers read  │ headers, payload …  │ not there  │ padding, trailer
 *   ├───────────────┼─────────────────────┼────────────┼─────────
 * </pre>
 * All four are indexes into {@link #array}; {@code wireEnd} may lie beyond it when the capture cut the frame.
 */
final class Packet {
  private static final VarHandle BE16 = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle BE32 = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle BE64 = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  static final int FIN = 1;
  static final int SYN = 2;
  static final int RST = 4;
  static final int ACK = 16;

  // The frame as it was handed over.
  byte[] frame;
  int frameOffset;
  int capturedLength;
  int wireLength;
  int linkType;
  long timeNs;
  int interfaceIndex;
  int vlan;
  int flags;

  // Where decoding stands.
  byte[] array;
  int at;
  int end;
  int wireEnd;
  /** Tunnel headers passed. */
  int depth;
  /** Wire bytes that this packet answers for: the frame's, or those of all its fragments. */
  long accountedLength;
  long paddingBytes;

  // Network.
  boolean ipv6;
  long srcHigh;
  long srcLow;
  long dstHigh;
  long dstLow;

  // Transport.
  int srcPort;
  int dstPort;
  int payloadOffset;
  /** Bytes that are there. */
  int payloadLength;
  int payloadWireLength;

  // TCP.
  int sequence;
  int acknowledgment;
  int tcpFlags;
  /** As in the header, unscaled. */
  int window;
  /** Window scale option, -1: none. */
  int windowShift;

  /** Which end of its connection sent it, once that is known. */
  int sender;

  void reset(byte[] array, int offset, int capturedLength, int wireLength, long timeNs, int linkType, int interfaceIndex, int vlan, int flags) {
    this.frame = array;
    this.array = array;
    this.frameOffset = offset;
    this.at = offset;
    this.capturedLength = capturedLength;
    this.wireLength = wireLength;
    this.end = offset + capturedLength;
    this.wireEnd = offset + wireLength;
    this.timeNs = timeNs;
    this.linkType = linkType;
    this.interfaceIndex = interfaceIndex;
    this.vlan = vlan < 0 ? 0 : vlan & 0xfff;
    this.flags = flags;
    this.depth = 0;
    this.accountedLength = wireLength;
    this.paddingBytes = 0;
  }

  /** What tells apart the copies of one packet that passes several interfaces: interface, tunnel depth, coming or going. */
  int origin() {
    return interfaceIndex << 4 | depth << 1 | flags & PacketHandler.FLAG_OUTGOING;
  }

  boolean has(int count) {
    return end - at >= count;
  }

  int u8(int distance) {
    return array[at + distance] & 0xff;
  }

  int u16(int distance) {
    return (short) BE16.get(array, at + distance) & 0xffff;
  }

  int i32(int distance) {
    return (int) BE32.get(array, at + distance);
  }

  long i64(int distance) {
    return (long) BE64.get(array, at + distance);
  }

  /** The network or transport packet ends {@code length} bytes from here: what follows in the frame is padding. */
  void limit(int length) {
    paddingBytes += wireEnd - at - length;
    wireEnd = at + length;
    if (end > wireEnd) end = wireEnd;
  }

  /** What is left from here on is the transport's payload. */
  void payload() {
    payloadOffset = at;
    payloadLength = Math.max(0, end - at);
    payloadWireLength = wireEnd - at;
  }

  /** All headers, tunnels' included: what is neither payload nor padding. Valid after {@link #payload()}. */
  long headerBytes() {
    return accountedLength - paddingBytes - payloadWireLength;
  }
}
