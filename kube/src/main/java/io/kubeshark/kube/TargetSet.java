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

  private static final int SLOTS_MIN = 16;

  public static final TargetSet EMPTY = new Builder().build();

  private final long[] keys;
  /** 0: the slot is empty. */
  private final byte[] flags;
  private final int size;

  /** Address and port, three each; port 0: the slot is empty. */
  private final long[] endpoints;

  private TargetSet(long[] keys, byte[] flags, int size, long[] endpoints) {
    this.keys = keys;
    this.flags = flags;
    this.size = size;
    this.endpoints = endpoints;
  }

  /** IPv4 as ::ffff:a.b.c.d. Answers flags; 0: nothing known. */
  public int of(long ipHigh, long ipLow) {
    return flags[slot(keys, flags, ipHigh, ipLow)];
  }

  /**
   * Whether a ready endpoint of any service listens there: of two pods that speak, the one that serves. A call by a service's address looks
   * at the server like one by the pod's own, so both ends must agree on who serves without seeing the other end.
   *
   * @param port 1 to 65535
   */
  public boolean endpoint(long ipHigh, long ipLow, int port) {
    return endpoints[endpointAt(endpoints, ipHigh, ipLow, port) + 2] != 0;
  }

  private static int endpointAt(long[] endpoints, long high, long low, int port) {
    int mask = endpoints.length / 3 - 1;
    int slot = AddressMap.hash(high, low + port) & mask;
    while (endpoints[slot * 3 + 2] != 0 && (endpoints[slot * 3] != high || endpoints[slot * 3 + 1] != low || endpoints[slot * 3 + 2] != port)) {
      slot = slot + 1 & mask;
    }
    return slot * 3;
  }

  /** Addresses in it. */
  public int size() {
    return size;
  }

  /** The address's slot, or the empty one where it would go. */
  private static int slot(long[] keys, byte[] flags, long high, long low) {
    int mask = flags.length - 1;
    int slot = AddressMap.hash(high, low) & mask;
    while (flags[slot] != 0 && (keys[slot * 2] != high || keys[slot * 2 + 1] != low)) slot = slot + 1 & mask;
    return slot;
  }

  /** Collects flags, at most half of the slots full; to be built once. */
  static final class Builder {
    private long[] keys = new long[SLOTS_MIN * 2];
    private byte[] flags = new byte[SLOTS_MIN];
    private int size;
    private long[] endpoints = new long[SLOTS_MIN * 3];
    private int endpointCount;

    void endpoint(Address address, int port) {
      int at = endpointAt(endpoints, address.high(), address.low(), port);
      if (endpoints[at + 2] != 0) return;
      if (++endpointCount * 2 > endpoints.length / 3) {
        growEndpoints();
        at = endpointAt(endpoints, address.high(), address.low(), port);
      }
      endpoints[at] = address.high();
      endpoints[at + 1] = address.low();
      endpoints[at + 2] = port;
    }

    private void growEndpoints() {
      long[] old = endpoints;
      endpoints = new long[old.length * 2];
      for (int i = 0; i < old.length; i += 3) {
        if (old[i + 2] != 0) System.arraycopy(old, i, endpoints, endpointAt(endpoints, old[i], old[i + 1], (int) old[i + 2]), 3);
      }
    }

    /** @param address null is none; @param bits not 0 */
    void add(Address address, int bits) {
      if (address == null) return;
      int slot = slot(keys, flags, address.high(), address.low());
      if (flags[slot] == 0) {
        if (++size * 2 > flags.length) grow();
        slot = slot(keys, flags, address.high(), address.low());
        keys[slot * 2] = address.high();
        keys[slot * 2 + 1] = address.low();
      }
      flags[slot] |= (byte) bits;
    }

    private void grow() {
      long[] oldKeys = keys;
      byte[] oldFlags = flags;
      keys = new long[oldKeys.length * 2];
      flags = new byte[oldFlags.length * 2];
      for (int i = 0; i < oldFlags.length; i++) {
        if (oldFlags[i] == 0) continue;
        int slot = slot(keys, flags, oldKeys[i * 2], oldKeys[i * 2 + 1]);
        keys[slot * 2] = oldKeys[i * 2];
        keys[slot * 2 + 1] = oldKeys[i * 2 + 1];
        flags[slot] = oldFlags[i];
      }
    }

    boolean has(Address address, int bit) {
      return (flags[slot(keys, flags, address.high(), address.low())] & bit) != 0;
    }

    TargetSet build() {
      return new TargetSet(keys, flags, size, endpoints);
    }
  }
}
