package io.kubeshark.kube;

import static io.kubeshark.kube.Some.SECOND;
import static io.kubeshark.kube.Some.T0;
import static io.kubeshark.kube.Some.endpoint;
import static io.kubeshark.kube.Some.endpoints;
import static io.kubeshark.kube.Some.hostPod;
import static io.kubeshark.kube.Some.labels;
import static io.kubeshark.kube.Some.name;
import static io.kubeshark.kube.Some.pod;
import static io.kubeshark.kube.Some.service;
import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.core.Identity;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What addresses and ports are called. */
class ClusterTableTest {
  private final ClusterTable table = new ClusterTable("node1");
  private final Address web = Address.parse("10.0.0.5");

  @Test
  void aPodsPortBehindAServiceIsTheService() {
    table.put(pod("shop", "web-1", "1", T0, "10.0.0.5"), T0);
    table.put(service("shop", "web", "10.96.0.1"), T0);
    table.put(endpoints("shop", "web", endpoint("10.0.0.5", "web-1", true, 8080)), T0);

    assertThat(table.find(web.high(), web.low(), 8080, T0))
        .isEqualTo(new Identity("web", "shop", "web-1", "web", "shop", "node1", Map.of("app", "web-1")));
    assertThat(table.find(web.high(), web.low(), 41234, T0))
        .isEqualTo(new Identity("web-1", "shop", "web-1", "", "", "node1", Map.of("app", "web-1")));
    assertThat(name(table, "10.96.0.1", 80, T0)).isEqualTo("web");
  }

  @Test
  void theOrderInWhichThingsAreToldDoesNotMatter() {
    table.put(endpoints("shop", "web", endpoint("10.0.0.5", "web-1", true, 8080)), T0);
    table.put(service("shop", "web", "10.96.0.1"), T0);
    table.put(pod("shop", "web-1", "1", T0, "10.0.0.5"), T0);
    assertThat(name(table, "10.0.0.5", 8080, T0)).isEqualTo("web (web-1)");
  }

  @Test
  void ofSeveralServicesTheOneWithAnAddressIsMeant() {
    table.put(pod("shop", "db-0", "1", T0, "10.0.0.5"), T0);
    table.put(endpoints("shop", "a-headless", endpoint("10.0.0.5", "db-0", true, 5432)), T0);
    table.put(service("shop", "a-headless"), T0);
    assertThat(name(table, "10.0.0.5", 5432, T0)).isEqualTo("a-headless (db-0)");
    table.put(endpoints("shop", "db", endpoint("10.0.0.5", "db-0", true, 5432)), T0 + SECOND);
    table.put(service("shop", "db", "10.96.0.1"), T0 + SECOND);
    assertThat(name(table, "10.0.0.5", 5432, T0 + 2 * SECOND)).isEqualTo("db (db-0)");
  }

  @Test
  void aServiceThatLeavesAPodStaysInItsPastAndLingersAWhile() {
    table.put(pod("shop", "web-1", "1", T0, "10.0.0.5"), T0);
    table.put(endpoints("shop", "web", endpoint("10.0.0.5", "web-1", true, 8080)), T0);
    table.put(endpoints("shop", "web"), T0 + 100 * SECOND);
    assertThat(name(table, "10.0.0.5", 8080, T0 + 50 * SECOND)).isEqualTo("web (web-1)");
    assertThat(name(table, "10.0.0.5", 8080, T0 + 110 * SECOND)).isEqualTo("web (web-1)");
    assertThat(name(table, "10.0.0.5", 8080, T0 + 100 * SECOND + Tenures.LINGER_NS)).isEqualTo("web-1");
    table.put(endpoints("shop", "other", endpoint("10.0.0.5", "web-1", true, 8080)), T0 + 105 * SECOND);
    assertThat(name(table, "10.0.0.5", 8080, T0 + 50 * SECOND)).isEqualTo("web (web-1)");
    assertThat(name(table, "10.0.0.5", 8080, T0 + 110 * SECOND)).isEqualTo("other (web-1)");
  }

  @Test
  void hostNetworkPodsAreFoundByTheirPort() {
    table.put(new Node("node1", List.of("192.168.0.1"), List.of("10.0.0.0/24"), ""), T0);
    table.put(hostPod("kube-system", "proxy-x", "node1", "192.168.0.1", 10256), T0);
    table.put(new Service("shop", "web", List.of("10.96.0.1"), List.of(30080)), T0);

    assertThat(name(table, "192.168.0.1", 10256, T0)).isEqualTo("proxy-x");
    assertThat(name(table, "192.168.0.1", 30080, T0)).as("node port").isEqualTo("web");
    assertThat(name(table, "192.168.0.1", 50000, T0)).isEqualTo("node1");
    assertThat(name(table, "10.0.0.1", 50000, T0)).as("the bridge, where probes come from").isEqualTo("node1");
    table.put(endpoints("kube-system", "proxies", endpoint("192.168.0.1", "proxy-x", true, 10256)), T0);
    assertThat(name(table, "192.168.0.1", 10256, T0)).isEqualTo("proxies (proxy-x)");
    table.removeEndpoints("kube-system", "proxies-abc", T0 + SECOND);
    table.removePod("kube-system", "proxy-x", T0 + SECOND);
    assertThat(name(table, "192.168.0.1", 10256, T0 + SECOND + Tenures.LINGER_NS)).isEqualTo("node1");
  }

  @Test
  void aPodTakesTheBridgesAddressWherePodsGetIt() {
    table.put(new Node("node1", List.of("192.168.0.1"), List.of("10.0.0.0/24"), ""), T0);
    table.put(pod("shop", "web-1", "1", T0, "10.0.0.1"), T0);
    assertThat(name(table, "10.0.0.1", 0, T0 + SECOND)).isEqualTo("web-1");
  }

  @Test
  void changedLabelsAreThoseOfLaterAnswers() {
    Pod before = pod("shop", "web-1", "1", T0, "10.0.0.5");
    table.put(before, T0);
    Identity first = table.find(web.high(), web.low(), 0, T0);
    table.put(before, T0 + SECOND);
    assertThat(table.find(web.high(), web.low(), 0, T0)).as("the same object: nothing is allocated").isSameAs(first);
    table.put(labels(before, Map.of("canary", "yes")), T0 + SECOND);
    assertThat(table.find(web.high(), web.low(), 0, T0).labels()).containsOnlyKeys("canary");
    assertThat(first.labels()).containsOnlyKeys("app");
  }

  @Test
  void externalNamesComeFromDnsAndNeverRenameTheCluster() {
    byte[] ip = new byte[20];
    ip[12] = ip[13] = (byte) 0xff;
    ip[14] = 93;
    ip[15] = 1;
    ip[16] = 2;
    ip[17] = 3;
    table.learn(ip, 2, "example.org", T0, 60 * SECOND);
    assertThat(table.find(ip, 2, 443, T0 + SECOND)).isEqualTo(Identity.external("example.org"));
    assertThat(table.find(ip, 2, 443, T0 - 1)).as("not before it was told").isNull();

    table.learn(ip, 2, "other.example", T0 + 10 * SECOND, 60 * SECOND);
    assertThat(name(table, "93.1.2.3", 443, T0 + 5 * SECOND)).isEqualTo("example.org");
    assertThat(name(table, "93.1.2.3", 443, T0 + 11 * SECOND)).isEqualTo("other.example");
    assertThat(name(table, "93.1.2.3", 443, T0 + 11 * SECOND + ExternalNames.KEEP_MIN_NS)).isEqualTo("?");

    table.put(pod("shop", "web-1", "1", T0, "93.1.2.3"), T0);
    assertThat(name(table, "93.1.2.3", 443, T0 + 11 * SECOND)).isEqualTo("web-1");
  }

  @Test
  void externalNamesAreBoundedTheOldestGoFirst() {
    ExternalNames names = new ExternalNames();
    int count = ExternalNames.ADDRESSES_MAX + 100;
    for (int i = 0; i < count; i++) names.learn(7, i, "host" + i, T0 + i, 0);
    assertThat(names.size()).isLessThanOrEqualTo(ExternalNames.ADDRESSES_MAX);
    assertThat(names.size() + names.shed()).isEqualTo(count);
    assertThat(names.find(7, 0, T0 + count)).isNull();
    assertThat(names.find(7, count - 1, T0 + count).name()).isEqualTo("host" + (count - 1));
    assertThat(names.find(7, ExternalNames.ADDRESSES_MAX / 2, T0 + count)).isNotNull();
  }

  @Test
  void podsBeyondTheLimitAreCounted() {
    for (int i = 0; i <= ClusterTable.PODS_MAX; i++) table.put(pod("shop", "p" + i, "uid" + i, T0), T0);
    assertThat(table.counts().pods()).isEqualTo(ClusterTable.PODS_MAX);
    assertThat(table.counts().shed()).isOne();
  }
}
