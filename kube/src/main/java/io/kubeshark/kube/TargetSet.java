package io.kubeshark.kube;

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

  public static final TargetSet EMPTY = new TargetSet();

  /** IPv4 as ::ffff:a.b.c.d; flags, 0: nothing known. */
  public int of(long ipHigh, long ipLow) {
    return 0;
  }

  /**
   * Whether a ready endpoint of any service listens there: of two pods that speak, the one that serves. For the capture filter: a call by a
   * service's address looks at the server like one by the pod's own, so both ends must agree on the server without seeing the other end.
   */
  public boolean endpoint(long ipHigh, long ipLow, int port) {
    return false;
  }

  /** Addresses in it. */
  public int size() {
    return 0;
  }
}
