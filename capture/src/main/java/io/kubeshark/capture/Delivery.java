package io.kubeshark.capture;

import io.kubeshark.core.LinkType;
import io.kubeshark.core.PacketHandler;
import io.kubeshark.linux.BpfFilter;
import io.kubeshark.linux.BpfFilterException;
import java.util.List;

/** The last step of a file reader: filters, counts and hands over. One thread delivers, any thread may read what was published. */
final class Delivery {
  /** An oversized lie in a file must not cost memory; Wireshark's limit too (WTAP_MAX_PACKET_SIZE_STANDARD). */
  static final int PACKET_BYTES_MAX = 256 * 1024;

  PacketHandler handler;
  long lastTimeNs;
  final Notes notes = new Notes();
  private final String filterExpression;
  private long packets;
  private long wireBytes;
  private long filteredPackets;
  private long unsupportedLinkPackets;
  private volatile CaptureStatistics published = new CaptureStatistics(0, 0, 0, 0, List.of());

  /** @param filterExpression null: everything passes */
  Delivery(String filterExpression) {
    this.filterExpression = filterExpression;
  }

  void packet(Link link, byte[] array, int offset, int capturedLength, int wireLength, long timeNs, int interfaceIndex, int flags) {
    lastTimeNs = timeNs;
    // Some writers note a shorter original length; a packet is never shorter than what was captured of it.
    int length = Math.max(capturedLength, wireLength);
    if (link.filter() != null && !link.filter().matches(array, offset, capturedLength, length)) {
      filteredPackets++;
      return;
    }
    packets++;
    wireBytes += length;
    if (!link.supported()) unsupportedLinkPackets++;
    handler.onPacket(array, offset, capturedLength, length, timeNs, link.type(), interfaceIndex, -1, flags);
  }

  /** @param owner whose link type it is, for notes */
  Link link(int linkType, String owner) throws BpfFilterException {
    boolean supported = LinkType.supported(linkType);
    if (!supported) notes.add(owner + " has link type " + linkType + ", which is not read: its packets are counted as not-ip");
    // A filter about addresses means nothing for frames that nobody reads: these pass, so that they are counted.
    BpfFilter filter = filterExpression == null || !supported ? null : BpfFilter.compile(filterExpression, linkType, PACKET_BYTES_MAX);
    return new Link(linkType, supported, filter);
  }

  void publish() {
    if (published.packets() == packets && published.filteredPackets() == filteredPackets) return;
    published = new CaptureStatistics(packets, wireBytes, filteredPackets, unsupportedLinkPackets, List.of());
  }

  CaptureStatistics published() {
    return published;
  }

  /** A file's (pcap) or interface's (pcapng) kind of frames. @param filter null: all pass */
  record Link(int type, boolean supported, BpfFilter filter) {}
}
