package io.kubeshark.capture;

import java.io.Closeable;
import java.io.Flushable;
import java.io.IOException;
import java.io.OutputStream;

/** Writes classic pcap with nanoseconds, little endian: one link type for the whole file. Layout: {@link PcapReader}. One thread. */
public final class PcapWriter implements Closeable, Flushable {
  private final RecordOutput out;
  private final int linkType;

  /** @param linkType {@link io.kubeshark.core.LinkType} of every packet */
  public PcapWriter(OutputStream stream, int linkType) throws IOException {
    this.out = new RecordOutput(stream);
    this.linkType = linkType;
    out.i32(PcapReader.MAGIC_NANOSECONDS);
    out.u16(2);
    out.u16(4);
    out.zeros(8);
    out.i32(Delivery.PACKET_BYTES_MAX);
    out.i32(linkType);
  }

  /** @return false if the packet has another link type: this format cannot hold it, and it is not written */
  public boolean write(byte[] array, int offset, int capturedLength, int wireLength, long timeNs, int linkType) throws IOException {
    if (linkType != this.linkType) return false;
    out.i32((int) Math.floorDiv(timeNs, 1_000_000_000L));
    out.i32((int) Math.floorMod(timeNs, 1_000_000_000L));
    out.i32(capturedLength);
    out.i32(wireLength);
    out.bytes(array, offset, capturedLength);
    return true;
  }

  @Override
  public void flush() throws IOException {
    out.flush();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
