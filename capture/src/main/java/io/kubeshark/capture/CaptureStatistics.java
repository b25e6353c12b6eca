package io.kubeshark.capture;

import java.util.List;

/**
 * @param packets handed over
 * @param wireBytes of these packets, as long as they were on the wire
 * @param filteredPackets read, but refused by the filter (files only: the kernel does not show us what it filters)
 * @param unsupportedLinkPackets handed over with a link type that nothing here reads ({@link io.kubeshark.core.LinkType#supported})
 * @param rings one for each kernel ring, empty for files
 */
public record CaptureStatistics(
    long packets, long wireBytes, long filteredPackets, long unsupportedLinkPackets, List<Ring> rings) {

  public CaptureStatistics {
    rings = List.copyOf(rings);
  }

  /**
   * @param name of the interface, or "any"
   * @param packets that passed the filter, as the kernel counts them, dropped ones included
   * @param droppedPackets because the ring was full
   * @param freezes how often the ring was full
   */
  public record Ring(String name, long packets, long droppedPackets, long freezes) {}

  public long droppedPackets() {
    long sum = 0;
    for (Ring ring : rings) sum += ring.droppedPackets();
    return sum;
  }
}
