package io.kubeshark.kube;

import java.net.InetAddress;
import java.nio.ByteBuffer;

/** An IP address as a key: IPv4 mapped (core's IpAddress). */
record Address(long high, long low) {
  /** @return null: no IP address */
  static Address parse(String text) {
    try {
      byte[] bytes = InetAddress.ofLiteral(text).getAddress();
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      return bytes.length == 4 ? new Address(0, 0xffff00000000L | buffer.getInt() & 0xffffffffL) : new Address(buffer.getLong(), buffer.getLong());
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  Address plus(int count) {
    return new Address(high, low + count);
  }
}
