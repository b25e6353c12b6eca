package io.kubeshark.reassembly;

import io.kubeshark.core.Connection;

/** A connection in the table: its addresses in a form that compares fast, and its places in the lists. */
abstract class Flow {
  final Connection connection;
  final long high0;
  final long low0;
  final long high1;
  final long low1;
  /** Port of end 0 &lt;&lt; 16 | port of end 1. */
  final int ports;
  final int hash;

  /** {@link #connection} is over (onClose was called); the flow only swallows late packets. */
  boolean closed;
  /** When {@link Timers} looks at it next; packets do not touch this. */
  int timerSlot = -1;
  Flow timerPrevious;
  Flow timerNext;
  /** {@link FlowTable}'s recency list. */
  Flow older;
  Flow newer;
  long listedNs;

  Flow(Connection connection, int hash) {
    this.connection = connection;
    this.hash = hash;
    high0 = connection.ipHigh[0];
    low0 = connection.ipLow[0];
    high1 = connection.ipHigh[1];
    low1 = connection.ipLow[1];
    ports = connection.port[0] << 16 | connection.port[1];
  }

  /** Which end sent this packet, or -1 when the packet is not of this flow. */
  final int senderOf(Packet p, int transport) {
    if (connection.transport != transport) return -1;
    if (p.srcLow == low0 && p.dstLow == low1 && ports == (p.srcPort << 16 | p.dstPort) && p.srcHigh == high0 && p.dstHigh == high1) return 0;
    if (p.srcLow == low1 && p.dstLow == low0 && ports == (p.dstPort << 16 | p.srcPort) && p.srcHigh == high1 && p.dstHigh == high0) return 1;
    return -1;
  }

  /** Counts a packet on the connection; duplicates from other interfaces are not counted. */
  final void count(Packet p) {
    Connection c = connection;
    int end = p.sender;
    c.lastNs = Math.max(c.lastNs, p.timeNs);
    c.packets[end]++;
    c.wireBytes[end] += p.accountedLength;
    c.payloadBytes[end] += p.payloadWireLength;
  }
}
