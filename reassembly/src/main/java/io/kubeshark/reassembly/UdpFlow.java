package io.kubeshark.reassembly;

import io.kubeshark.core.Connection;

/** A UDP flow: each direction is taken from the interface where it was first seen. */
final class UdpFlow extends Flow {
  final Owner[] owners = {new Owner(), new Owner()};

  UdpFlow(Connection connection, int hash) {
    super(connection, hash);
  }
}
