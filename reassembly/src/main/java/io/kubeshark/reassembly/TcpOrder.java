package io.kubeshark.reassembly;

import io.kubeshark.core.LedgerCode;

/**
 * Puts TCP payload in order. What comes next is handed over from the packet at once ({@link TcpDelivery}); what comes too early is copied
 * and waits in its stream, within a budget, until the missing bytes come or are declared lost ({@link TcpHoles}).
 */
final class TcpOrder {
  /** Numbers that are farther off than this are not believed at first: a packet of an older connection, garbage. */
  static final int JUMP_BYTES_MAX = 64 << 20;
  /** This many of them in a row, and the capture has lost that much. */
  static final int STRANGE_PACKETS_MAX = 3;
  /** Segments that wait in one direction; over it holes are declared early. */
  static final int SEGMENTS_MAX = 4096;

  private final Accounts accounts;
  private final TcpDelivery delivery;
  private final TcpHoles holes;
  private final SegmentPool segments;
  private long forced;

  TcpOrder(Accounts accounts, TcpDelivery delivery, TcpHoles holes, SegmentPool segments) {
    this.accounts = accounts;
    this.delivery = delivery;
    this.holes = holes;
    this.segments = segments;
  }

  /** Connections whose holes were declared early because memory was short. */
  long forcedByBudget() {
    return forced;
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
        delivery.deliver(f.connection, end, p.array, p.payloadOffset, length, position, Math.max(0, o.positionOf(p.acknowledgment)), p.timeNs);
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
    delivery.drain(f, p.timeNs);
    holes.settle(f, p.timeNs, true);
  }

  private boolean plausible(TcpFlow f, Packet p, TcpStream s, int sequence) {
    int distance = sequence - s.next;
    if (distance <= JUMP_BYTES_MAX && distance >= -JUMP_BYTES_MAX) {
      s.strangeSequences = 0;
      return true;
    }
    if (distance < 0 || p.payloadWireLength == 0 || ++s.strangeSequences < STRANGE_PACKETS_MAX) return false;
    s.strangeSequences = 0;
    holes.force(f, p.timeNs);
    delivery.gap(f, p.sender, sequence - s.next & 0xffffffffL, p.timeNs);
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
    if (s.finGuessed && length > 0 && from + length - s.next > 0) delivery.notTheEnd(f, end, p.timeNs);
    int old = Math.min(s.next - from, length);
    if (old > 0) {
      delivery.bookOld(f.connection, s, from, old);
      from += old;
      length -= old;
    }
    if (length <= 0) return;
    int offset = p.payloadOffset + (from - sequence);
    int there = Math.max(0, Math.min(length, p.payloadLength - (from - sequence)));
    boolean next = from == s.next && (s.head == null || from + length - s.head.sequence <= 0);
    if (next && TcpDelivery.mayFollow(f.streams[1 - end], p.acknowledgment, acknowledges)) {
      delivery.pass(f, end, p.array, offset, there, length, p.acknowledgment, acknowledges, p.timeNs);
    } else {
      buffer(f, p, sequence, from, length, acknowledges);
    }
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
      s.insert(before, piece, after);
      accounts.pending += count;
      before = piece;
      at += count;
    }
  }

  /** A segment from the pool, at the cost of heavier connections; null if this one is the heaviest. */
  private Segment takeRoom(TcpFlow f, int length) {
    Segment piece = segments.take(length);
    while (piece == null) {
      if (!holes.forceHeaviest(f)) return null;
      forced++;
      piece = segments.take(length);
    }
    return piece;
  }

  /** No room: this connection's holes are declared now, so that the rest of the packet needs no copy. */
  private void overflow(TcpFlow f, Packet p, int sequence, int from, int length, boolean acknowledges) {
    forced++;
    holes.force(f, p.timeNs);
    TcpStream s = f.streams[p.sender];
    if (from - s.next > 0) delivery.gap(f, p.sender, from - s.next, p.timeNs);
    int old = Math.min(s.next - from, length);
    if (old > 0) delivery.bookOld(f.connection, s, from, old);
    else old = 0;
    int skip = from - sequence + old;
    int rest = length - old;
    if (rest == 0) return;
    int there = Math.max(0, Math.min(rest, p.payloadLength - skip));
    delivery.pass(f, p.sender, p.array, p.payloadOffset + skip, there, rest, p.acknowledgment, acknowledges, p.timeNs);
  }
}
