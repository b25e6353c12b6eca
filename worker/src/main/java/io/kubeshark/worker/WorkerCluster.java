package io.kubeshark.worker;

import io.kubeshark.core.Identity;
import io.kubeshark.core.IdentityTable;
import io.kubeshark.core.LedgerCode;
import io.kubeshark.core.NameLearner;
import io.kubeshark.kube.TargetSet;
import io.kubeshark.worker.WorkerCondition.Blind;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/** What a worker knows of its cluster: who has which address, which of them are targeted, what each of the node's interfaces shows. */
public final class WorkerCluster {
  private final IdentityTable identities;
  private final NameLearner names;
  private final Supplier<TargetSet> targets;
  private final NodeInterfaces interfaces;
  private final IntSupplier targetedPods;
  private final Supplier<String> kubeProblem;

  /**
   * @param node this one's name
   * @param names learns from captured DNS answers
   * @param targets the newest set
   * @param hostAddress the node's primary address
   * @param targetedPods how many there are in the cluster
   * @param kubeProblem what is wrong with the watch, or ""
   * @param nowNs epoch
   */
  public WorkerCluster(String node, IdentityTable identities, NameLearner names, Supplier<TargetSet> targets, InetAddress hostAddress, IntSupplier targetedPods,
      Supplier<String> kubeProblem, long nowNs) {
    this.interfaces = new NodeInterfaces(NodeInterfaces::ofKernel, hostAddress.getAddress());
    interfaces.read(nowNs);
    this.identities = withOwnAddresses(node, identities, interfaces);
    this.names = names;
    this.targets = targets;
    this.targetedPods = targetedPods;
    this.kubeProblem = kubeProblem;
  }

  /** A bridge's address is in no object of Kubernetes, but kubelet's probes come from it. */
  static IdentityTable withOwnAddresses(String node, IdentityTable identities, NodeInterfaces interfaces) {
    Identity self = new Identity(node, "", "", "", "", node, Map.of());
    return (ip, offset, port, timeNs) -> {
      Identity found = identities.find(ip, offset, port, timeNs);
      if (found != null) return found;
      ByteBuffer address = ByteBuffer.wrap(ip, offset, 16);
      return interfaces.own(address.getLong(), address.getLong()) ? self : null;
    };
  }

  IdentityTable identities() {
    return identities;
  }

  NameLearner names() {
    return names;
  }

  Supplier<TargetSet> targets() {
    return targets;
  }

  NodeInterfaces interfaces() {
    return interfaces;
  }

  WorkerCondition condition(WorkerStatistics statistics) {
    List<Blind> blind = new ArrayList<>();
    int pods = targetedPods.getAsInt();
    String problem = kubeProblem.get();
    if (!problem.isEmpty()) {
      blind.add(new Blind("kubernetes-away", problem, "Capture goes on with what is known; newer pods are neither taken nor named. See to what the sentence says:"
          + " the API server, the way to it, or the settings."));
    }
    if (pods == 0) blind.add(new Blind("no-targets", "No pod of the cluster is targeted.", "Change the pod regex or the namespaces."));
    if (interfaces.list().stream().noneMatch(each -> NodeInterfaces.POD_SIDE == interfaces.kindOf(each))) {
      blind.add(new Blind("no-pod-interfaces", "No interface of this node leads into a pod: there are none, or the network plugin gives them hardware"
          + " (macvlan, ipvlan, SR-IOV).", "Nothing, if only host-network pods run here; else use the tracer."));
    }
    long dropped = statistics.drops().stream().filter(drop -> drop.code() == LedgerCode.KERNEL_DROP).mapToLong(WorkerStatistics.Drop::packets).sum();
    if (dropped > 0) blind.add(new Blind("kernel-drops", dropped + " packets were lost because the capture ring was full.", LedgerCode.KERNEL_DROP.remedy));
    blind.add(new Blind("encrypted", "TLS is shown as encrypted connections, without what is in them.", "Needs the tracer, which this version does not have."));
    blind.add(new Blind("loopback", "Calls inside a pod, and between host-network pods of this node, pass no interface that is captured.", "Needs the tracer, which this version does not have."));
    return new WorkerCondition(blind, pods, problem);
  }
}
