package io.kubeshark.reassembly;

import static io.kubeshark.reassembly.Frames.*;
import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.core.LedgerCode;
import io.kubeshark.core.LinkType;
import io.kubeshark.core.PacketTap;

/** A reassembler with a recorder behind it; asserts the ledger's equation after every frame. */
final class Rig {
  static final String A = "10.0.0.1";
  static final String B = "10.0.0.2";
  static final int CLIENT_PORT = 40_000;
  static final int SERVER_PORT = 80;

  final Recorder seen = new Recorder();
  final Reassembler reassembler;
  long timeNs = 1_700_000_000_000_000_000L;
  int interfaceIndex = 2;

  Rig() {
    this(ReassemblyLimits.DEFAULT);
  }

  Rig(ReassemblyLimits limits) {
    reassembler = new Reassembler(1, limits, seen, PacketTap.NONE);
  }

  Rig frame(byte[] frame) {
    return frame(LinkType.ETHERNET, frame, frame.length);
  }

  Rig frame(int linkType, byte[] frame, int wireLength) {
    timeNs += 1000;
    reassembler.onPacket(frame, 0, frame.length, wireLength, timeNs, linkType, interfaceIndex, -1, 0);
    balance();
    return this;
  }

  Rig pass(double seconds) {
    timeNs += (long) (seconds * 1e9);
    reassembler.onTime(timeNs);
    balance();
    return this;
  }

  Rig flush() {
    reassembler.flush(timeNs);
    balance();
    assertThat(reassembler.pendingBytes()).as("pending after flush").isZero();
    return this;
  }

  void balance() {
    assertThat(reassembler.deliveredBytes()).isEqualTo(seen.deliveredBytes);
    assertThat(reassembler.ledger().pending()).as("wire - accounts = delivered + pending")
        .isEqualTo(reassembler.deliveredBytes() + reassembler.pendingBytes());
  }

  long booked(LedgerCode code) {
    return reassembler.ledger().bytes(code);
  }

  /** A segment from the client. */
  Rig client(int sequence, int acknowledgment, int flags, String payload) {
    return frame(clientFrame(sequence, acknowledgment, flags, payload));
  }

  Rig server(int sequence, int acknowledgment, int flags, String payload) {
    return frame(serverFrame(sequence, acknowledgment, flags, payload));
  }

  static byte[] clientFrame(int sequence, int acknowledgment, int flags, String payload) {
    return ethernet(ipv4(A, B, 6, tcp(CLIENT_PORT, SERVER_PORT, sequence, acknowledgment, flags, payload.getBytes())));
  }

  static byte[] serverFrame(int sequence, int acknowledgment, int flags, String payload) {
    return ethernet(ipv4(B, A, 6, tcp(SERVER_PORT, CLIENT_PORT, sequence, acknowledgment, flags, payload.getBytes())));
  }

  /** Handshake; afterwards the client's next sequence number is 101, the server's 501. */
  Rig handshake() {
    return client(100, 0, SYN, "").server(500, 101, SYN | ACK, "").client(101, 501, ACK, "");
  }
}
