package io.kubeshark.reassembly;

import io.kubeshark.core.Connection;
import io.kubeshark.core.Ledger;
import io.kubeshark.core.LedgerCode;

/**
 * The books of one reassembler: {@code total.pending() = delivered + pending} at every moment between two packets, because delivered
 * payload is booked by the next stage.
 */
final class Accounts {
  final Ledger total = new Ledger();
  /** Payload handed to the stream handler. */
  long delivered;
  /** Bytes of frames that wait here: TCP segments, fragments. */
  long pending;

  void wire(Connection connection, long bytes) {
    total.wire(bytes);
    if (connection != null) connection.ledger.wire(bytes);
  }

  void add(Connection connection, LedgerCode code, long bytes) {
    total.add(code, bytes);
    if (connection != null) connection.ledger.add(code, bytes);
  }

  void add(Connection connection, LedgerCode code, long bytes, long packets) {
    total.add(code, bytes, packets);
    if (connection != null) connection.ledger.add(code, bytes, packets);
  }

  /** Headers and padding of a packet whose payload is disposed of elsewhere. Its wire bytes are on the total already, not on the connection. */
  void headers(Connection connection, Packet p) {
    if (connection != null) connection.ledger.wire(p.accountedLength);
    add(connection, LedgerCode.HEADERS, p.headerBytes(), 1);
    if (p.paddingBytes > 0) add(connection, LedgerCode.PADDING, p.paddingBytes, 1);
  }
}
