package io.kubeshark.kube;

import io.kubeshark.core.Identity;
import io.kubeshark.core.IdentityTable;
import io.kubeshark.core.NameLearner;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/**
 * Who has which address, and who had it before. Changes take turns; questions come from any thread, take no lock and allocate nothing.
 * Times are epoch nanoseconds.
 */
public final class ClusterTable implements IdentityTable, NameLearner {
  /** Pods kept, the first ones; more are shed and counted. */
  public static final int PODS_MAX = 30_000;
  public static final int SERVICES_MAX = 20_000;
  public static final int NODES_MAX = 10_000;
  public static final int NAMESPACES_MAX = 20_000;
  /** Addresses with a history. */
  public static final int ADDRESSES_MAX = 100_000;
  /** For so long after its end; packets wait for less. */
  private static final long BRIEF_NS = 5_000_000_000L;
  private static final int BRIEFS_MAX = 1_000;
  private static final long FORGET_EVERY_NS = 60_000_000_000L;
  private static final VarHandle BE64 = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  /** How much there is: {@code targeted} pods, in {@code namespaces}, on {@code nodes}; {@code shed}: what limits kept out. */
  public record Counts(int pods, int targeted, int namespaces, int nodes, int services, int addresses, int externalNames, long shed) {}

  /** @param addresses its own ones: of a host-network pod none */
  private record HeldPod(Pod object, Owner owner, List<Address> addresses, boolean targeted) {}

  /** A pod that was over before its address was told: still one of the targets for the packets that wait for their pod. */
  private record Brief(Address address, boolean targeted, long untilNs) {}

  private record HeldNode(Node object, Owner owner) {}

  private final String selfNode;
  private final AddressMap<Tenures> addresses = new AddressMap<>();
  private final ExternalNames external = new ExternalNames();
  private final Map<String, HeldPod> pods = new TreeMap<>();
  private final ArrayDeque<Brief> briefs = new ArrayDeque<>();
  private final Map<String, Service> services = new HashMap<>();
  private final Map<String, Owner> serviceOwners = new HashMap<>();
  /** What the node ports stand for, on whichever node. */
  private final Owner nodePortOwner = new Owner(null, 0, null);
  private final Map<String, HeldNode> nodes = new TreeMap<>();
  /** Host-network pods and pods with host ports, by node. */
  private final Map<String, Set<String>> onHosts = new HashMap<>();
  private final Set<String> namespaces = new TreeSet<>();
  private final EndpointIndex endpoints = new EndpointIndex();
  private Targeting targeting = Targeting.ALL;
  private boolean changed = true;
  private long forgotNs;
  private long shed;
  private volatile TargetSet targets = TargetSet.EMPTY;

  /** @param selfNode the node that this runs on, or "" */
  public ClusterTable(String selfNode) {
    this.selfNode = selfNode;
  }

  @Override
  public Identity find(byte[] ip, int offset, int port, long timeNs) {
    return find((long) BE64.get(ip, offset), (long) BE64.get(ip, offset + 8), port, timeNs);
  }

  /** As the other, with the address as two numbers. */
  public Identity find(long ipHigh, long ipLow, int port, long timeNs) {
    Tenures tenures = addresses.get(ipHigh, ipLow);
    return tenures != null ? tenures.find(port, timeNs) : external.find(ipHigh, ipLow, timeNs);
  }

  @Override
  public void learn(byte[] ip, int offset, String name, long timeNs, long ttlNs) {
    external.learn((long) BE64.get(ip, offset), (long) BE64.get(ip, offset + 8), name, timeNs, ttlNs);
  }

  /** A pod as it is now. One of the same name with another uid has replaced the one before. */
  public synchronized void put(Pod pod, long nowNs) {
    HeldPod old = pods.get(pod.key());
    if (old != null && !old.object.uid().equals(pod.uid())) {
      removePod(pod.namespace(), pod.name(), nowNs);
      old = null;
    }
    if (old != null && old.object.equals(pod)) return;
    Identity identity = new Identity(pod.name(), pod.namespace(), pod.name(), "", "", pod.node(), pod.labels());
    Owner owner = old != null ? old.owner : new Owner(identity, pod.startNs(), null);
    owner.identity(identity);
    List<Address> own = pod.hostNetwork() ? List.of() : pod.ips().stream().map(Address::parse).filter(Objects::nonNull).toList();
    if (pod.over()) {
      if (old != null) pods.put(pod.key(), new HeldPod(pod, owner, old.addresses, false));
      removePod(pod.namespace(), pod.name(), nowNs);
      for (Address address : own) wasOwner(address, owner, pod, nowNs);
      return;
    }
    if (old == null && pods.size() >= PODS_MAX) {
      shed++;
      return;
    }
    pods.put(pod.key(), new HeldPod(pod, owner, own, targeting.test(pod)));
    // Most updates are of the status alone, and a set of many pods is not made for nothing.
    changed |= old == null || !sameTarget(old.object, pod);
    moveAddresses(old == null ? List.of() : old.addresses, own, owner, nowNs);
    if (!own.isEmpty()) updatePorts(own, owner, nowNs);
    moveHost(old == null ? null : old.object, pod, nowNs);
  }

  /** Of a pod that lives for a second, kubelet may tell the address only when it is over. */
  private void wasOwner(Address address, Owner owner, Pod pod, long nowNs) {
    if (nowNs - pod.endNs() >= Tenures.HISTORY_NS) return;
    Tenures before = addresses.get(address.high(), address.low());
    change(address, tenures -> tenures.past(owner, givenBackNs(pod, nowNs)));
    Tenures after = addresses.get(address.high(), address.low());
    if (after == before || after == null || after.current() != null || pod.endNs() + BRIEF_NS <= nowNs) return;
    if (briefs.size() == BRIEFS_MAX) briefs.removeFirst();
    briefs.addLast(new Brief(address, targeting.test(pod), nowNs + BRIEF_NS));
    changed = true;
  }

  private static boolean sameTarget(Pod a, Pod b) {
    return a.ips().equals(b.ips()) && a.hostNetwork() == b.hostNetwork() && a.node().equals(b.node()) && a.labels().equals(b.labels());
  }

  private void moveAddresses(List<Address> before, List<Address> now, Owner owner, long nowNs) {
    for (Address address : before) if (!now.contains(address)) release(address, owner, nowNs);
    // Only what is new: an old pod's late update must not take back an address that was given on.
    for (Address address : now) if (!before.contains(address)) claim(address, owner, nowNs);
  }

  private void moveHost(Pod old, Pod pod, long nowNs) {
    boolean before = old != null && onHost(old);
    boolean now = pod != null && onHost(pod);
    if (before) onHosts.computeIfPresent(old.node(), (_, keys) -> keys.remove(old.key()) && keys.isEmpty() ? null : keys);
    if (now) onHosts.computeIfAbsent(pod.node(), _ -> new TreeSet<>()).add(pod.key());
    if (before) updateNode(old.node(), nowNs);
    if (now && !(before && old.node().equals(pod.node()))) updateNode(pod.node(), nowNs);
  }

  private static boolean onHost(Pod pod) {
    return pod.hostNetwork() || pod.ports().stream().anyMatch(port -> port.host() > 0);
  }

  public synchronized void removePod(String namespace, String name, long nowNs) {
    HeldPod old = pods.remove(namespace + '/' + name);
    if (old == null) return;
    changed = true;
    for (Address address : old.addresses) release(address, old.owner, givenBackNs(old.object, nowNs), old.object.endNs() != 0);
    moveHost(old.object, null, nowNs);
  }

  /** Its containers ended before its object did; the API tells whole seconds. */
  private static long givenBackNs(Pod pod, long nowNs) {
    return pod.endNs() == 0 ? nowNs : Math.min(nowNs, pod.endNs() + 1_000_000_000L);
  }

  public synchronized void put(Service service, long nowNs) {
    Service old = services.get(service.key());
    if (service.equals(old)) return;
    if (old == null && services.size() >= SERVICES_MAX) {
      shed++;
      return;
    }
    services.put(service.key(), service);
    // A service's address is its own as long as it lives; when it was made is of no use, as nobody else had it in between.
    Identity identity = new Identity(service.name(), service.namespace(), "", service.name(), service.namespace(), "", Map.of());
    Owner owner = serviceOwners.computeIfAbsent(service.key(), _ -> new Owner(identity, nowNs - Tenures.HISTORY_NS, null));
    for (String ip : service.clusterIps()) claim(Address.parse(ip), owner, nowNs);
    if (old != null) for (String ip : old.clusterIps()) if (!service.clusterIps().contains(ip)) release(Address.parse(ip), owner, nowNs);
    serviceChanged(service.key(), !service.nodePorts().equals(old == null ? List.of() : old.nodePorts()), nowNs);
  }

  public synchronized void removeService(String namespace, String name, long nowNs) {
    Service old = services.remove(namespace + '/' + name);
    if (old == null) return;
    Owner owner = serviceOwners.remove(old.key());
    for (String ip : old.clusterIps()) release(Address.parse(ip), owner, nowNs);
    serviceChanged(old.key(), !old.nodePorts().isEmpty(), nowNs);
  }

  private void serviceChanged(String key, boolean nodePorts, long nowNs) {
    changed = true;
    endpoints.of(key).forEach(backend -> updatePortsAt(backend.address(), nowNs));
    if (!nodePorts) return;
    Map<Integer, Identity> ports = new HashMap<>();
    for (Service service : services.values()) for (int port : service.nodePorts()) ports.put(port, serviceOwners.get(service.key()).identity());
    shed += nodePortOwner.ports(ports, nowNs, nowNs - Tenures.HISTORY_NS);
  }

  public synchronized void put(Endpoints object, long nowNs) {
    // Leader elections renew an object of this kind every two seconds.
    if (endpoints.has(object)) return;
    changed = true;
    endpoints.put(object).forEach(address -> updatePortsAt(address, nowNs));
  }

  public synchronized void removeEndpoints(String namespace, String name, long nowNs) {
    changed = true;
    endpoints.remove(namespace + '/' + name).forEach(address -> updatePortsAt(address, nowNs));
  }

  public synchronized void put(Node node, long nowNs) {
    HeldNode old = nodes.get(node.name());
    if (old != null && old.object.equals(node)) return;
    if (old == null && nodes.size() >= NODES_MAX) {
      shed++;
      return;
    }
    Owner owner = old != null ? old.owner : new Owner(new Identity(node.name(), "", "", "", "", node.name(), Map.of()), 0, nodePortOwner);
    nodes.put(node.name(), new HeldNode(node, owner));
    changed = true;
    Collection<Address> now = NodeAddresses.of(node);
    if (old != null) for (Address address : NodeAddresses.of(old.object)) if (!now.contains(address)) release(address, owner, nowNs);
    for (Address address : now) claim(address, owner, nowNs);
    updateNode(node.name(), nowNs);
  }

  public synchronized void removeNode(String name, long nowNs) {
    HeldNode old = nodes.remove(name);
    if (old == null) return;
    changed = true;
    for (Address address : NodeAddresses.of(old.object)) release(address, old.owner, nowNs);
  }

  public synchronized void putNamespace(String name) {
    if (namespaces.size() < NAMESPACES_MAX) namespaces.add(name);
    else shed++;
  }

  public synchronized void removeNamespace(String name) {
    namespaces.remove(name);
  }

  private void claim(Address address, Owner owner, long nowNs) {
    if (address != null) change(address, tenures -> tenures.claim(owner, nowNs));
  }

  private void change(Address address, UnaryOperator<Tenures> change) {
    Tenures tenures = addresses.get(address.high(), address.low());
    if (tenures == null && addresses.size() >= ADDRESSES_MAX) {
      shed++;
      return;
    }
    addresses.put(address.high(), address.low(), change.apply(tenures == null ? Tenures.NONE : tenures));
  }

  private void release(Address address, Owner owner, long nowNs) {
    release(address, owner, nowNs, false);
  }

  private void release(Address address, Owner owner, long endNs, boolean certain) {
    Tenures tenures = address == null ? null : addresses.get(address.high(), address.low());
    if (tenures != null) addresses.put(address.high(), address.low(), tenures.release(owner, endNs, certain));
  }

  /** What is behind the address has changed: whoever has it now gets other ports. */
  private void updatePortsAt(Address address, long nowNs) {
    Tenures tenures = addresses.get(address.high(), address.low());
    Owner owner = tenures == null ? null : tenures.current();
    if (owner == null) return;
    Identity identity = owner.identity();
    HeldPod pod = identity.pod().isEmpty() ? null : pods.get(identity.namespace() + '/' + identity.pod());
    if (pod != null) updatePorts(pod.addresses, owner, nowNs);
    else if (!identity.node().isEmpty()) updateNode(identity.node(), nowNs);
  }

  private void updatePorts(List<Address> own, Owner owner, long nowNs) {
    Map<Integer, Identity> ports = new HashMap<>();
    for (Address address : own) addBackends(ports, address, owner.identity());
    shed += owner.ports(ports, nowNs, nowNs - Tenures.HISTORY_NS);
  }

  private void addBackends(Map<Integer, Identity> ports, Address address, Identity of) {
    if (address == null) return;
    for (EndpointIndex.Backend backend : endpoints.at(address, services)) {
      Identity pod = of;
      // Behind a node's address are several pods.
      HeldPod named = of.pod().isEmpty() ? pods.get(backend.of().namespace() + '/' + backend.endpoint().pod()) : null;
      if (named != null) pod = named.owner.identity();
      Identity served = served(pod, backend.of().service(), backend.of().namespace());
      for (int port : backend.endpoint().ports()) ports.putIfAbsent(port, served);
    }
  }

  private static Identity served(Identity of, String service, String serviceNamespace) {
    String namespace = of.namespace().isEmpty() ? serviceNamespace : of.namespace();
    return new Identity(service, namespace, of.pod(), service, serviceNamespace, of.node(), of.labels());
  }

  /** A node's ports: endpoints of services, pods in the host's network or with host ports. */
  private void updateNode(String name, long nowNs) {
    HeldNode node = nodes.get(name);
    if (node == null) return;
    Map<Integer, Identity> ports = new HashMap<>();
    for (String ip : node.object.addresses()) addBackends(ports, Address.parse(ip), node.owner.identity());
    for (String key : onHosts.getOrDefault(name, Set.of())) {
      HeldPod pod = pods.get(key);
      for (Pod.Port port : pod.object.ports()) {
        if (port.host() > 0) ports.putIfAbsent(port.host(), pod.owner.identity());
        else if (pod.object.hostNetwork()) ports.putIfAbsent(port.container(), pod.owner.identity());
      }
    }
    shed += node.owner.ports(ports, nowNs, nowNs - Tenures.HISTORY_NS);
  }

  public synchronized Targeting targeting() {
    return targeting;
  }

  public synchronized void targeting(Targeting targeting) {
    this.targeting = targeting;
    pods.replaceAll((_, held) -> new HeldPod(held.object, held.owner, held.addresses, targeting.test(held.object)));
    changed = true;
  }

  /** As of the last {@link #refresh}. */
  public TargetSet targets() {
    return targets;
  }

  /** Builds the target set anew if something changed, and forgets old history. {@link ClusterWatch} calls it. @return whether it is new */
  public synchronized boolean refresh(long nowNs) {
    if (nowNs - forgotNs > FORGET_EVERY_NS) {
      forgotNs = nowNs;
      addresses.replaceAll(tenures -> tenures.since(nowNs - Tenures.HISTORY_NS));
    }
    while (!briefs.isEmpty() && briefs.getFirst().untilNs <= nowNs) {
      briefs.removeFirst();
      changed = true;
    }
    if (!changed) return false;
    changed = false;
    targets = buildTargets();
    return true;
  }

  private TargetSet buildTargets() {
    TargetSet.Builder set = new TargetSet.Builder();
    for (HeldPod pod : pods.values()) {
      if (pod.object.hostNetwork() && pod.targeted) addHost(set, pod.object);
      for (Address address : pod.addresses) if (owns(address, pod.owner)) set.add(address, podBits(pod.targeted));
    }
    for (Brief brief : briefs) if (currentOwner(brief.address) == null) set.add(brief.address, podBits(brief.targeted));
    for (Service service : services.values()) addService(set, service);
    HeldNode self = nodes.get(selfNode);
    if (self != null) for (Address address : NodeAddresses.of(self.object)) if (owns(address, self.owner)) set.add(address, TargetSet.NODE_SELF);
    return set.build();
  }

  private static int podBits(boolean targeted) {
    return targeted ? TargetSet.POD | TargetSet.TARGETED_POD : TargetSet.POD;
  }

  private void addHost(TargetSet.Builder set, Pod pod) {
    HeldNode node = nodes.get(pod.node());
    List<String> ips = node == null ? pod.ips() : node.object.addresses();
    for (String ip : ips) set.add(Address.parse(ip), TargetSet.HOST_TARGETED);
  }

  private boolean owns(Address address, Owner owner) {
    return address != null && currentOwner(address) == owner;
  }

  private Owner currentOwner(Address address) {
    Tenures tenures = addresses.get(address.high(), address.low());
    return tenures == null ? null : tenures.current();
  }

  private void addService(TargetSet.Builder set, Service service) {
    int ready = 0;
    boolean all = true;
    for (EndpointIndex.Backend backend : endpoints.of(service.key())) {
      if (!backend.endpoint().ready()) continue;
      ready++;
      all &= set.has(backend.address(), TargetSet.TARGETED_POD);
      for (int port : backend.endpoint().ports()) set.endpoint(backend.address(), port);
    }
    int bits = TargetSet.SERVICE | (all && ready > 0 ? TargetSet.SERVICE_ALL_TARGETED : 0);
    for (String ip : service.clusterIps()) set.add(Address.parse(ip), bits);
  }

  /** All pods that are not over, by namespace and name. */
  public synchronized List<Pod> pods() {
    return pods.values().stream().map(HeldPod::object).toList();
  }

  /** The pod, or null: there is none, or it is over. */
  public synchronized Pod pod(String namespace, String name) {
    HeldPod held = pods.get(namespace + '/' + name);
    return held == null ? null : held.object;
  }

  /** The service or null. */
  public synchronized Service service(String namespace, String name) {
    return services.get(namespace + '/' + name);
  }

  /** By name. */
  public synchronized List<Node> nodes() {
    return nodes.values().stream().map(HeldNode::object).toList();
  }

  /** Names of all namespaces that were told of, by name. */
  public synchronized List<String> namespaces() {
    return List.copyOf(namespaces);
  }

  public synchronized Counts counts() {
    Set<String> inNamespaces = new HashSet<>();
    Set<String> onNodes = new HashSet<>();
    int targeted = 0;
    for (HeldPod held : pods.values()) {
      if (!held.targeted) continue;
      targeted++;
      inNamespaces.add(held.object.namespace());
      if (!held.object.node().isEmpty()) onNodes.add(held.object.node());
    }
    return new Counts(pods.size(), targeted, inNamespaces.size(), onNodes.size(), services.size(), addresses.size(), external.size(),
        shed + endpoints.shed + external.shed());
  }
}
