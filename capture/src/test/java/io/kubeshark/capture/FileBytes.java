package io.kubeshark.capture;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Capture files written down byte by byte, independently of the writers under test. */
final class FileBytes {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteOrder order;

  FileBytes(ByteOrder order) {
    this.order = order;
  }

  FileBytes i32(long... values) {
    ByteBuffer b = ByteBuffer.allocate(4 * values.length).order(order);
    for (long value : values) b.putInt((int) value);
    out.writeBytes(b.array());
    return this;
  }

  FileBytes u16(int... values) {
    ByteBuffer b = ByteBuffer.allocate(2 * values.length).order(order);
    for (int value : values) b.putShort((short) value);
    out.writeBytes(b.array());
    return this;
  }

  FileBytes bytes(byte... values) {
    out.writeBytes(values);
    return this;
  }

  FileBytes pad() {
    while ((out.size() & 3) != 0) out.write(0);
    return this;
  }

  FileBytes pcapHeader(int magic, int linkType) {
    return i32(magic).u16(2, 4).i32(0, 0, 65535, linkType);
  }

  FileBytes pcapPacket(long seconds, long fraction, byte[] frame, int wireLength) {
    return i32(seconds, fraction, frame.length, wireLength).bytes(frame);
  }

  FileBytes block(int type, FileBytes body) {
    byte[] inside = body.pad().done();
    return i32(type, inside.length + 12).bytes(inside).i32(inside.length + 12);
  }

  FileBytes body() {
    return new FileBytes(order);
  }

  FileBytes option(int code, FileBytes value) {
    byte[] inside = value.done();
    return u16(code, inside.length).bytes(inside).pad();
  }

  FileBytes section() {
    return block(PcapNgReader.SECTION, body().i32(PcapNgReader.BYTE_ORDER_MAGIC).u16(1, 0).i32(-1, -1).option(4, body().bytes("test".getBytes())).i32(0));
  }

  /** @param resolution -1: no option */
  FileBytes ngInterface(int linkType, int snapLength, int resolution, long offsetSeconds) {
    FileBytes body = body().u16(linkType, 0).i32(snapLength).option(2, body().bytes("eth0".getBytes()));
    if (resolution >= 0) body.option(9, body().bytes((byte) resolution));
    if (offsetSeconds != 0) body.option(14, body().i64(offsetSeconds));
    return block(PcapNgReader.INTERFACE, body.i32(0));
  }

  FileBytes i64(long value) {
    out.writeBytes(ByteBuffer.allocate(8).order(order).putLong(value).array());
    return this;
  }

  FileBytes enhanced(int interfaceId, long units, byte[] frame, int wireLength) {
    return enhanced(interfaceId, units, frame, wireLength, body());
  }

  FileBytes enhanced(int interfaceId, long units, byte[] frame, int wireLength, FileBytes options) {
    FileBytes body = body().i32(interfaceId, units >>> 32, units, frame.length, wireLength).bytes(frame).pad();
    return block(PcapNgReader.ENHANCED_PACKET, body.bytes(options.done()));
  }

  byte[] done() {
    return out.toByteArray();
  }
}
