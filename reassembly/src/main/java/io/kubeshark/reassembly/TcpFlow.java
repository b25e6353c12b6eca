package io.kubeshark.reassembly;

import io.kubeshark.core.Connection;

/** A TCP connection in the table. */
final class TcpFlow extends Flow {
  final TcpStream[] streams = {new TcpStream(), new TcpStream()};
  final TcpAnalysis analysis;

  /** A reset was seen, but bytes before it are still missing. */
  boolean resetPending;
  /** How the connection ends once nothing waits any more. */
  Connection.State finalState = Connection.State.CLOSED;
  /** When onClose was called. */
  long closedNs;

  /** Bytes wait for others: in one of {@link TcpHoles}' two lists. */
  WaitList waitList;
  TcpFlow waitPrevious;
  TcpFlow waitNext;
  long waitingSinceNs;
  long waitingSincePacket;
  /** Packets of this connection since it began to wait. */
  int packetsWaited;
  /** Where the streams stood then: any progress starts the wait anew. */
  int waitMarkA;
  int waitMarkB;

  TcpFlow(Connection connection, int hash) {
    super(connection, hash);
    analysis = new TcpAnalysis(connection, streams[0].side, streams[1].side);
  }
}
