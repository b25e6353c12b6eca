package io.kubeshark.reassembly;

/**
 * What one reassembler may hold, and how long it waits. Times are packet time.
 *
 * @param connections TCP connections and UDP flows at once; over it the least recently used one ends as EVICTED
 * @param bufferedBytes memory for TCP segments that wait for others; over it holes are declared lost early, heaviest stream first
 * @param fragmentBytes memory for IP fragments that wait for others; over it the oldest datagram is given up
 * @param halfOpenTimeoutNs a handshake that does not go on (peer: staleTimeoutSeconds)
 * @param tcpIdleTimeoutNs an open connection without packets (peer: tcpFlowTimeout)
 * @param udpIdleTimeoutNs a UDP flow without packets
 * @param closingTimeoutNs both ends sent FIN, the last ACK does not come
 * @param lingerNs how long a closed connection is remembered, so that late packets do not make a new one
 * @param fragmentTimeoutNs RFC 1122 says 60–120 s, Linux waits 30 s
 * @param ackedHoleTimeoutNs a hole that the receiver acknowledged: the capture will hardly see it any more
 * @param openHoleTimeoutNs a hole that nobody acknowledged: a retransmission may come
 * @param ownerSilenceNs after this the copies of another interface take over
 */
public record ReassemblyLimits(
    int connections, long bufferedBytes, long fragmentBytes, long halfOpenTimeoutNs, long tcpIdleTimeoutNs, long udpIdleTimeoutNs,
    long closingTimeoutNs, long lingerNs, long fragmentTimeoutNs, long ackedHoleTimeoutNs, long openHoleTimeoutNs, long ownerSilenceNs) {

  private static final long SECOND_NS = 1_000_000_000L;

  public static final ReassemblyLimits DEFAULT = new ReassemblyLimits(
      200_000, 64L << 20, 8L << 20, 30 * SECOND_NS, 1200 * SECOND_NS, 30 * SECOND_NS,
      2 * SECOND_NS, 10 * SECOND_NS, 30 * SECOND_NS, SECOND_NS, 3 * SECOND_NS, SECOND_NS);

  public ReassemblyLimits {
    if (connections < 1) throw new IllegalArgumentException("connections must be at least 1, not " + connections);
  }

  public ReassemblyLimits withConnections(int count) {
    return new ReassemblyLimits(count, bufferedBytes, fragmentBytes, halfOpenTimeoutNs, tcpIdleTimeoutNs, udpIdleTimeoutNs,
        closingTimeoutNs, lingerNs, fragmentTimeoutNs, ackedHoleTimeoutNs, openHoleTimeoutNs, ownerSilenceNs);
  }

  public ReassemblyLimits withBufferedBytes(long bytes) {
    return new ReassemblyLimits(connections, bytes, fragmentBytes, halfOpenTimeoutNs, tcpIdleTimeoutNs, udpIdleTimeoutNs,
        closingTimeoutNs, lingerNs, fragmentTimeoutNs, ackedHoleTimeoutNs, openHoleTimeoutNs, ownerSilenceNs);
  }

  public ReassemblyLimits withFragmentBytes(long bytes) {
    return new ReassemblyLimits(connections, bufferedBytes, bytes, halfOpenTimeoutNs, tcpIdleTimeoutNs, udpIdleTimeoutNs,
        closingTimeoutNs, lingerNs, fragmentTimeoutNs, ackedHoleTimeoutNs, openHoleTimeoutNs, ownerSilenceNs);
  }

  public ReassemblyLimits withIdleTimeoutsNs(long tcpNs, long udpNs) {
    return new ReassemblyLimits(connections, bufferedBytes, fragmentBytes, halfOpenTimeoutNs, tcpNs, udpNs,
        closingTimeoutNs, lingerNs, fragmentTimeoutNs, ackedHoleTimeoutNs, openHoleTimeoutNs, ownerSilenceNs);
  }
}
