package io.kubeshark.reassembly;

import io.kubeshark.core.Connection;
import io.kubeshark.core.LedgerCode;
import io.kubeshark.core.StreamHandler;

/**
 * Hands over what comes next in a stream, and declares what never will: payload, gap, end, each with its place in the stream and on its
 * account.
 *
 * <p>A segment is handed over when everything before it in its direction is, and everything that it acknowledges in the other direction
 * (causal order: neighbours may be swapped in a capture).
 *
 * <p>Bytes of a declared gap that come after all are moved from GAP to LATE.
 */
final class TcpDelivery {
  private final Accounts accounts;
  private final StreamHandler handler;
  private final SegmentPool segments;

  TcpDelivery(Accounts accounts, StreamHandler handler, SegmentPool segments) {
    this.accounts = accounts;
    this.handler = handler;
    this.segments = segments;
  }

  static boolean mayFollow(TcpStream o, int acknowledgment, boolean acknowledges) {
    return !acknowledges || acknowledgment - o.next <= 0;
  }

  /** Hands over what comes next in a stream; what the capture cut of it becomes a gap, booked as SNAPLEN. */
  void pass(TcpFlow f, int end, byte[] array, int offset, int there, int length, int acknowledgment, boolean acknowledges, long timeNs) {
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

  void deliver(Connection c, int end, byte[] array, int offset, int length, long position, long peerPosition, long timeNs) {
    c.health.goodputBytes += length;
    if (c.excluded != null) {
      accounts.add(c, c.excluded, length);
      return;
    }
    accounts.delivered += length;
    handler.onData(c, end, array, offset, length, position, peerPosition, timeNs);
  }

  /** Declares the next {@code length} bytes of a stream lost. */
  void gap(TcpFlow f, int end, long length, long timeNs) {
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

  /** One missing sequence number was taken for a FIN, but more data follows: it was a byte. */
  void notTheEnd(TcpFlow f, int end, long timeNs) {
    TcpStream s = f.streams[end];
    s.finGuessed = false;
    if (f.connection.midStream && s.position == 0) return; // a keep-alive probe repeats a byte from before the capture
    s.next--;
    gap(f, end, 1, timeNs);
  }

  /** Bytes that were delivered before, or declared a gap. */
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

  /** Hands over whatever is in order by now, in both directions. */
  void drain(TcpFlow f, long timeNs) {
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

  void passHead(TcpFlow f, int end) {
    TcpStream s = f.streams[end];
    Segment head = s.removeHead();
    accounts.pending -= head.wireLength;
    pass(f, end, head.bytes, head.offset, head.length, head.wireLength, head.acknowledgment, head.acknowledges, head.timeNs);
    segments.give(head);
  }

  void end(TcpFlow f, int end, long timeNs) {
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
}
