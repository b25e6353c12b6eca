package io.kubeshark.reassembly;

/**
 * From which interface a direction of a connection is taken. A capture of several interfaces sees one packet several times (veth, bridge,
 * NIC); the first interface seen owns the direction and the others' packets are duplicates, until the owner falls silent. It is per
 * direction, because requests and answers may take different ways (asymmetric routes, bonds).
 */
final class Owner {
  private boolean known;
  private int origin;
  private long lastNs;

  /** Whether this packet is to be taken; {@code fresh}: it carries something that was not seen yet. */
  boolean takes(Packet p, boolean fresh, long silenceNs) {
    if (known && origin != p.origin()) {
      if (!fresh || p.timeNs - lastNs <= silenceNs) return false;
    }
    known = true;
    origin = p.origin();
    lastNs = p.timeNs;
    return true;
  }
}
