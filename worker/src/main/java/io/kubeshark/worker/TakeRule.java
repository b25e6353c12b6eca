package io.kubeshark.worker;

import static io.kubeshark.kube.TargetSet.HOST_TARGETED;
import static io.kubeshark.kube.TargetSet.NODE_SELF;
import static io.kubeshark.kube.TargetSet.POD;
import static io.kubeshark.kube.TargetSet.SERVICE;
import static io.kubeshark.kube.TargetSet.SERVICE_ALL_TARGETED;
import static io.kubeshark.kube.TargetSet.TARGETED_POD;

import io.kubeshark.core.IpAddress;
import io.kubeshark.core.LedgerCode;

/**
 * Where a packet is taken (ADR 6). Each interface shows one end of a call, the local one:
 *
 * <pre>
 *   pod-side   local = the pod: source of what comes in, destination of what goes out
 *   uplink     local = the node itself: the other way round; what is only forwarded is taken at pods
 * </pre>
 *
 * <p>A packet is taken at its local end if that is targeted, unless the same call is taken at the other end, too. That is so when the peer is
 * a service all of whose endpoints are targeted, and when both are targeted and the peer is the one that serves. Who serves must be clear from
 * addresses and ports alone, since a call by a service's address looks like a direct one at the server: the endpoint of a service, else
 * the lower port, else the lower address. Between a pod and its own node there is no other end: any targeted one suffices.
 */
final class TakeRule {
  private static final int UDP = 17;
  private static final int VXLAN = 4789;
  private static final int VXLAN_LINUX = 8472;
  private static final int GENEVE = 6081;

  private final NodeInterfaces interfaces;
  private final AddressBook addresses;
  private boolean stranger;
  private long strangerHigh;
  private long strangerLow;

  TakeRule(NodeInterfaces interfaces, AddressBook addresses) {
    this.interfaces = interfaces;
    this.addresses = addresses;
  }

  /** Forgets the last packet's {@link #stranger}. */
  void begin() {
    stranger = false;
  }

  /**
   * @param kind {@link NodeInterfaces#UPLINK} or {@link NodeInterfaces#POD_SIDE}
   * @param tagged it has a VLAN tag
   * @param srcPort 0: none
   * @return null: take it; else why not
   */
  LedgerCode decide(int kind, boolean outgoing, boolean tagged, long srcHigh, long srcLow, long dstHigh, long dstLow, int protocol, int srcPort, int dstPort) {
    if (kind == NodeInterfaces.POD_SIDE) {
      return outgoing ? atPod(dstHigh, dstLow, dstPort, srcHigh, srcLow, srcPort) : atPod(srcHigh, srcLow, srcPort, dstHigh, dstLow, dstPort);
    }
    // The VLAN's own interface shows it without its tag.
    if (tagged || tunnelled(protocol, dstPort)) return LedgerCode.SEEN_ELSEWHERE;
    return outgoing ? atNode(srcHigh, srcLow, srcPort, dstHigh, dstLow, dstPort) : atNode(dstHigh, dstLow, dstPort, srcHigh, srcLow, srcPort);
  }

  private static boolean tunnelled(int protocol, int dstPort) {
    return switch (protocol) {
      case UDP -> dstPort == VXLAN || dstPort == VXLAN_LINUX || dstPort == GENEVE;
      case 4, 41, 47, 50 -> true; // IPIP, IPv6 in IP, GRE, ESP
      default -> false;
    };
  }

  private LedgerCode atPod(long localHigh, long localLow, int localPort, long peerHigh, long peerLow, int peerPort) {
    int local = addresses.of(localHigh, localLow);
    int peer = addresses.of(peerHigh, peerLow);
    if ((local & POD) == 0) {
      stranger = local == 0 && !interfaces.own(localHigh, localLow) && !toMany(localHigh, localLow);
      strangerHigh = localHigh;
      strangerLow = localLow;
      return LedgerCode.NOT_TARGETED;
    }
    if (ofThisNode(peer, peerHigh, peerLow)) return (local & TARGETED_POD) != 0 || hostTargeted() ? null : LedgerCode.NOT_TARGETED;
    if ((local & TARGETED_POD) == 0) return (peer & (TARGETED_POD | HOST_TARGETED | SERVICE_ALL_TARGETED)) != 0 ? LedgerCode.SEEN_ELSEWHERE : LedgerCode.NOT_TARGETED;
    if ((peer & SERVICE_ALL_TARGETED) != 0) return LedgerCode.SEEN_ELSEWHERE;
    if ((peer & (TARGETED_POD | HOST_TARGETED)) == 0) return null;
    return serves(localHigh, localLow, localPort, peerHigh, peerLow, peerPort) ? null : LedgerCode.SEEN_ELSEWHERE;
  }

  /** Whether the last packet's local end is an address of which nothing is known: perhaps that of a new pod. */
  boolean stranger() {
    return stranger;
  }

  long strangerHigh() {
    return strangerHigh;
  }

  long strangerLow() {
    return strangerLow;
  }

  /** Multicast, broadcast, link-local: nobody's address in the cluster. */
  private static boolean toMany(long high, long low) {
    if (IpAddress.isV4(high, low)) return (low & 0xf0000000L) >= 0xe0000000L || (low & 0xffff0000L) == 0xa9fe0000L || (int) low == 0;
    return high >>> 56 == 0xff || high >>> 54 == 0xfe80 >>> 6 || (high | low) == 0;
  }

  private LedgerCode atNode(long localHigh, long localLow, int localPort, long peerHigh, long peerLow, int peerPort) {
    int peer = addresses.of(peerHigh, peerLow);
    boolean elsewhere = (peer & (TARGETED_POD | HOST_TARGETED)) != 0;
    if (!ofThisNode(addresses.of(localHigh, localLow), localHigh, localLow)) {
      return elsewhere || (addresses.of(localHigh, localLow) & TARGETED_POD) != 0 ? LedgerCode.SEEN_ELSEWHERE : LedgerCode.NOT_TARGETED;
    }
    if (!hostTargeted()) return elsewhere ? LedgerCode.SEEN_ELSEWHERE : LedgerCode.NOT_TARGETED;
    return !elsewhere || serves(localHigh, localLow, localPort, peerHigh, peerLow, peerPort) ? null : LedgerCode.SEEN_ELSEWHERE;
  }

  /** Services' addresses may be on an interface, too (kube-ipvs0). */
  private boolean ofThisNode(int flags, long high, long low) {
    return (flags & NODE_SELF) != 0 || (flags & (POD | SERVICE)) == 0 && interfaces.own(high, low);
  }

  private boolean hostTargeted() {
    return (addresses.of(interfaces.hostHigh(), interfaces.hostLow()) & HOST_TARGETED) != 0;
  }

  private boolean serves(long high, long low, int port, long peerHigh, long peerLow, int peerPort) {
    boolean endpoint = port != 0 && addresses.endpoint(high, low, port);
    boolean peerEndpoint = peerPort != 0 && addresses.endpoint(peerHigh, peerLow, peerPort);
    if (endpoint != peerEndpoint) return endpoint;
    if (port != peerPort) return port < peerPort;
    int compared = Long.compareUnsigned(high, peerHigh);
    return compared == 0 ? Long.compareUnsigned(low, peerLow) <= 0 : compared < 0;
  }
}
