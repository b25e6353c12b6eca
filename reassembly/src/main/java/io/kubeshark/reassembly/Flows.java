package io.kubeshark.reassembly;

import io.kubeshark.core.Connection;
import io.kubeshark.core.LedgerCode;
import io.kubeshark.core.PacketTap;

/** What TCP and UDP share: the table, the timers, numbers for new connections, and packets that belong to no stream. */
final class Flows {
  final FlowTable table;
  final Timers timers = new Timers();
  private final Accounts accounts;
  private final PacketTap packetTap;
  private final long idBase;
  private final Eviction eviction;
  private long opened;

  /** Ends the flow and takes it out of the table. */
  interface Eviction {
    void evict(Flow flow);
  }

  Flows(int threadNumber, ReassemblyLimits limits, Accounts accounts, PacketTap packetTap, Eviction eviction) {
    this.idBase = (long) threadNumber << 48;
    this.table = new FlowTable(limits.connections(), Double.doubleToLongBits(Math.random()));
    this.accounts = accounts;
    this.packetTap = packetTap;
    this.eviction = eviction;
  }

  long opened() {
    return opened;
  }

  /** A connection whose end 0 is the packet's sender. Without better knowledge the smaller port is the server's. */
  Connection connection(Packet p, int transport) {
    Connection c = new Connection(idBase | ++opened, transport, p.ipv6, p.vlan, p.interfaceIndex);
    c.ipHigh[0] = p.srcHigh;
    c.ipLow[0] = p.srcLow;
    c.ipHigh[1] = p.dstHigh;
    c.ipLow[1] = p.dstLow;
    c.port[0] = p.srcPort;
    c.port[1] = p.dstPort;
    c.clientEnd = p.srcPort < p.dstPort ? 1 : 0;
    c.firstNs = p.timeNs;
    c.lastNs = p.timeNs;
    return c;
  }

  void add(Flow flow, Packet p, long deadlineNs) {
    if (table.full()) eviction.evict(table.victim());
    p.sender = 0;
    table.add(flow, p.timeNs);
    timers.schedule(flow, deadlineNs);
  }

  void remove(Flow flow) {
    timers.cancel(flow);
    table.remove(flow);
  }

  void tap(Connection connection, Packet p) {
    packetTap.onPacket(connection, p.sender, p.frame, p.frameOffset, p.capturedLength, p.wireLength, p.timeNs, p.linkType);
  }

  /** The same packet was taken from another interface. It is no part of the connection's packets, but of its ledger. */
  void duplicate(Flow flow, Packet p) {
    flow.connection.ledger.wire(p.accountedLength);
    accounts.add(flow.connection, LedgerCode.DUPLICATE, p.accountedLength, 1);
    tap(null, p);
  }

  /** A packet without a connection, its payload on this account. */
  void untracked(Packet p, LedgerCode payloadCode) {
    accounts.headers(null, p);
    accounts.add(null, payloadCode, p.payloadWireLength, 1);
    tap(null, p);
  }

  /** A packet that is not taken apart, all of it on one account. */
  void whole(Packet p, LedgerCode code) {
    accounts.add(null, code, p.accountedLength, 1);
    tap(null, p);
  }
}
