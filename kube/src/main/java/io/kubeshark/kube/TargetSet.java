package io.kubeshark.kube;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** For the packet path: what an address is. Immutable; no allocation, no lock. */
public final class TargetSet {
  /** Address of a targeted pod that has its own. */
  public static final int TARGETED_POD = 1;
  /** Address of a pod that has its own, targeted or not. */
  public static final int POD = 1 << 1;
  /** A service's address, which nodes translate to an endpoint's. */
  public static final int SERVICE = 1 << 2;
  /**
   * With SERVICE: there is at least one ready endpoint, and each of them is a targeted pod with an address of its own, so that every call
   * is also seen at the endpoint. Host-network pods don't count: a call from their own node passes no device there.
   */
  public static final int SERVICE_ALL_TARGETED = 1 << 3;
  /** An address of the node that this runs on. */
  public static final int NODE_SELF = 1 << 4;
  /** A node's address, with a targeted host-network pod behind it. */
  public static final int HOST_TARGETED = 1 << 5;

  public static final TargetSet EMPTY = new TargetSet(Map.of(), Set.of());

  private static final int SLOTS_MIN = 16;

  private final long[] keys;
  /** 0: the slot is empty. */
  private final byte[] flags;
  private final int size;
  /** Address and port, three each; port 0: the slot is empty. */
  private final long[] endpoints;

  private record Listening(Address address, int port) {}

  private TargetSet(Map<Address, Integer> addresses, Set<Listening> listening) {
    int slots = SLOTS_MIN;
    while (slots < addresses.size() * 2) slots *= 2;
    keys = new long[slots * 2];
    flags = new byte[slots];
    size = addresses.size();
    addresses.forEach((address, bits) -> {
      int slot = slot(address.high(), address.low());
      keys[slot * 2] = address.high();
      keys[slot * 2 + 1] = address.low();
      flags[slot] = bits.byteValue();
    });
    slots = SLOTS_MIN;
    while (slots < listening.size() * 2) slots *= 2;
    endpoints = new long[slots * 3];
    for (Listening each : listening) {
      int at = endpointAt(each.address.high(), each.address.low(), each.port);
      endpoints[at] = each.address.high();
      endpoints[at + 1] = each.address.low();
      endpoints[at + 2] = each.port;
    }
  }

  /** IPv4 as ::ffff:a.b.c.d. Answers flags; 0: nothing known. */
  public int of(long ipHigh, long ipLow) {
    return flags[slot(ipHigh, ipLow)];
  }

  /**
   * Whether a ready endpoint of any service listens there: of two pods that speak, the one that serves. A call by a service's address looks
   * at the server like one by the pod's own, so both ends must agree on who serves without seeing the other end.
   *
   * @param port 1 to 65535
   */
  public boolean endpoint(long ipHigh, long ipLow, int port) {
    return endpoints[endpointAt(ipHigh, ipLow, port) + 2] != 0;
  }

  private int endpointAt(long high, long low, int port) {
    int mask = endpoints.length / 3 - 1;
    int slot = AddressMap.hash(high, low + port) & mask;
    while (endpoints[slot * 3 + 2] != 0 && (endpoints[slot * 3] != high || endpoints[slot * 3 + 1] != low || endpoints[slot * 3 + 2] != port)) slot = slot + 1 & mask;
    return slot * 3;
  }

  /** Addresses in it. */
  public int size() {
    return size;
  }

  private int slot(long high, long low) {
    int mask = flags.length - 1;
    int slot = AddressMap.hash(high, low) & mask;
    while (flags[slot] != 0 && (keys[slot * 2] != high || keys[slot * 2 + 1] != low)) slot = slot + 1 & mask;
    return slot;
  }

  /** Collects flags. */
  static final class Builder {
    private final Map<Address, Integer> addresses = new HashMap<>();
    private final Set<Listening> listening = new HashSet<>();

    void endpoint(Address address, int port) {
      if (address != null && port > 0) listening.add(new Listening(address, port));
    }

    void add(Address address, int bits) {
      if (address != null) addresses.merge(address, bits, (a, b) -> a | b);
    }

    boolean has(Address address, int bit) {
      return (addresses.getOrDefault(address, 0) & bit) != 0;
    }

    TargetSet build() {
      return new TargetSet(addresses, listening);
    }
  }
}
