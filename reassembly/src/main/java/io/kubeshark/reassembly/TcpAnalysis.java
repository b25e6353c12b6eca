package io.kubeshark.reassembly;

import io.kubeshark.core.Connection;
import io.kubeshark.core.TcpHealth;

/**
 * Health of a TCP connection by the rules of Wireshark's sequence analysis (User's Guide section 7.5, version 4.0), so that the numbers are
 * the ones that engineers know: each packet is judged as it was captured, before it is put in order.
 */
final class TcpAnalysis {
  /** An ACK and the retransmission that it asked for are not farther apart than this. */
  private static final long FAST_RETRANSMISSION_NS = 20_000_000L;
  /** A segment that comes this short after a later one overtook it on the way; replaced by the round-trip time once that is known. */
  private static final long OUT_OF_ORDER_NS = 3_000_000L;

  private static final int KEEP_ALIVE = 1;
  private static final int ZERO_WINDOW_PROBE = 2;

  private static final int SCALE_UNKNOWN = -1;
  private static final int SCALE_NONE = -2;

  /** What is known of one end. */
  static final class Side {
    /** The highest sequence number seen, and when. */
    boolean nextKnown;
    int next;
    long nextNs;
    /** The end of what was seen without a hole: acknowledgements beyond it prove a loss. */
    boolean contiguousKnown;
    int contiguous;
    /** The last acknowledgement sent, and when. */
    boolean ackKnown;
    int ack;
    long ackNs;
    int duplicateAcks;
    int window;
    int scale = SCALE_UNKNOWN;
    /** {@link #window} is from a SYN, which is never scaled. */
    boolean windowFromSyn;
    int lastFlags;
    long firstPayloadNs = -1;
    final UnackedSegments unacked = new UnackedSegments();
  }

  private final Connection connection;
  private final TcpHealth health;
  private final Side a;
  private final Side b;
  private long initialRttNs;
  private long lastSynNs = -1;

  TcpAnalysis(Connection connection, Side a, Side b) {
    this.connection = connection;
    this.health = connection.health;
    this.a = a;
    this.b = b;
  }

  void onClose() {
    health.connectionTimeUs = (connection.lastNs - connection.firstNs) / 1000;
  }

  void onPacket(Packet p) {
    Side s = p.sender == 0 ? a : b;
    Side o = p.sender == 0 ? b : a;
    int flags = p.tcpFlags;
    if ((flags & (Packet.SYN | Packet.FIN | Packet.RST)) != 0) control(p, s, o, flags);
    if (health.initialRttUs < 0 || (health.completeness & TcpHealth.COMPLETE_ACK) == 0) firstAck(p, flags);
    int length = p.payloadWireLength;
    if (length > 0) data(p, s, o, length);
    judge(p, s, o, flags, length);
    remember(p, s, flags, length);
    if ((flags & Packet.ACK) != 0) {
      long sentNs = o.unacked.acknowledge(p.acknowledgment);
      if (sentNs != Long.MIN_VALUE) health.rtt((p.timeNs - sentNs) / 1000);
    }
  }

  private void control(Packet p, Side s, Side o, int flags) {
    if ((flags & Packet.RST) != 0) {
      health.rstCount++;
      health.completeness |= TcpHealth.COMPLETE_RST;
    }
    if ((flags & Packet.FIN) != 0) {
      health.finCount++;
      health.completeness |= TcpHealth.COMPLETE_FIN;
    }
    if ((flags & Packet.SYN) == 0) return;
    s.scale = p.windowShift < 0 ? SCALE_NONE : p.windowShift;
    boolean client = p.sender == connection.clientEnd;
    if (client) health.windowScaleClient = p.windowShift;
    else health.windowScaleServer = p.windowShift;
    if ((flags & Packet.ACK) == 0) {
      health.completeness |= TcpHealth.COMPLETE_SYN;
      lastSynNs = p.timeNs;
    } else {
      health.completeness |= TcpHealth.COMPLETE_SYN_ACK;
      if (lastSynNs >= 0 && health.handshakeTimeUs < 0) health.handshakeTimeUs = (p.timeNs - lastSynNs) / 1000;
      // Scaling is on only if both offer it (RFC 7323 section 2.2).
      if (s.scale == SCALE_NONE || o.scale == SCALE_NONE) {
        s.scale = SCALE_NONE;
        o.scale = SCALE_NONE;
      }
    }
  }

  private void firstAck(Packet p, int flags) {
    if ((flags & (Packet.ACK | Packet.SYN)) != Packet.ACK) return;
    if (health.initialRttUs < 0 && lastSynNs >= 0) {
      initialRttNs = p.timeNs - lastSynNs;
      health.initialRttUs = initialRttNs / 1000;
    }
    if (p.payloadWireLength == 0) health.completeness |= TcpHealth.COMPLETE_ACK;
  }

  private void data(Packet p, Side s, Side o, int length) {
    health.dataSegments++;
    health.completeness |= TcpHealth.COMPLETE_DATA;
    if (s.firstPayloadNs < 0) {
      s.firstPayloadNs = p.timeNs;
      if (p.sender != connection.clientEnd && o.firstPayloadNs >= 0) health.timeToFirstByteUs = (p.timeNs - o.firstPayloadNs) / 1000;
    }
  }

  private void judge(Packet p, Side s, Side o, int flags, int length) {
    int sequence = p.sequence;
    int acknowledgment = p.acknowledgment;
    int window = p.window;
    boolean control = (flags & (Packet.SYN | Packet.FIN | Packet.RST)) != 0;
    int judgement = 0;
    if (!control) {
      health.receiveWindowSum += (long) window << Math.max(0, s.scale);
      health.receiveWindowSamples++;
      if (window == 0) health.zeroWindowEvents++;
    }
    if (length == 1 && s.nextKnown && sequence == s.next && o.window == 0 && o.ackKnown) {
      if (!control && window == 0) health.zeroWindowEvents--;
      judgement = ZERO_WINDOW_PROBE;
    } else {
      if (s.nextKnown && sequence - s.next > 0 && (flags & Packet.RST) == 0) health.missingSegments++;
      if (length <= 1 && s.nextKnown && sequence == s.next - 1 && !control) {
        health.keepAliveCount++;
        judgement = KEEP_ALIVE;
      }
      if (length > 0 && !control && o.scale != SCALE_UNKNOWN && o.ackKnown
          && sequence + length == o.ack + (o.window << (o.windowFromSyn ? 0 : Math.max(0, o.scale)))) {
        health.windowFullEvents++;
      }
      if (length == 0 && !control && s.nextKnown && sequence == s.next && window == s.window && s.ackKnown) repeatedAck(s, o, acknowledgment, window);
    }
    s.lastFlags = judgement;
    if (acknowledgment != s.ack) s.duplicateAcks = 0;
    if (o.contiguousKnown && acknowledgment - o.contiguous > 0 && (flags & Packet.ACK) != 0) o.contiguous = o.next;
    if ((length > 0 || (flags & (Packet.SYN | Packet.FIN)) != 0) && judgement != KEEP_ALIVE) sentAgain(p, s, o, length);
  }

  private void repeatedAck(Side s, Side o, int acknowledgment, int window) {
    boolean same = acknowledgment == s.ack;
    boolean sameOrNext = same || acknowledgment == s.ack + 1;
    if (window != 0 && sameOrNext && o.lastFlags == KEEP_ALIVE) return; // keep-alive ACK
    if (window == 0) {
      if (sameOrNext && o.lastFlags == ZERO_WINDOW_PROBE && acknowledgment != s.ack) o.next = acknowledgment; // the probe's byte was taken
      return;
    }
    if (same) {
      s.duplicateAcks++;
      health.duplicateAcks++;
    }
  }

  /** A segment that does not move the stream on: retransmission, fast or spurious, or one that was overtaken. */
  private void sentAgain(Packet p, Side s, Side o, int length) {
    int sequence = p.sequence;
    boolean notAdvanced = s.nextKnown && sequence - s.next < 0;
    if (length > 1 && s.nextKnown && s.next - 1 == sequence) notAdvanced = false; // new data behind a zero-window probe
    if (length > 0 && o.ackKnown && sequence + length - o.ack <= 0) {
      health.spuriousRetransmissions++;
      health.retransmissions++;
      return;
    }
    if (!notAdvanced) return;
    if (o.duplicateAcks >= 2 && o.ack == sequence && p.timeNs - o.ackNs < FAST_RETRANSMISSION_NS) {
      health.fastRetransmissions++;
      health.retransmissions++;
      return;
    }
    long thresholdNs = initialRttNs == 0 ? OUT_OF_ORDER_NS : initialRttNs;
    int next = sequence + length + ((p.tcpFlags & (Packet.SYN | Packet.FIN)) != 0 ? 1 : 0);
    if (p.timeNs - s.nextNs < thresholdNs && next != s.next) {
      health.outOfOrder++;
      return;
    }
    health.retransmissions++;
  }

  private static void remember(Packet p, Side s, int flags, int length) {
    int next = p.sequence + length;
    if (length > 0 || (flags & (Packet.SYN | Packet.FIN)) != 0) {
      if ((flags & (Packet.SYN | Packet.FIN)) != 0) next++;
      s.unacked.add(p.sequence, next, p.timeNs);
    }
    if (s.lastFlags != ZERO_WINDOW_PROBE) {
      if (!s.nextKnown || next - s.next > 0) {
        s.nextKnown = true;
        s.next = next;
        s.nextNs = p.timeNs;
      }
      if (!s.contiguousKnown || p.sequence == s.contiguous) {
        s.contiguousKnown = true;
        s.contiguous = s.next;
      }
    }
    s.window = p.window;
    s.windowFromSyn = (flags & Packet.SYN) != 0;
    s.ack = p.acknowledgment;
    s.ackKnown = s.ack != 0;
    s.ackNs = p.timeNs;
  }
}
