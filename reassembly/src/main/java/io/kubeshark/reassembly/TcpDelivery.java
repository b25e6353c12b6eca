package io.kubeshark.reassembly;

import io.kubeshark.core.Connection;
import io.kubeshark.core.LedgerCode;
import io.kubeshark.core.StreamHandler;

/**
 * Puts TCP payload in order and decides what is lost.
 *
 * <p>A segment is handed over when everything before it in its direction is, and everything that it acknowledges in the other direction
 * (causal order: neighbours may be swapped in a capture). What cannot be handed over at once is copied and waits. Then either the missing
 * bytes come, or they are declared a gap. A hole is declared lost
 * <ul>
 * <li>if the receiver acknowledged it: it has the bytes, so no retransmission will come, and a swapped packet would be here by now. That is
 *     after {@value #PACKETS_AFTER_ACK} more packets of the connection, or {@value #THREAD_PACKETS_AFTER_ACK} more of any, or
 *     {@link ReassemblyLimits#ackedHoleTimeoutNs()}, whichever comes first;
 * <li>if nobody acknowledged it: after {@link ReassemblyLimits#openHoleTimeoutNs()}, because the sender may send it again;
 * <li>at once when the memory budget is used up (the heaviest stream first), and when the connection ends.
 * </ul>
 * Two directions cannot wait for each other for ever: who waits for an acknowledgement waits for a hole that is acknowledged.
 *
 * <p>Bytes of a declared gap that come after all are moved from GAP to LATE.
 */
final class TcpDelivery {
  static final int PACKETS_AFTER_ACK = 3;
  static final int THREAD_PACKETS_AFTER_ACK = 64;
  /** Numbers that are farther off than this are not believed at first: a packet of an older connection, garbage. */
  static final int JUMP_BYTES_MAX = 64 << 20;
  /** This many of them in a row, and the capture has lost that much. */
  static final int STRANGE_PACKETS_MAX = 3;
  /** Segments that wait in one direction; over it holes are declared early. */
  static final int SEGMENTS_MAX = 4096;
  /** Streams that are compared when the heaviest is looked for, the longest waiting first. */
  private static final int HEAVIEST_CANDIDATES_MAX = 64;

  private final Accounts accounts;
  private final StreamHandler handler;
  private final ReassemblyLimits limits;
  private final SegmentPool pool;
  private final Settled settled;
  private final WaitList ackedHoles = new WaitList();
  private final WaitList openHoles = new WaitList();
  private long packets;
  private long forced;

  /** Told when a connection got on without a packet of its own: it may be over now. */
  interface Settled {
    void onSettled(TcpFlow flow, long nowNs);
  }

  TcpDelivery(Accounts accounts, StreamHandler handler, ReassemblyLimits limits, Settled settled) {
    this.accounts = accounts;
    this.settled = settled;
    this.handler = handler;
    this.limits = limits;
    this.pool = new SegmentPool(limits.bufferedBytes());
  }

  /** Connections whose holes were declared early because memory was short. */
  long forcedByBudget() {
    return forced;
  }

  long bufferBytesUsed() {
    return pool.usedBytes();
  }

  long bufferBytesAllocated() {
    return pool.allocatedBytes();
  }

  /** A packet without RST of an open connection whose streams have started. */
  void take(TcpFlow f, Packet p) {
    int end = p.sender;
    TcpStream s = f.streams[end];
    TcpStream o = f.streams[1 - end];
    if (f.waitList == null && p.sequence == s.next && (p.tcpFlags & (Packet.SYN | Packet.FIN | Packet.ACK)) == Packet.ACK
        && p.payloadLength == p.payloadWireLength && !s.finKnown && !s.finGuessed) {
      int ahead = p.acknowledgment - o.next;
      if (ahead <= 0 && ahead >= -JUMP_BYTES_MAX) {
        if (p.acknowledgment - o.acked > 0) o.acked = p.acknowledgment;
        s.strangeSequences = 0;
        int length = p.payloadLength;
        if (length == 0) return;
        long position = s.position;
        s.next += length;
        s.position = position + length;
        deliver(f.connection, end, p.array, p.payloadOffset, length, position, Math.max(0, o.positionOf(p.acknowledgment)), p.timeNs);
        return;
      }
    }
    takeUnusual(f, p, s, o);
  }

  private void takeUnusual(TcpFlow f, Packet p, TcpStream s, TcpStream o) {
    int sequence = (p.tcpFlags & Packet.SYN) != 0 ? p.sequence + 1 : p.sequence;
    if (!plausible(f, p, s, sequence)) {
      accounts.add(f.connection, sequence - s.next < 0 ? LedgerCode.RETRANSMISSION : LedgerCode.MALFORMED_PACKET, p.payloadWireLength);
      return;
    }
    boolean stale = s.positionOf(sequence) < -1; // from before the connection: its acknowledgement number means nothing
    boolean acknowledges = !stale && (p.tcpFlags & Packet.ACK) != 0 && plausibleAck(o, p.acknowledgment);
    if (acknowledges) o.acknowledge(p.acknowledgment);
    boolean fin = !stale && (p.tcpFlags & Packet.FIN) != 0 && !s.finKnown;
    if (p.payloadWireLength > 0) {
      payload(f, p, sequence, 0, acknowledges);
    }
    if (fin) {
      int finSequence = sequence + p.payloadWireLength;
      boolean guessed = s.finGuessed && finSequence == s.next - 1;
      if (guessed || finSequence - s.next >= 0) {
        if (guessed) {
          s.finGuessed = false;
          s.next--;
        }
        s.finKnown = true;
        s.finSequence = finSequence;
        s.finAcknowledgment = p.acknowledgment;
        s.finAcknowledges = acknowledges;
      }
    }
    drain(f, p.timeNs);
    settle(f, p.timeNs, true);
  }

  private boolean plausible(TcpFlow f, Packet p, TcpStream s, int sequence) {
    int distance = sequence - s.next;
    if (distance <= JUMP_BYTES_MAX && distance >= -JUMP_BYTES_MAX) {
      s.strangeSequences = 0;
      return true;
    }
    if (distance < 0 || p.payloadWireLength == 0 || ++s.strangeSequences < STRANGE_PACKETS_MAX) return false;
    s.strangeSequences = 0;
    force(f, p.timeNs);
    gap(f, p.sender, sequence - s.next & 0xffffffffL, p.timeNs);
    return true;
  }

  private static boolean plausibleAck(TcpStream o, int acknowledgment) {
    int ahead = acknowledgment - o.next;
    if (ahead > JUMP_BYTES_MAX) {
      if (++o.strangeAcks < STRANGE_PACKETS_MAX) return false;
    }
    o.strangeAcks = 0;
    return ahead >= -JUMP_BYTES_MAX;
  }

  /** Takes the packet's payload from {@code skip} on. */
  private void payload(TcpFlow f, Packet p, int sequence, int skip, boolean acknowledges) {
    int end = p.sender;
    TcpStream s = f.streams[end];
    int length = p.payloadWireLength - skip;
    int from = sequence + skip;
    if (s.finKnown && from + length - s.finSequence > 0) { // nothing can follow a FIN
      int beyond = Math.min(length, from + length - s.finSequence);
      accounts.add(f.connection, LedgerCode.MALFORMED_PACKET, beyond);
      length -= beyond;
    }
    if (s.finGuessed && length > 0 && from + length - s.next > 0) notTheEnd(f, end, p.timeNs);
    int old = Math.min(s.next - from, length);
    if (old > 0) {
      bookOld(f.connection, s, from, old);
      from += old;
      length -= old;
    }
    if (length <= 0) return;
    int offset = p.payloadOffset + (from - sequence);
    int there = Math.max(0, Math.min(length, p.payloadLength - (from - sequence)));
    boolean next = from == s.next && (s.head == null || from + length - s.head.sequence <= 0);
    if (next && mayFollow(f.streams[1 - end], p.acknowledgment, acknowledges)) {
      pass(f, end, p.array, offset, there, length, p.acknowledgment, acknowledges, p.timeNs);
    } else {
      buffer(f, p, sequence, from, length, acknowledges);
    }
  }

  /** One missing sequence number was taken for a FIN, but more data follows: it was a byte. */
  private void notTheEnd(TcpFlow f, int end, long timeNs) {
    TcpStream s = f.streams[end];
    s.finGuessed = false;
    if (f.connection.midStream && s.position == 0) return; // a keep-alive probe repeats a byte from before the capture
    s.next--;
    gap(f, end, 1, timeNs);
  }

  void bookOld(Connection c, TcpStream s, int sequence, int length) {
    long start = s.positionOf(sequence);
    long late = s.takeFromGaps(start, start + length);
    if (late > 0) {
      accounts.wire(c, -late);
      accounts.add(c, LedgerCode.GAP, -late);
      accounts.add(c, LedgerCode.LATE, late);
    }
    accounts.add(c, LedgerCode.RETRANSMISSION, length - late);
  }

  private static boolean mayFollow(TcpStream o, int acknowledgment, boolean acknowledges) {
    return !acknowledges || acknowledgment - o.next <= 0;
  }

  /** Copies what no buffered segment holds yet of the packet's bytes [from, from + length). */
  private void buffer(TcpFlow f, Packet p, int sequence, int from, int length, boolean acknowledges) {
    TcpStream s = f.streams[p.sender];
    int to = from + length;
    Segment before = null;
    Segment after = s.head;
    if (s.tail != null && from - s.tail.endSequence() >= 0) {
      before = s.tail;
      after = null;
    }
    for (int at = from; at != to; ) {
      while (after != null && after.endSequence() - at <= 0) {
        before = after;
        after = after.next;
      }
      if (after != null && after.sequence - at <= 0) {
        int covered = Math.min(after.endSequence() - at, to - at);
        accounts.add(f.connection, LedgerCode.RETRANSMISSION, covered);
        at += covered;
        continue;
      }
      int count = Math.min(to - at, SegmentPool.PIECE_BYTES_MAX);
      if (after != null) count = Math.min(count, after.sequence - at);
      int there = Math.max(0, Math.min(count, p.payloadLength - (at - sequence)));
      Segment piece = s.segments < SEGMENTS_MAX ? takeRoom(f, Math.max(1, there)) : null;
      if (piece == null) {
        overflow(f, p, sequence, at, to - at, acknowledges);
        return;
      }
      System.arraycopy(p.array, p.payloadOffset + (at - sequence), piece.bytes, 0, there);
      piece.length = there;
      piece.wireLength = count;
      piece.sequence = at;
      piece.acknowledgment = p.acknowledgment;
      piece.acknowledges = acknowledges;
      piece.timeNs = p.timeNs;
      insert(s, before, piece, after);
      accounts.pending += count;
      before = piece;
      at += count;
    }
  }

  private static void insert(TcpStream s, Segment before, Segment piece, Segment after) {
    piece.next = after;
    if (before == null) s.head = piece;
    else before.next = piece;
    if (after == null) s.tail = piece;
    s.segments++;
    s.bufferedBytes += piece.wireLength;
  }

  /** A segment from the pool, at the cost of heavier streams; null if this one is the heaviest. */
  private Segment takeRoom(TcpFlow f, int length) {
    Segment piece = pool.take(length);
    while (piece == null) {
      TcpFlow heaviest = heaviest(f);
      if (heaviest == f) return null;
      forced++;
      force(heaviest, heaviest.connection.lastNs);
      settle(heaviest, heaviest.connection.lastNs, false);
      settled.onSettled(heaviest, heaviest.connection.lastNs);
      piece = pool.take(length);
    }
    return piece;
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

  /** No room: this connection's holes are declared now, so that the rest of the packet needs no copy. */
  private void overflow(TcpFlow f, Packet p, int sequence, int from, int length, boolean acknowledges) {
    forced++;
    force(f, p.timeNs);
    TcpStream s = f.streams[p.sender];
    if (from - s.next > 0) gap(f, p.sender, from - s.next, p.timeNs);
    int old = Math.min(s.next - from, length);
    if (old > 0) bookOld(f.connection, s, from, old);
    else old = 0;
    int skip = from - sequence + old;
    int rest = length - old;
    if (rest == 0) return;
    int there = Math.max(0, Math.min(rest, p.payloadLength - skip));
    pass(f, p.sender, p.array, p.payloadOffset + skip, there, rest, p.acknowledgment, acknowledges, p.timeNs);
  }

  /** Hands over what comes next in a stream; what the capture cut of it becomes a gap, booked as SNAPLEN. */
  private void pass(TcpFlow f, int end, byte[] array, int offset, int there, int length, int acknowledgment, boolean acknowledges, long timeNs) {
    TcpStream s = f.streams[end];
    TcpStream o = f.streams[1 - end];
    long position = s.position;
    s.next += length;
    s.position += length;
    long peerPosition = acknowledges ? Math.max(0, Math.min(o.position, o.positionOf(acknowledgment))) : -1;
    if (there > 0) deliver(f.connection, end, array, offset, there, position, peerPosition, timeNs);
    if (there < length) {
      int cut = length - there;
      f.connection.health.goodputBytes += cut;
      if (f.connection.excluded != null) {
        accounts.add(f.connection, f.connection.excluded, cut);
      } else {
        accounts.add(f.connection, LedgerCode.SNAPLEN, cut, 1);
        handler.onGap(f.connection, end, position + there, cut, timeNs);
      }
    }
  }

  private void deliver(Connection c, int end, byte[] array, int offset, int length, long position, long peerPosition, long timeNs) {
    c.health.goodputBytes += length;
    if (c.excluded != null) {
      accounts.add(c, c.excluded, length);
      return;
    }
    accounts.delivered += length;
    handler.onData(c, end, array, offset, length, position, peerPosition, timeNs);
  }

  /** Declares the next {@code length} bytes of a stream lost. */
  private void gap(TcpFlow f, int end, long length, long timeNs) {
    Connection c = f.connection;
    TcpStream s = f.streams[end];
    accounts.wire(c, length);
    accounts.add(c, LedgerCode.GAP, length, 1);
    long position = s.position;
    s.rememberGap(position, length);
    s.next += (int) length;
    s.position = position + length;
    if (c.excluded == null) handler.onGap(c, end, position, length, timeNs);
  }

  /** Hands over whatever is in order by now, in both directions. */
  private void drain(TcpFlow f, long timeNs) {
    boolean again = true;
    while (again) {
      again = false;
      for (int end = 0; end < 2; end++) {
        TcpStream s = f.streams[end];
        TcpStream o = f.streams[1 - end];
        while (s.head != null && s.head.sequence == s.next && mayFollow(o, s.head.acknowledgment, s.head.acknowledges)) {
          passHead(f, end);
          again = true;
        }
        if (s.finKnown && !s.ended && s.next == s.finSequence && mayFollow(o, s.finAcknowledgment, s.finAcknowledges)) {
          end(f, end, timeNs);
          again = true;
        }
      }
    }
  }

  private void passHead(TcpFlow f, int end) {
    TcpStream s = f.streams[end];
    Segment head = s.head;
    s.head = head.next;
    if (s.head == null) s.tail = null;
    s.segments--;
    s.bufferedBytes -= head.wireLength;
    accounts.pending -= head.wireLength;
    pass(f, end, head.bytes, head.offset, head.length, head.wireLength, head.acknowledgment, head.acknowledges, head.timeNs);
    pool.give(head);
  }

  private void end(TcpFlow f, int end, long timeNs) {
    TcpStream s = f.streams[end];
    s.next++;
    s.ended = true;
    if (s.acked - s.next > 0) s.acked = s.next; // nothing follows a FIN
    Connection c = f.connection;
    if (c.state == Connection.State.OPEN || c.state == Connection.State.SYN_RECEIVED || c.state == Connection.State.SYN_SENT) {
      c.state = Connection.State.HALF_CLOSED;
    }
    if (c.excluded == null) handler.onEnd(c, end, timeNs);
  }

  /** Where does the connection stand: does it wait, and for what? */
  private void settle(TcpFlow f, long timeNs, boolean packetCame) {
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

  /** A packet without consequences for the order (RST) came, or bytes before a RST are missing. */
  void reconsider(TcpFlow f, long timeNs) {
    settle(f, timeNs, true);
  }

  private void giveUpAcked(TcpFlow f, long timeNs) {
    boolean progress = false;
    while (!f.resetPending && declareAcked(f, false, timeNs)) {
      progress = true;
      drain(f, timeNs);
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
      if (s.finGuessed) notTheEnd(f, end, timeNs);
      gap(f, end, length, timeNs);
    }
    return true;
  }

  /** Nothing waits any more after this: all holes are declared, all that is held is handed over. */
  void force(TcpFlow f, long timeNs) {
    do {
      drain(f, timeNs);
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
      if (hole > 0) gap(f, end, hole, timeNs);
      else passHead(f, end);
      return true;
    }
    for (end = 0; end < 2; end++) {
      s = f.streams[end];
      if (!s.finKnown || s.ended) continue;
      if (s.finSequence != s.next) gap(f, end, s.finSequence - s.next, timeNs);
      else end(f, end, timeNs);
      return true;
    }
    return false;
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
      drain(f, nowNs);
      openHoles.remove(f); // whatever still waits has its time anew
      settle(f, nowNs, false);
      settled.onSettled(f, nowNs);
    }
  }
}
