package io.kubeshark.capture;

import io.kubeshark.core.LinkType;
import io.kubeshark.core.PacketHandler;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The last step of a file reader: counts and hands over. One thread delivers, any thread may read what {@link #publish} published. */
final class Delivery {
  /** An oversized lie in a file must not cost memory; Wireshark's limit too (WTAP_MAX_PACKET_SIZE_STANDARD). */
  static final int PACKET_BYTES_MAX = 256 * 1024;
  private static final int NOTES_MAX = 32;

  PacketHandler handler;
  long lastTimeNs;
  private long packets;
  private long wireBytes;
  private long filteredPackets;
  private long unsupportedLinkPackets;
  private volatile CaptureStatistics published = new CaptureStatistics(0, 0, 0, 0, List.of());
  private final List<String> notes = new CopyOnWriteArrayList<>();

  /** @param link how packets of this kind are read and filtered */
  void packet(Link link, byte[] array, int offset, int capturedLength, int wireLength, long timeNs, int interfaceIndex, int flags) {
    lastTimeNs = timeNs;
    // Some writers note a shorter original length; a packet is never shorter than what was captured of it.
    int length = Math.max(capturedLength, wireLength);
    packets++;
    wireBytes += length;
    if (!link.supported) unsupportedLinkPackets++;
    handler.onPacket(array, offset, capturedLength, length, timeNs, link.type, interfaceIndex, -1, flags);
  }

  Link link(int linkType, String owner) {
    if (!LinkType.supported(linkType)) {
      note(owner + " has link type " + linkType + ", which is not read: its packets are counted as not-ip");
    }
    return new Link(linkType);
  }

  void note(String sentence) {
    if (notes.size() < NOTES_MAX && !notes.contains(sentence)) notes.add(sentence);
  }

  List<String> notes() {
    return List.copyOf(notes);
  }

  void publish() {
    if (published.packets() == packets && published.filteredPackets() == filteredPackets) return;
    published = new CaptureStatistics(packets, wireBytes, filteredPackets, unsupportedLinkPackets, List.of());
  }

  CaptureStatistics published() {
    return published;
  }

  /** A file's (pcap) or interface's (pcapng) kind of frames. */
  static final class Link {
    final int type;
    final boolean supported;

    Link(int type) {
      this.type = type;
      this.supported = LinkType.supported(type);
    }
  }
}
