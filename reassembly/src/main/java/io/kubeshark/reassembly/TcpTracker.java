package io.kubeshark.reassembly;

import io.kubeshark.core.Connection;
import io.kubeshark.core.Connection.State;
import io.kubeshark.core.LedgerCode;
import io.kubeshark.core.StreamHandler;

/**
 * The life of TCP connections: which packet belongs to which, when one begins, and how it ends.
 *
 * <p>A SYN with another initial sequence number on a known 4-tuple is a new connection, a SYN with the same one is sent again. A connection
 * is over when both FINs were delivered and acknowledged, on RST, or by time; it is remembered for
 * {@link ReassemblyLimits#lingerNs()}, so that late packets do not make a new one.
 */
final class TcpTracker {
  /** Data that a SYN-ACK may acknowledge beyond the SYN (TCP Fast Open). */
  private static final int FAST_OPEN_BYTES_MAX = 64 << 10;

  private final Accounts accounts;
  private final Flows flows;
  private final StreamHandler handler;
  private final ReassemblyLimits limits;
  final SegmentPool segments;
  final TcpHoles holes;
  final TcpOrder order;
  private final TcpDelivery delivery;

  TcpTracker(Accounts accounts, Flows flows, StreamHandler handler, ReassemblyLimits limits) {
    this.accounts = accounts;
    this.flows = flows;
    this.handler = handler;
    this.limits = limits;
    this.segments = new SegmentPool(limits.bufferedBytes());
    this.delivery = new TcpDelivery(accounts, handler, segments);
    this.holes = new TcpHoles(delivery, limits, this::closeIfOver);
    this.order = new TcpOrder(accounts, delivery, holes, segments);
  }

  void onPacket(Packet p) {
    int hash = flows.table.hash(p, Connection.TCP);
    TcpFlow f = (TcpFlow) flows.table.find(p, hash, Connection.TCP);
    if (f != null && beginsAnew(f, p)) {
      replace(f, p.timeNs);
      f = null;
    }
    if (f == null) {
      if ((p.tcpFlags & Packet.RST) != 0) { // answers something that was not captured: no connection to show
        flows.untracked(p, LedgerCode.LATE);
        return;
      }
      f = open(p, hash);
    }
    TcpStream s = f.streams[p.sender];
    if (!s.owner.takes(p, isFresh(s, p), limits.ownerSilenceNs())) {
      flows.duplicate(f, p);
      return;
    }
    accounts.headers(f.connection, p);
    f.count(p);
    flows.tap(f.connection, p);
    f.analysis.onPacket(p);
    if (f.closed) bookLate(f, p);
    else if ((p.tcpFlags & Packet.RST) != 0) reset(f, p);
    else advance(f, p, s);
  }

  private void advance(TcpFlow f, Packet p, TcpStream s) {
    if (!s.seen || (p.tcpFlags & Packet.SYN) != 0 || f.connection.state.ordinal() < State.OPEN.ordinal()) handshake(f, p, s);
    order.take(f, p);
    if (f.streams[0].over() | f.streams[1].over() || f.resetPending) closeIfOver(f, p.timeNs);
  }

  private static boolean isFresh(TcpStream s, Packet p) {
    return !s.started || p.sequence + p.payloadWireLength - s.next > 0 || p.payloadWireLength == 0;
  }

  /** Whether this packet of a known 4-tuple begins another connection. */
  private static boolean beginsAnew(TcpFlow f, Packet p) {
    TcpStream s = f.streams[p.sender];
    TcpStream o = f.streams[1 - p.sender];
    if ((p.tcpFlags & Packet.SYN) == 0) {
      // The SYN of a re-used port was lost: data beyond the end of the old connection.
      return f.closed && s.ended && p.payloadWireLength > 0 && (p.tcpFlags & Packet.RST) == 0 && p.sequence - s.next > 0;
    }
    if ((p.tcpFlags & Packet.RST) != 0 || s.started && s.base == p.sequence + 1) return false;
    if ((p.tcpFlags & Packet.ACK) == 0) return s.started;
    int acknowledged = p.acknowledgment - o.base;
    boolean answersOurs = o.started && acknowledged >= 0 && acknowledged <= FAST_OPEN_BYTES_MAX;
    if (!s.started) return o.started && !answersOurs;
    // A server with SYN cookies may answer a repeated SYN with another number; nothing was sent then.
    return f.closed || !answersOurs || s.position > 0 || s.head != null;
  }

  private TcpFlow open(Packet p, int hash) {
    Connection c = flows.connection(p, Connection.TCP);
    boolean syn = (p.tcpFlags & Packet.SYN) != 0;
    c.midStream = !syn;
    if (syn) {
      c.clientEnd = (p.tcpFlags & Packet.ACK) == 0 ? 0 : 1;
      c.state = (p.tcpFlags & Packet.ACK) == 0 ? State.SYN_SENT : State.SYN_RECEIVED;
    }
    TcpFlow f = new TcpFlow(c, hash);
    flows.add(f, p, c.lastNs + (syn ? limits.halfOpenTimeoutNs() : limits.tcpIdleTimeoutNs()));
    handler.onOpen(c);
    return f;
  }

  private static void handshake(TcpFlow f, Packet p, TcpStream s) {
    TcpStream o = f.streams[1 - p.sender];
    Connection c = f.connection;
    boolean syn = (p.tcpFlags & Packet.SYN) != 0;
    boolean ack = (p.tcpFlags & Packet.ACK) != 0;
    if (syn && s.base != p.sequence + 1) s.start(p.sequence + 1);
    else if (!s.started) s.start(syn ? p.sequence + 1 : p.sequence);
    if (ack && !o.started) o.start(p.acknowledgment);
    s.seen = true;
    if (syn && !ack && c.midStream && s.position == 0) { // its neighbour came first
      c.midStream = false;
      c.clientEnd = p.sender;
    }
    if (c.state == State.SYN_SENT && syn && ack) c.state = State.SYN_RECEIVED;
    else if (!syn && ack && c.state.ordinal() < State.OPEN.ordinal()) c.state = State.OPEN;
  }

  private void reset(TcpFlow f, Packet p) {
    Connection c = f.connection;
    TcpStream s = f.streams[p.sender];
    TcpStream o = f.streams[1 - p.sender];
    accounts.add(c, LedgerCode.LATE, p.payloadWireLength); // RFC 9293 section 3.5.3 allows a text: no part of the stream
    boolean refused = c.state == State.SYN_SENT && !s.seen;
    if (s.started && !refused && Math.abs((long) (p.sequence - s.next)) > TcpOrder.JUMP_BYTES_MAX) return; // not from this connection
    f.resetPending = true;
    f.finalState = refused ? State.REFUSED : f.streams[0].over() && f.streams[1].over() ? State.CLOSED : State.RESET;
    if (!refused) {
      // The numbers prove what was sent before: if the capture swapped neighbours, it is still to come.
      if (s.started) s.acknowledge(p.sequence);
      boolean near = p.acknowledgment - o.next > 0 && p.acknowledgment - o.next <= TcpOrder.JUMP_BYTES_MAX;
      if ((p.tcpFlags & Packet.ACK) != 0 && o.started && near) o.acknowledge(p.acknowledgment);
    }
    holes.settle(f, p.timeNs, true);
    closeIfOver(f, p.timeNs);
  }

  private void closeIfOver(TcpFlow f, long nowNs) {
    if (f.closed || f.waitList != null) return;
    TcpStream a = f.streams[0];
    TcpStream b = f.streams[1];
    if (f.resetPending) {
      close(f, f.finalState, nowNs);
    } else if (a.over() && b.over()) {
      if (a.acked == a.next && b.acked == b.next) close(f, State.CLOSED, nowNs);
      else flows.timers.schedule(f, f.connection.lastNs + limits.closingTimeoutNs());
    }
  }

  /** Declares what is missing, tells the handler, and leaves the flow in the table for a while. */
  void close(TcpFlow f, State state, long nowNs) {
    holes.force(f, nowNs);
    f.connection.state = state;
    f.closed = true;
    f.closedNs = nowNs;
    f.analysis.onClose();
    handler.onClose(f.connection, nowNs);
    flows.timers.schedule(f, nowNs + limits.lingerNs());
  }

  private void replace(TcpFlow f, long nowNs) {
    if (!f.closed) close(f, f.streams[0].over() || f.streams[1].over() ? State.CLOSED : State.TIMED_OUT, nowNs);
    flows.remove(f);
  }

  /** Its tick has come. */
  void onTick(TcpFlow f, long nowNs) {
    long deadlineNs = deadlineNs(f);
    if (nowNs < deadlineNs) {
      flows.timers.schedule(f, deadlineNs);
    } else if (f.closed) {
      flows.remove(f);
    } else if (f.streams[0].over() && f.streams[1].over()) {
      close(f, State.CLOSED, nowNs);
    } else {
      close(f, State.TIMED_OUT, nowNs);
      flows.remove(f);
    }
  }

  private long deadlineNs(TcpFlow f) {
    if (f.closed) return f.closedNs + limits.lingerNs();
    long lastNs = f.connection.lastNs;
    if (f.streams[0].over() && f.streams[1].over()) return lastNs + limits.closingTimeoutNs();
    return lastNs + (f.connection.state.ordinal() < State.OPEN.ordinal() ? limits.halfOpenTimeoutNs() : limits.tcpIdleTimeoutNs());
  }

  private void bookLate(TcpFlow f, Packet p) {
    int length = p.payloadWireLength;
    if (length == 0) return;
    TcpStream s = f.streams[p.sender];
    int old = s.started ? Math.clamp(s.next - p.sequence, 0, length) : 0;
    if (f.connection.excluded != null) {
      accounts.add(f.connection, f.connection.excluded, length);
    } else {
      delivery.bookOld(f.connection, s, p.sequence, old);
      accounts.add(f.connection, LedgerCode.LATE, length - old);
    }
  }
}
