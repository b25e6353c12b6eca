package io.kubeshark.reassembly;

import io.kubeshark.core.Connection;
import io.kubeshark.core.Connection.State;
import io.kubeshark.core.LedgerCode;
import io.kubeshark.core.StreamHandler;

/** UDP flows: datagrams of one pair of addresses and ports, until none comes for {@link ReassemblyLimits#udpIdleTimeoutNs()}. */
final class UdpTracker {
  private final Accounts accounts;
  private final Flows flows;
  private final StreamHandler handler;
  private final ReassemblyLimits limits;

  UdpTracker(Accounts accounts, Flows flows, StreamHandler handler, ReassemblyLimits limits) {
    this.accounts = accounts;
    this.flows = flows;
    this.handler = handler;
    this.limits = limits;
  }

  void onPacket(Packet p) {
    int hash = flows.table.hash(p, Connection.UDP);
    UdpFlow f = (UdpFlow) flows.table.find(p, hash, Connection.UDP);
    if (f == null) f = open(p, hash);
    if (!f.owners[p.sender].takes(p, true, limits.ownerSilenceNs())) {
      flows.duplicate(f, p);
      return;
    }
    Connection c = f.connection;
    accounts.headers(c, p);
    f.count(p);
    flows.tap(c, p);
    if (c.excluded != null) {
      accounts.add(c, c.excluded, p.payloadWireLength);
      return;
    }
    int cut = p.payloadWireLength - p.payloadLength;
    if (cut > 0) accounts.add(c, LedgerCode.SNAPLEN, cut, 1);
    accounts.delivered += p.payloadLength;
    handler.onDatagram(c, p.sender, p.array, p.payloadOffset, p.payloadLength, p.payloadWireLength, p.timeNs);
  }

  private UdpFlow open(Packet p, int hash) {
    UdpFlow f = new UdpFlow(flows.connection(p, Connection.UDP), hash);
    flows.add(f, p, p.timeNs + limits.udpIdleTimeoutNs());
    handler.onOpen(f.connection);
    return f;
  }

  void onTick(UdpFlow f, long nowNs) {
    long deadlineNs = f.connection.lastNs + limits.udpIdleTimeoutNs();
    if (nowNs < deadlineNs) flows.timers.schedule(f, deadlineNs);
    else close(f, State.TIMED_OUT, nowNs);
  }

  void close(UdpFlow f, State state, long nowNs) {
    f.connection.state = state;
    f.closed = true;
    handler.onClose(f.connection, nowNs);
    flows.remove(f);
  }
}
