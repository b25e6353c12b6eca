package io.kubeshark.kube;

import io.kubeshark.core.Identity;
import io.kubeshark.core.IdentityTable;
import java.util.List;

/** Who has which address, and who had it before. Changes come from one thread at a time, questions from any. */
public final class ClusterTable implements IdentityTable {
  /** How much there is. {@code targeted} pods, in {@code namespaces} on {@code nodes}; {@code shed}: what limits kept out. */
  public record Counts(int pods, int targeted, int namespaces, int nodes, int services, int addresses, int externalNames, long shed) {}

  /** @param selfNode the node that this runs on, or "" */
  public ClusterTable(String selfNode) {}

  @Override
  public Identity find(byte[] ip, int offset, int port, long timeNs) {
    return null;
  }

  /** As the other, with the address as two numbers. */
  public Identity find(long ipHigh, long ipLow, int port, long timeNs) {
    return null;
  }

  /** A DNS answer said that {@code name} (the one that was asked for) is this address. Any thread. */
  public void learn(long ipHigh, long ipLow, String name, long timeNs, long ttlSeconds) {}

  public void put(Pod pod, long nowNs) {}

  public void removePod(String namespace, String name, long nowNs) {}

  public void put(Service service, long nowNs) {}

  public void removeService(String namespace, String name, long nowNs) {}

  public void put(Endpoints endpoints, long nowNs) {}

  public void removeEndpoints(String namespace, String name, long nowNs) {}

  public void put(Node node, long nowNs) {}

  public void removeNode(String name, long nowNs) {}

  public Targeting targeting() {
    return Targeting.ALL;
  }

  public void targeting(Targeting targeting) {}

  /** As of the last {@link #refresh()}. */
  public TargetSet targets() {
    return TargetSet.EMPTY;
  }

  /** Builds the target set anew if something changed; forgets old history. {@link ClusterWatch} calls it. */
  public boolean refresh(long nowNs) {
    return false;
  }

  /** All pods, by namespace and name. */
  public List<Pod> pods() {
    return List.of();
  }

  /** The pod or null. */
  public Pod pod(String namespace, String name) {
    return null;
  }

  /** The service or null. */
  public Service service(String namespace, String name) {
    return null;
  }

  public List<Node> nodes() {
    return List.of();
  }

  public Counts counts() {
    return new Counts(0, 0, 0, 0, 0, 0, 0, 0);
  }
}
