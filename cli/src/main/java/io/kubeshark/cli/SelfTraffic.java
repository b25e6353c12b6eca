package io.kubeshark.cli;

import io.kubeshark.core.Connection;
import io.kubeshark.core.LedgerCode;
import io.kubeshark.dissect.ConnectionPolicy;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Knows this program's own connections (dashboard, streams), so that looking at the feed does not fill it. */
final class SelfTraffic implements ConnectionPolicy {
  private final Set<Integer> ports = ConcurrentHashMap.newKeySet();
  private final Set<Address> local = ConcurrentHashMap.newKeySet();

  private record Address(long high, long low) {}

  SelfTraffic(int... ports) throws SocketException {
    for (int port : ports) this.ports.add(port);
    NetworkInterface.networkInterfaces().flatMap(NetworkInterface::inetAddresses).forEach(address -> local.add(of(address)));
  }

  void add(int port) {
    ports.add(port);
  }

  private static Address of(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (bytes.length == 4) return new Address(0, 0x0000ffff00000000L | ByteBuffer.wrap(bytes).getInt() & 0xffffffffL);
    ByteBuffer both = ByteBuffer.wrap(bytes);
    return new Address(both.getLong(), both.getLong());
  }

  @Override
  public LedgerCode excludedAs(Connection connection) {
    return own(connection, 0) || own(connection, 1) ? LedgerCode.SELF : null;
  }

  private boolean own(Connection connection, int end) {
    return connection.transport == Connection.TCP && ports.contains(connection.port[end])
        && local.contains(new Address(connection.ipHigh[end], connection.ipLow[end]));
  }
}
