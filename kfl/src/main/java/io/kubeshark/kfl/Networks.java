package io.kubeshark.kfl;

import java.net.Inet4Address;
import java.net.InetAddress;

/** IP networks; IPv4 as ::ffff:a.b.c.d, like the addresses in records. */
final class Networks {
  private Networks() {}

  private static final int V4_PREFIX_BITS = 96;

  /** @param high first 64 bits, already masked */
  record Network(long high, long low, int bits) {
    boolean contains(long otherHigh, long otherLow) {
      return (otherHigh & mask(bits)) == high && (otherLow & mask(bits - 64)) == low;
    }
  }

  private static long mask(int bits) {
    return bits <= 0 ? 0 : bits >= 64 ? -1 : -1L << 64 - bits;
  }

  /** {@code 10.0.0.0/8}, {@code 2001:db8::/32}, or one address; null if it is none of these. */
  static Network parse(String text) {
    int slash = text.indexOf('/');
    long[] address = address(slash < 0 ? text : text.substring(0, slash));
    if (address == null) return null;
    boolean v4 = address[2] == 4;
    int bits = v4 ? 32 : 128;
    if (slash >= 0) {
      String length = text.substring(slash + 1);
      if (!length.matches("[0-9]{1,3}") || Integer.parseInt(length) > bits) return null;
      bits = Integer.parseInt(length);
    }
    if (v4) bits += V4_PREFIX_BITS;
    return new Network(address[0] & mask(bits), address[1] & mask(bits - 64), bits);
  }

  /** High word, low word, IP version; or null. */
  static long[] address(String text) {
    if (!text.matches("[0-9a-fA-F:.]{2,45}") || text.indexOf(':') < 0 && text.chars().filter(c -> c == '.').count() != 3) return null;
    try {
      InetAddress parsed = InetAddress.ofLiteral(text);
      byte[] bytes = parsed.getAddress();
      boolean v4 = parsed instanceof Inet4Address;
      long high = 0;
      long low = v4 ? 0xffffL : 0;
      for (int i = 0; i < bytes.length; i++) {
        if (!v4 && i < 8) high = high << 8 | bytes[i] & 0xff;
        else low = low << 8 | bytes[i] & 0xff;
      }
      return new long[] {high, low, v4 ? 4 : 6};
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** {@code ip_in(address, network)}. */
  static final class InNetwork extends Node.OfBool {
    private final Node address;
    private final Node network;
    private final Network constant;

    /** @param constant the network, if it is a literal */
    InNetwork(Node address, Node network, Network constant) {
      this.address = address;
      this.network = network;
      this.constant = constant;
    }

    @Override
    int test(Evaluation e) {
      Network in = constant;
      if (in == null) {
        if (!(network.object(e) instanceof String text)) return ERROR;
        in = parse(text);
        if (in == null) return ERROR;
      }
      if (address instanceof Header.Address header) return in.contains(header.high(e), header.low(e)) ? TRUE : FALSE;
      if (!(address.object(e) instanceof String text)) return ERROR;
      long[] parsed = address(text);
      return parsed != null && in.contains(parsed[0], parsed[1]) ? TRUE : FALSE;
    }

    @Override
    int cost() {
      return address instanceof Header.Address ? 3 : address.cost() + COST_OBJECT;
    }
  }
}
