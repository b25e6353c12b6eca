package io.kubeshark.kube;

import io.kubeshark.core.Identity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Who has an address: a pod, a service or a node, with what its ports stand for. The cluster table changes it under its lock; any thread
 * asks.
 */
final class Owner {
  /** Ports of one owner, those of the last minutes included; more are shed. */
  private static final int CLAIMS_MAX = 256;
  private static final Claim[] NONE = {};

  /**
   * Until {@code toNs} the port stood for this; the first claim in the list that has not ended counts. Without a next one it lingers: a pod
   * that shuts down is no endpoint any more, but still answers.
   */
  private record Claim(int port, Identity identity, long toNs) {}

  /** Epoch; of two owners of one address, the younger has it. */
  final long startNs;
  private volatile Identity identity;
  private volatile Claim[] claims = NONE;

  /** Asked about ports that this one does not know; may be null. */
  private final Owner shared;

  Owner(Identity identity, long startNs, Owner shared) {
    this.identity = identity;
    this.startNs = startNs;
    this.shared = shared;
  }

  Identity identity() {
    return identity;
  }

  void identity(Identity changed) {
    if (!changed.equals(identity)) identity = changed;
  }

  /** The API may tell of a pod again that is over, and was forgotten. */
  boolean samePod(Owner other) {
    return startNs == other.startNs && identity.pod().equals(other.identity.pod()) && identity.namespace().equals(other.identity.namespace());
  }

  Identity find(int port, long timeNs) {
    Claim last = null;
    for (Claim claim : claims) {
      if (claim.port != port) continue;
      if (timeNs < claim.toNs) return claim.identity;
      last = claim;
    }
    if (last != null && timeNs - last.toNs < Tenures.LINGER_NS) return last.identity;
    Identity other = shared == null ? null : shared.find(port, timeNs);
    return other != null ? other : identity;
  }

  /**
   * From now on these ports stand for these identities, and others for the owner itself. What they stood for before stays in the history.
   *
   * @return how many were shed
   */
  int ports(Map<Integer, Identity> wanted, long nowNs, long forgetNs) {
    List<Claim> list = new ArrayList<>();
    List<Claim> open = new ArrayList<>();
    for (Claim claim : claims) {
      if (claim.toNs < forgetNs) continue;
      if (claim.toNs != Long.MAX_VALUE) list.add(claim);
      else if (claim.identity.equals(wanted.get(claim.port))) open.add(claim);
      else list.add(new Claim(claim.port, claim.identity, nowNs));
    }
    for (Map.Entry<Integer, Identity> port : wanted.entrySet()) {
      if (open.stream().noneMatch(claim -> claim.port == port.getKey())) open.add(new Claim(port.getKey(), port.getValue(), Long.MAX_VALUE));
    }
    list.addAll(open);
    int shed = Math.max(0, list.size() - CLAIMS_MAX);
    claims = list.subList(shed, list.size()).toArray(NONE);
    return shed;
  }
}
