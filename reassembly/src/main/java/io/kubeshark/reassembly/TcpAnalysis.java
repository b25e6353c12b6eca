package io.kubeshark.reassembly;

import io.kubeshark.core.Connection;

/** Health of a connection. */
final class TcpAnalysis {
  static final class Side {}

  TcpAnalysis(Connection connection, Side a, Side b) {}

  void onPacket(Packet p) {}

  void onClose() {}
}
