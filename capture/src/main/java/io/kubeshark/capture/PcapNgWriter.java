package io.kubeshark.capture;

import io.kubeshark.core.LinkType;
import io.kubeshark.core.PacketHandler;
import java.io.Closeable;
import java.io.Flushable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes pcapng, little endian, nanoseconds: one section, one interface for each link type, enhanced packets. The same packets give the
 * same bytes. Layout: {@link PcapNgReader}. One thread.
 */
public final class PcapNgWriter implements Closeable, Flushable {
  private static final int LINK_TYPES_MAX = 256;
  private static final int OPTION_APPLICATION = 4;
  private static final int RESOLUTION_NS = 9;
  private static final int MAC_ADDRESSES = 12;
  private static final int VLAN_TAG = 4;
  private static final int VLAN_ETHER_TYPE_SWAPPED = 0x0081;

  private final RecordOutput out;
  private final int[] linkTypes = new int[LINK_TYPES_MAX];
  private int linkTypeCount;

  /** @param application who writes, for the section header; at most 255 bytes of it are kept */
  public PcapNgWriter(OutputStream stream, String application) throws IOException {
    this.out = new RecordOutput(stream);
    byte[] name = application.getBytes(StandardCharsets.UTF_8);
    int nameLength = Math.min(name.length, 255);
    int length = 28 + option(nameLength) + 4;
    out.i32(PcapNgReader.SECTION);
    out.i32(length);
    out.i32(PcapNgReader.BYTE_ORDER_MAGIC);
    out.u16(1);
    out.u16(0);
    out.i32(-1); // length of the section: not known while streaming
    out.i32(-1);
    out.u16(OPTION_APPLICATION);
    out.u16(nameLength);
    out.bytes(name, 0, nameLength);
    out.zeros(padding(nameLength));
    out.i32(0);
    out.i32(length);
  }

  public void write(byte[] array, int offset, int capturedLength, int wireLength, long timeNs, int linkType) throws IOException {
    write(array, offset, capturedLength, wireLength, timeNs, linkType, -1, 0);
  }

  /**
   * @param vlan 802.1Q tag control information that the kernel took out of an Ethernet frame: it is put back; -1: none
   * @param flags {@link PacketHandler#FLAG_OUTGOING}
   */
  public void write(byte[] array, int offset, int capturedLength, int wireLength, long timeNs, int linkType, int vlan, int flags)
      throws IOException {
    int interfaceId = interfaceOf(linkType);
    boolean tagged = vlan >= 0 && linkType == LinkType.ETHERNET && capturedLength >= MAC_ADDRESSES;
    int captured = tagged ? capturedLength + VLAN_TAG : capturedLength;
    boolean outgoing = (flags & PacketHandler.FLAG_OUTGOING) != 0;
    int length = 32 + captured + padding(captured) + (outgoing ? option(4) + 4 : 0);
    out.i32(PcapNgReader.ENHANCED_PACKET);
    out.i32(length);
    out.i32(interfaceId);
    out.i32((int) (timeNs >>> 32));
    out.i32((int) timeNs);
    out.i32(captured);
    out.i32(tagged ? wireLength + VLAN_TAG : wireLength);
    if (tagged) frameWithTag(array, offset, capturedLength, vlan);
    else out.bytes(array, offset, capturedLength);
    out.zeros(padding(captured));
    if (outgoing) outgoingOption();
    out.i32(length);
  }

  private void frameWithTag(byte[] array, int offset, int capturedLength, int vlan) throws IOException {
    out.bytes(array, offset, MAC_ADDRESSES);
    out.u16(VLAN_ETHER_TYPE_SWAPPED);
    out.u16(Short.reverseBytes((short) vlan));
    out.bytes(array, offset + MAC_ADDRESSES, capturedLength - MAC_ADDRESSES);
  }

  private void outgoingOption() throws IOException {
    out.u16(PcapNgReader.OPTION_PACKET_FLAGS);
    out.u16(4);
    out.i32(PcapNgReader.FLAGS_OUTBOUND);
    out.i32(0);
  }

  private int interfaceOf(int linkType) throws IOException {
    for (int i = 0; i < linkTypeCount; i++) if (linkTypes[i] == linkType) return i;
    if (linkTypeCount == LINK_TYPES_MAX) {
      throw new IOException("more than " + LINK_TYPES_MAX + " link types in one file, among them " + Arrays.toString(Arrays.copyOf(linkTypes, 8)));
    }
    int length = 20 + option(1) + 4;
    out.i32(PcapNgReader.INTERFACE);
    out.i32(length);
    out.u16(linkType);
    out.u16(0);
    out.i32(0); // no snapshot length: each packet says what was captured
    out.u16(PcapNgReader.OPTION_TIME_RESOLUTION);
    out.u16(1);
    out.i32(RESOLUTION_NS); // one byte and three of padding
    out.i32(0);
    out.i32(length);
    linkTypes[linkTypeCount] = linkType;
    return linkTypeCount++;
  }

  private static int option(int valueLength) {
    return 4 + valueLength + padding(valueLength);
  }

  private static int padding(int length) {
    return -length & 3;
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
