package io.kubeshark.core;

/**
 * How well a TCP connection does, in the terms of Wireshark's TCP analysis (tcp.analysis.*), both directions together unless said
 * otherwise. Written by reassembly, one owner thread. Times in microseconds; -1: not seen.
 */
public final class TcpHealth {
  public static final int COMPLETE_SYN = 1;
  public static final int COMPLETE_SYN_ACK = 2;
  public static final int COMPLETE_ACK = 4;
  public static final int COMPLETE_DATA = 8;
  public static final int COMPLETE_FIN = 16;
  public static final int COMPLETE_RST = 32;

  public long retransmissions;
  public long fastRetransmissions;
  public long spuriousRetransmissions;
  public long dataSegments;
  public long zeroWindowEvents;
  public long windowFullEvents;
  public int windowScaleClient = -1;
  public int windowScaleServer = -1;
  public long receiveWindowSum;
  public long receiveWindowSamples;
  public long outOfOrder;
  public long duplicateAcks;
  public long missingSegments;
  public long rstCount;
  public long finCount;
  public long keepAliveCount;
  /** COMPLETE_* bits, as tcp.completeness. */
  public int completeness;
  /** SYN to the ACK that ends the handshake (Wireshark's iRTT). */
  public long initialRttUs = -1;
  /** SYN to SYN-ACK. */
  public long handshakeTimeUs = -1;
  public long connectionTimeUs = -1;
  /** First payload of the client to first payload of the server. */
  public long timeToFirstByteUs = -1;
  public long rttMinUs = -1;
  public long rttMaxUs = -1;
  public long rttSumUs;
  public long rttSamples;
  /** Mean absolute difference of successive RTT samples. */
  public long jitterSumUs;
  public long lastRttUs = -1;
  /** Payload bytes without what came again. */
  public long goodputBytes;

  /** One sample: a data segment's time to the ACK that covers it. */
  public void rtt(long us) {
    if (rttMinUs < 0 || us < rttMinUs) rttMinUs = us;
    if (us > rttMaxUs) rttMaxUs = us;
    if (lastRttUs >= 0) jitterSumUs += Math.abs(us - lastRttUs);
    lastRttUs = us;
    rttSumUs += us;
    rttSamples++;
  }

  /** Share of data segments that came again, 0–1. */
  public double retransmissionRate() {
    return dataSegments == 0 ? 0 : (double) retransmissions / dataSegments;
  }

  public long rttAverageUs() {
    return rttSamples == 0 ? -1 : rttSumUs / rttSamples;
  }

  public long jitterUs() {
    return rttSamples < 2 ? -1 : jitterSumUs / (rttSamples - 1);
  }

  public long receiveWindowAverage() {
    return receiveWindowSamples == 0 ? -1 : receiveWindowSum / receiveWindowSamples;
  }
}
