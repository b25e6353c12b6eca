package io.kubeshark.reassembly;

/**
 * Which connections wait for missing bytes, and for how long. A hole is declared lost
 * <ul>
 * <li>if the receiver acknowledged it: it has the bytes, so no retransmission will come, and a swapped packet would be here by now. That is
 *     after {@value #PACKETS_AFTER_ACK} more packets of the connection, or {@value #THREAD_PACKETS_AFTER_ACK} more of any, or
 *     {@link ReassemblyLimits#ackedHoleTimeoutNs()}, whichever comes first;
 * <li>if nobody acknowledged it: after {@link ReassemblyLimits#openHoleTimeoutNs()}, because the sender may send it again;
 * <li>at once when the memory budget is used up (the heaviest connection first), and when the connection ends.
 * </ul>
 * Two directions cannot wait for each other for ever: who waits for an acknowledgement waits for a hole that is acknowledged.
 */
final class TcpHoles {
  static final int PACKETS_AFTER_ACK = 3;
  static final int THREAD_PACKETS_AFTER_ACK = 64;
  /** Connections that are compared when the heaviest is looked for, the longest waiting first. */
  private static final int HEAVIEST_CANDIDATES_MAX = 64;

  private final TcpDelivery delivery;
  private final ReassemblyLimits limits;
  private final Settled settled;
  private final WaitList ackedHoles = new WaitList();
  private final WaitList openHoles = new WaitList();
  private long packets;

  /** Told when a connection got on without a packet of its own: it may be over now. */
  interface Settled {
    void onSettled(TcpFlow flow, long nowNs);
  }

  TcpHoles(TcpDelivery delivery, ReassemblyLimits limits, Settled settled) {
    this.delivery = delivery;
    this.limits = limits;
    this.settled = settled;
  }

  /**
   * Where does the connection stand: does it wait, and for what?
   *
   * @param packetCame a packet of its own, be it one without consequences for the order (RST)
   */
  void settle(TcpFlow f, long timeNs, boolean packetCame) {
    TcpStream a = f.streams[0];
    TcpStream b = f.streams[1];
    boolean aWaits = a.waits();
    boolean bWaits = b.waits();
    if (!aWaits && !bWaits) {
      if (f.waitList != null) f.waitList.remove(f);
      return;
    }
    WaitList list = f.resetPending || a.holeAcked() || b.holeAcked() ? ackedHoles : openHoles;
    int markA = aWaits ? a.next : 0;
    int markB = bWaits ? b.next : 0;
    if (f.waitList != list || f.waitMarkA != markA || f.waitMarkB != markB) {
      if (f.waitList != null) f.waitList.remove(f);
      list.append(f);
      f.waitMarkA = markA;
      f.waitMarkB = markB;
      f.waitingSinceNs = timeNs;
      f.waitingSincePacket = packets;
      f.packetsWaited = 0;
      a.ackedThen = a.acked;
      b.ackedThen = b.acked;
    } else if (packetCame) {
      f.packetsWaited++;
    }
    if (list == ackedHoles) {
      if (neverSeen(a)) a.ackedThen = a.acked;
      else if (neverSeen(b)) b.ackedThen = b.acked;
      else if (f.packetsWaited < PACKETS_AFTER_ACK) return;
      giveUpAcked(f, timeNs);
    }
  }

  /** Only one direction is captured: no use in waiting for the other one each time. */
  private static boolean neverSeen(TcpStream s) {
    return !s.seen && s.gaps > 0 && s.holeAcked();
  }

  private void giveUpAcked(TcpFlow f, long timeNs) {
    boolean progress = false;
    while (!f.resetPending && declareAcked(f, false, timeNs)) {
      progress = true;
      delivery.drain(f, timeNs);
    }
    if (!progress) force(f, timeNs);
    if (f.waitList != null) f.waitList.remove(f); // whatever still waits has its time anew
    settle(f, timeNs, false);
  }

  /** @param all false: only what was acknowledged when the wait began; what was since may still be swapped */
  private boolean declareAcked(TcpFlow f, boolean all, long timeNs) {
    return declareAcked(f, 0, all, timeNs) | declareAcked(f, 1, all, timeNs);
  }

  private boolean declareAcked(TcpFlow f, int end, boolean all, long timeNs) {
    TcpStream s = f.streams[end];
    if (!s.holeAcked()) return false;
    int upTo = all ? s.acked : s.ackedThen;
    if (s.head != null && s.head.sequence - upTo < 0) upTo = s.head.sequence;
    if (s.finKnown && s.finSequence - upTo < 0) upTo = s.finSequence;
    int length = upTo - s.next;
    if (length <= 0) return false;
    if (length == 1 && s.head == null && !s.finKnown && !s.finGuessed) {
      s.finGuessed = true;
      s.next++;
    } else {
      if (s.finGuessed) delivery.notTheEnd(f, end, timeNs);
      delivery.gap(f, end, length, timeNs);
    }
    return true;
  }

  /** Nothing waits any more after this: all holes are declared, all that is held is handed over. */
  void force(TcpFlow f, long timeNs) {
    do {
      delivery.drain(f, timeNs);
    } while (declareAcked(f, true, timeNs) || declareOpen(f, timeNs));
    if (f.waitList != null) f.waitList.remove(f);
  }

  /** Declares the hole before the segment that waits longest; without a hole, segments wait for each other, and the oldest goes first. */
  private boolean declareOpen(TcpFlow f, long timeNs) {
    Segment a = f.streams[0].head;
    Segment b = f.streams[1].head;
    int end = b == null || a != null && a.timeNs <= b.timeNs ? 0 : 1;
    TcpStream s = f.streams[end];
    if (s.head != null) {
      int hole = s.head.sequence - s.next;
      if (hole > 0) delivery.gap(f, end, hole, timeNs);
      else delivery.passHead(f, end);
      return true;
    }
    for (end = 0; end < 2; end++) {
      s = f.streams[end];
      if (!s.finKnown || s.ended) continue;
      if (s.finSequence != s.next) delivery.gap(f, end, s.finSequence - s.next, timeNs);
      else delivery.end(f, end, timeNs);
      return true;
    }
    return false;
  }

  /** Ends the wait of the connection that holds most; false if that is {@code f} itself. */
  boolean forceHeaviest(TcpFlow f) {
    TcpFlow heaviest = heaviest(f);
    if (heaviest == f) return false;
    long nowNs = heaviest.connection.lastNs;
    force(heaviest, nowNs);
    settle(heaviest, nowNs, false);
    settled.onSettled(heaviest, nowNs);
    return true;
  }

  private TcpFlow heaviest(TcpFlow f) {
    TcpFlow heaviest = f;
    long most = buffered(f);
    for (WaitList list : new WaitList[] {openHoles, ackedHoles}) {
      int left = HEAVIEST_CANDIDATES_MAX;
      for (TcpFlow other = list.first(); other != null && left-- > 0; other = other.waitNext) {
        long bytes = buffered(other);
        if (bytes > most) {
          most = bytes;
          heaviest = other;
        }
      }
    }
    return heaviest;
  }

  private static long buffered(TcpFlow f) {
    return f.streams[0].bufferedBytes + f.streams[1].bufferedBytes;
  }

  /** After each packet: time limits of those who wait. */
  void afterPacket(long nowNs) {
    packets++;
    if (ackedHoles.first() != null || openHoles.first() != null) onTime(nowNs);
  }

  void onTime(long nowNs) {
    TcpFlow f;
    while ((f = ackedHoles.first()) != null
        && (packets - f.waitingSincePacket > THREAD_PACKETS_AFTER_ACK || nowNs - f.waitingSinceNs >= limits.ackedHoleTimeoutNs())) {
      giveUpAcked(f, nowNs);
      settled.onSettled(f, nowNs);
    }
    while ((f = openHoles.first()) != null && nowNs - f.waitingSinceNs >= limits.openHoleTimeoutNs()) {
      declareOpen(f, nowNs);
      delivery.drain(f, nowNs);
      openHoles.remove(f); // whatever still waits has its time anew
      settle(f, nowNs, false);
      settled.onSettled(f, nowNs);
    }
  }
}
