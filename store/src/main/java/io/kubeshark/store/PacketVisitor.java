package io.kubeshark.store;

/** What packets are handed to. */
public interface PacketVisitor {
  /**
   * @param connectionId -1: none
   * @param end who sent it, 0 or 1
   * @param array holds the frame from {@code offset}, beginning with its link header; valid only during the call
   * @param wireLength bytes on the wire; more than {@code capturedLength} if the capture or the store cut it
   * @param linkType {@link io.kubeshark.core.LinkType}
   * @return false to end
   */
  boolean onPacket(long connectionId, int end, byte[] array, int offset, int capturedLength, int wireLength, long timeNs, int linkType);
}
