package io.kubeshark.kube;

import static io.kubeshark.kube.Some.SECOND;
import static io.kubeshark.kube.Some.T0;
import static io.kubeshark.kube.Some.endpoint;
import static io.kubeshark.kube.Some.endpoints;
import static io.kubeshark.kube.Some.flags;
import static io.kubeshark.kube.Some.hostPod;
import static io.kubeshark.kube.Some.labels;
import static io.kubeshark.kube.Some.phase;
import static io.kubeshark.kube.Some.pod;
import static io.kubeshark.kube.Some.service;
import static io.kubeshark.kube.TargetSet.HOST_TARGETED;
import static io.kubeshark.kube.TargetSet.NODE_SELF;
import static io.kubeshark.kube.TargetSet.POD;
import static io.kubeshark.kube.TargetSet.SERVICE;
import static io.kubeshark.kube.TargetSet.SERVICE_ALL_TARGETED;
import static io.kubeshark.kube.TargetSet.TARGETED_POD;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TargetSetTest {
  private final ClusterTable table = new ClusterTable("node1");

  private TargetSet built() {
    table.refresh(T0);
    return table.targets();
  }

  @Test
  void flagsOfEachKindOfAddress() {
    table.targeting(Targeting.of("^web", List.of(), List.of()));
    table.put(new Node("node1", List.of("192.168.0.1"), List.of(), ""), T0);
    table.put(new Node("node2", List.of("192.168.0.2"), List.of(), ""), T0);
    table.put(pod("shop", "web-1", "1", T0, "10.0.0.5", "fd00::5"), T0);
    table.put(pod("shop", "db-1", "2", T0, "10.0.0.6"), T0);
    table.put(hostPod("shop", "web-host", "node2", "192.168.0.2", 80), T0);
    table.put(service("shop", "web", "10.96.0.1"), T0);
    table.put(endpoints("shop", "web", endpoint("10.0.0.5", "web-1", true, 80), endpoint("10.0.0.6", "db-1", false, 80)), T0);

    TargetSet set = built();
    assertThat(flags(set, "10.0.0.5")).isEqualTo(POD | TARGETED_POD);
    assertThat(flags(set, "fd00::5")).isEqualTo(POD | TARGETED_POD);
    assertThat(flags(set, "10.0.0.6")).isEqualTo(POD);
    assertThat(flags(set, "10.96.0.1")).isEqualTo(SERVICE | SERVICE_ALL_TARGETED);
    assertThat(flags(set, "192.168.0.1")).isEqualTo(NODE_SELF);
    assertThat(flags(set, "192.168.0.2")).isEqualTo(HOST_TARGETED);
    assertThat(flags(set, "8.8.8.8")).isZero();
  }

  @Test
  void aServiceIsAllTargetedOnlyIfEachReadyEndpointIs() {
    table.targeting(Targeting.of("^web", List.of(), List.of()));
    table.put(service("shop", "web", "10.96.0.1"), T0);
    assertThat(flags(built(), "10.96.0.1")).as("no endpoints").isEqualTo(SERVICE);

    table.put(pod("shop", "web-1", "1", T0, "10.0.0.5"), T0);
    table.put(pod("shop", "db-1", "2", T0, "10.0.0.6"), T0);
    table.put(endpoints("shop", "web", endpoint("10.0.0.5", "web-1", false, 80)), T0);
    assertThat(flags(built(), "10.96.0.1")).as("none ready").isEqualTo(SERVICE);
    table.put(endpoints("shop", "web", endpoint("10.0.0.5", "web-1", true, 80)), T0);
    assertThat(flags(built(), "10.96.0.1")).isEqualTo(SERVICE | SERVICE_ALL_TARGETED);
    // A second slice of the same service.
    table.put(new Endpoints("shop", "web-2nd", "web", List.of(endpoint("10.0.0.6", "db-1", true, 80))), T0);
    assertThat(flags(built(), "10.96.0.1")).as("one is no target").isEqualTo(SERVICE);
    table.removeEndpoints("shop", "web-2nd", T0);
    assertThat(flags(built(), "10.96.0.1")).isEqualTo(SERVICE | SERVICE_ALL_TARGETED);
    table.put(endpoints("shop", "web", endpoint("10.0.0.5", "web-1", true, 80), endpoint("172.16.0.1", "", true, 80)), T0);
    assertThat(flags(built(), "10.96.0.1")).as("one is outside of the cluster").isEqualTo(SERVICE);
  }

  @Test
  void hostNetworkEndpointsDoNotCount() {
    table.put(new Node("node2", List.of("192.168.0.2"), List.of(), ""), T0);
    table.put(hostPod("shop", "web-host", "node2", "192.168.0.2", 80), T0);
    table.put(service("shop", "web", "10.96.0.1"), T0);
    table.put(endpoints("shop", "web", endpoint("192.168.0.2", "web-host", true, 80)), T0);
    assertThat(flags(built(), "10.96.0.1")).isEqualTo(SERVICE);
  }

  @Test
  void ownPodsAreNoTargetsUnlessAskedFor() {
    table.put(labels(pod("default", "kubeshark-hub-x", "1", T0, "10.0.0.9"), Map.of("app.kubernetes.io/name", "kubeshark")), T0);
    assertThat(flags(built(), "10.0.0.9")).isEqualTo(POD);
    table.targeting(Targeting.parse(Map.of(Targeting.OWN_PODS, "true")));
    assertThat(flags(built(), "10.0.0.9")).isEqualTo(POD | TARGETED_POD);
  }

  /** Its packets still wait to be taken when the API server tells of it for the first and last time. */
  @Test
  void aPodThatWasOverBeforeItsAddressWasToldIsATargetForAMoment() {
    table.targeting(Targeting.of("^job", List.of(), List.of()));
    table.put(phase(pod("shop", "job", "1", T0), "Pending", 0), T0);
    table.put(phase(pod("shop", "job", "1", T0, "10.0.0.5"), "Succeeded", T0 + SECOND), T0 + 2 * SECOND);
    table.put(phase(pod("shop", "other", "2", T0, "10.0.0.6"), "Succeeded", T0 + SECOND), T0 + 2 * SECOND);
    table.put(phase(pod("shop", "job-before", "3", T0 - 60 * SECOND, "10.0.0.7"), "Succeeded", T0 - 50 * SECOND), T0 + 2 * SECOND);
    assertThat(table.refresh(T0 + 3 * SECOND)).isTrue();
    assertThat(flags(table.targets(), "10.0.0.5")).isEqualTo(POD | TARGETED_POD);
    assertThat(flags(table.targets(), "10.0.0.6")).isEqualTo(POD);
    assertThat(flags(table.targets(), "10.0.0.7")).isZero();

    table.put(pod("shop", "next", "4", T0 + 3 * SECOND, "10.0.0.5"), T0 + 4 * SECOND);
    table.refresh(T0 + 4 * SECOND);
    assertThat(flags(table.targets(), "10.0.0.5")).as("it is another pod's").isEqualTo(POD);

    assertThat(table.refresh(T0 + 10 * SECOND)).isTrue();
    assertThat(flags(table.targets(), "10.0.0.6")).isZero();
    assertThat(table.refresh(T0 + 11 * SECOND)).isFalse();
  }

  @Test
  void anAddressBelongsToWhoHasItNow() {
    table.targeting(Targeting.of("^new", List.of(), List.of()));
    table.put(pod("shop", "old", "1", T0, "10.0.0.5"), T0);
    table.put(pod("shop", "new", "2", T0 + 5 * SECOND, "10.0.0.5"), T0 + 6 * SECOND);
    assertThat(flags(built(), "10.0.0.5")).isEqualTo(POD | TARGETED_POD);
    table.removePod("shop", "new", T0 + 7 * SECOND);
    assertThat(flags(built(), "10.0.0.5")).isZero();
  }

  @Test
  void aSetIsNewOnlyIfSomethingChanged() {
    Pod pod = pod("shop", "web-1", "1", T0, "10.0.0.5");
    Endpoints endpoints = endpoints("shop", "web", endpoint("10.0.0.5", "web-1", true, 80));
    table.put(pod, T0);
    table.put(endpoints, T0);
    assertThat(table.refresh(T0)).isTrue();
    TargetSet first = table.targets();
    assertThat(table.refresh(T0 + SECOND)).isFalse();
    table.put(Some.containers(pod, new Pod.Container("c", 1, "", 0, 0)), T0);
    table.put(endpoints("shop", "web", endpoint("10.0.0.5", "web-1", true, 80)), T0);
    assertThat(table.refresh(T0 + SECOND)).as("a status, and a renewed lease").isFalse();
    assertThat(table.targets()).isSameAs(first);
    table.put(labels(pod, Map.of("app.kubernetes.io/name", "kubeshark")), T0);
    assertThat(table.refresh(T0 + SECOND)).isTrue();
    assertThat(flags(table.targets(), "10.0.0.5")).isEqualTo(POD);
  }

  /** Random changes, and after each some the flags of all addresses against a straightforward model. */
  @Test
  void manyChangesAgainstAModel() {
    Random random = new Random(2);
    Map<String, Pod> pods = new HashMap<>();
    Map<String, Endpoints> slices = new HashMap<>();
    Targeting targeting = Targeting.of("pod-.*[02468]$", List.of(), List.of("ns2"));
    table.targeting(targeting);
    int targetedServices = 0;
    for (int step = 0; step < 3_000; step++) {
      String namespace = "ns" + random.nextInt(3);
      String name = "pod-" + random.nextInt(200);
      if (random.nextInt(5) < 3) {
        // Each pod has its own address.
        Pod pod = pod(namespace, name, "uid", T0 + step, "10." + namespace.charAt(2) + ".0." + name.substring(4));
        table.put(pod, T0 + step);
        pods.put(pod.key(), pod);
      } else if (random.nextBoolean()) {
        table.removePod(namespace, name, T0 + step);
        pods.remove(namespace + '/' + name);
      } else {
        int number = random.nextInt(20);
        List<Endpoints.Endpoint> list = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) list.add(endpoint("10.0.0." + random.nextInt(200), "", random.nextInt(4) > 0, 80));
        Endpoints slice = endpoints("ns0", "s" + number, list.toArray(new Endpoints.Endpoint[0]));
        table.put(service("ns0", "s" + number, "10.96.0." + number), T0 + step);
        table.put(slice, T0 + step);
        slices.put("s" + number, slice);
      }
      if (step % 50 != 0) continue;
      TargetSet set = built();
      Map<String, Integer> expected = new HashMap<>();
      for (Pod pod : pods.values()) expected.put(pod.ip(), targeting.test(pod.namespace(), pod.name()) ? POD | TARGETED_POD : POD);
      for (Endpoints slice : slices.values()) {
        List<Endpoints.Endpoint> ready = slice.endpoints().stream().filter(Endpoints.Endpoint::ready).toList();
        boolean all = !ready.isEmpty() && ready.stream().allMatch(endpoint -> (expected.getOrDefault(endpoint.ip(), 0) & TARGETED_POD) != 0);
        if (all) targetedServices++;
        expected.put("10.96.0." + slice.service().substring(1), all ? SERVICE | SERVICE_ALL_TARGETED : SERVICE);
      }
      assertThat(set.size()).isEqualTo(expected.size());
      for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 200; j++) {
          String ip = "10." + i + ".0." + j;
          assertThat(flags(set, ip)).as(ip).isEqualTo(expected.getOrDefault(ip, 0));
        }
      }
      for (int j = 0; j < 200; j++) {
        String ip = "10.0.0." + j;
        Address address = Address.parse(ip);
        boolean ready = slices.values().stream().flatMap(slice -> slice.endpoints().stream())
            .anyMatch(endpoint -> endpoint.ready() && endpoint.ip().equals(ip));
        assertThat(set.endpoint(address.high(), address.low(), 80)).as(ip).isEqualTo(ready);
        assertThat(set.endpoint(address.high(), address.low(), 81)).as(ip).isFalse();
      }
      for (int i = 0; i < 20; i++) assertThat(flags(set, "10.96.0." + i)).isEqualTo(expected.getOrDefault("10.96.0." + i, 0));
    }
    assertThat(targetedServices).isPositive();
  }
}
