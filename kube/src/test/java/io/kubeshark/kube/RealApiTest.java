package io.kubeshark.kube;

import static io.kubeshark.kube.Some.flags;
import static org.assertj.core.api.Assertions.assertThat;

import io.kubeshark.core.Identity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * Against a real API server, of any version: {@code KUBESHARK_TEST_API=1 KUBECONFIG=… mvn -pl kube test -Dtest=RealApiTest}. Its pods are
 * never scheduled; their status is written by the test. Restarts, too, where {@code KUBESHARK_TEST_API_STOP} and {@code …_START} are
 * commands that take the API server away and bring it back.
 */
@EnabledIfEnvironmentVariable(named = "KUBESHARK_TEST_API", matches = "1")
class RealApiTest {
  private static final String NAMESPACE = "kubeshark-kube-test";
  private static final String IN = "/api/v1/namespaces/" + NAMESPACE;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final KubeApi api = KubeApi.open();
  private final ClusterTable table = new ClusterTable("");
  private final BlockingQueue<KubernetesEvent> events = new LinkedBlockingQueue<>();
  private final BlockingQueue<List<Pod>> workers = new LinkedBlockingQueue<>();
  private ClusterWatch watch;

  @BeforeEach
  void start() throws Exception {
    deleteNamespace();
    post("/api/v1/namespaces", "{'metadata':{'name':'" + NAMESPACE + "'}}");
    watch = ClusterWatch.start(api, table, new ClusterWatch.Options(NAMESPACE, "rel", true), new ClusterWatch.Listener() {
      @Override
      public void event(KubernetesEvent event) {
        events.add(event);
      }

      @Override
      public void workers(List<Pod> now) {
        workers.add(now);
      }
    });
    assertThat(watch.awaitSync(PATIENCE)).as(watch.problem()).isTrue();
  }

  @AfterEach
  void stop() throws Exception {
    watch.close();
    deleteNamespace();
    api.close();
  }

  @Test
  void followsPodsServicesEndpointsAndSettings() throws Exception {
    pod("web-1", "10.77.0.1", "{}");
    until(() -> (flags(table.targets(), "10.77.0.1") & TargetSet.TARGETED_POD) != 0);
    assertThat(find("10.77.0.1", 80).pod()).isEqualTo("web-1");
    assertThat(find("10.77.0.1", 80).labels()).containsEntry("app", "web");

    String clusterIp = ApiObjects.text(post(IN + "/services", "{'metadata':{'name':'web'},'spec':{'ports':[{'port':80,"
        + "'targetPort':8080}]}}").path("spec"), "clusterIP");
    // Without a selector, so that nobody else writes them; the control plane, where there is one, makes slices of them.
    post(IN + "/endpoints", "{'metadata':{'name':'web'},'subsets':[{'addresses':[{'ip':'10.77.0.1','targetRef':{'kind':'Pod','name':'web-1'}}],"
        + "'ports':[{'port':8080}]}]}");
    slice("web", "10.77.0.1");
    until(() -> flags(table.targets(), clusterIp) == (TargetSet.SERVICE | TargetSet.SERVICE_ALL_TARGETED));
    assertThat(find(clusterIp, 80).service()).isEqualTo("web");
    assertThat(find("10.77.0.1", 8080).service()).isEqualTo("web");
    assertThat(find("10.77.0.1", 8080).pod()).isEqualTo("web-1");

    post(IN + "/configmaps", "{'metadata':{'name':'kubeshark-config-map'},'data':{'POD_REGEX':'^db'}}");
    until(() -> flags(table.targets(), "10.77.0.1") == TargetSet.POD);
    patch(IN + "/configmaps/kubeshark-config-map", "{'data':{'POD_REGEX':'(web'}}");
    until(() -> watch.problem().contains("(web"));
    assertThat(flags(table.targets(), "10.77.0.1")).as("as before").isEqualTo(TargetSet.POD);
    patch(IN + "/configmaps/kubeshark-config-map", "{'data':{'POD_REGEX':'web'}}");
    until(() -> (flags(table.targets(), "10.77.0.1") & TargetSet.TARGETED_POD) != 0);
    assertThat(watch.problem()).isEmpty();
    assertThat(Manifests.fetch(api, "pods", NAMESPACE, "web-1")).contains("name: web-1", "podIP: 10.77.0.1")
        .doesNotContain("managedFields", "s3cret");
    assertThat(Manifests.fetch(api, "pods", NAMESPACE, "nobody")).isNull();

    api.send("DELETE", IN + "/pods/web-1?gracePeriodSeconds=0", null, null);
    until(() -> flags(table.targets(), "10.77.0.1") == 0);
    assertThat(find("10.77.0.1", 8080).pod()).as("its last packets").isEqualTo("web-1");
  }

  @Test
  void tellsEventsAndWorkers() throws Exception {
    pod("kubeshark-worker-x", "10.77.0.9", "{'app.kubernetes.io/name':'kubeshark','app.kubernetes.io/instance':'rel',"
        + "'app.kubernetes.io/component':'worker'}");
    await(workers, list -> list.size() == 1 && list.getFirst().ip().equals("10.77.0.9"));
    pod("web-1", "10.77.0.1", "{}");
    until(() -> table.pod(NAMESPACE, "web-1") != null && !table.pod(NAMESPACE, "web-1").containers().isEmpty());
    status("web-1", "10.77.0.1", "{'name':'c','image':'i','imageID':'','ready':false,'restartCount':1,'lastState':{'terminated':{'exitCode':137,"
        + "'reason':'OOMKilled','finishedAt':'2026-01-01T00:00:00Z'}}}");
    await(events, event -> event.reason().equals("OOMKilled") && event.name().equals("web-1") && event.container().equals("c"));
    await(events, event -> event.reason().equals("Restarted") && event.count() == 1);
    post(IN + "/events", "{'metadata':{'name':'e1'},'involvedObject':{'kind':'Pod','namespace':'" + NAMESPACE + "','name':'web-1',"
        + "'fieldPath':'spec.containers{c}'},'reason':'Unhealthy','type':'Warning','message':'Liveness probe failed','count':3,"
        + "'lastTimestamp':'2026-01-02T00:00:00Z'}");
    KubernetesEvent event = await(events, one -> one.reason().equals("Unhealthy") && one.name().equals("web-1"));
    assertThat(event.timeNs()).isEqualTo(Instant.parse("2026-01-02T00:00:00Z").getEpochSecond() * Some.SECOND);
    assertThat(event.container()).isEqualTo("c");
    assertThat(event.warning()).isTrue();
  }

  @Test
  @EnabledIfEnvironmentVariable(named = "KUBESHARK_TEST_API_STOP", matches = ".+")
  void knowsWhatItKnewWhileTheServerIsAwayAndCatchesUpAfterwards() throws Exception {
    pod("web-1", "10.77.0.1", "{}");
    pod("web-2", "10.77.0.2", "{}");
    until(() -> (flags(table.targets(), "10.77.0.2") & TargetSet.TARGETED_POD) != 0);
    int targets = table.targets().size();
    long lists = watch.lists();

    command("KUBESHARK_TEST_API_STOP");
    until(() -> watch.problem().contains("does not answer"));
    System.out.println("server away: " + watch.problem());
    assertThat(find("10.77.0.1", 80).pod()).isEqualTo("web-1");
    assertThat(table.targets().size()).isEqualTo(targets);

    command("KUBESHARK_TEST_API_START");
    try (KubeApi other = KubeApi.open()) {
      until(() -> answers(other));
    }
    long back = System.nanoTime();
    api.send("DELETE", IN + "/pods/web-1?gracePeriodSeconds=0", null, null);
    pod("web-3", "10.77.0.3", "{}");
    until(() -> (flags(table.targets(), "10.77.0.3") & TargetSet.TARGETED_POD) != 0 && flags(table.targets(), "10.77.0.1") == 0);
    System.out.println("caught up " + (System.nanoTime() - back) / 1_000_000 + " ms after the server answered; lists taken anew: "
        + (watch.lists() - lists));
    until(() -> watch.problem().isEmpty());
    assertThat(find("10.77.0.2", 80).pod()).isEqualTo("web-2");
  }

  private static boolean answers(KubeApi api) {
    try {
      return api.get(IN) != null;
    } catch (IOException e) {
      return false;
    }
  }

  private static void command(String variable) throws Exception {
    int code = new ProcessBuilder("sh", "-c",
        System.getenv(variable)).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
    assertThat(code).as(variable).isZero();
  }

  private Identity find(String ip, int port) {
    Address address = Address.parse(ip);
    return table.find(address.high(), address.low(), port, System.currentTimeMillis() * 1_000_000);
  }

  private void pod(String name, String ip, String labels) throws Exception {
    String json = "{'metadata':{'name':'" + name + "','labels':" + (labels.equals("{}") ? "{'app':'web'}" : labels) + "},"
        + "'spec':{'schedulerName':'nobody',"
        + "'automountServiceAccountToken':false,'containers':[{'name':'c','image':'i','env':[{'name':'DB_PASSWORD','value':'s3cret'}]}]}}";
    until(() -> {
      try {
        return post(IN + "/pods", json) != null;
      } catch (KubeApi.Refused e) {
        // The new namespace has no service account yet.
        assertThat(e.status).as(e.getMessage()).isEqualTo(403);
        return false;
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    });
    status(name, ip, "{'name':'c','image':'i','imageID':'','ready':true,'restartCount':0}");
  }

  private void status(String name, String ip, String container) throws IOException {
    patch(IN + "/pods/" + name + "/status", "{'status':{'phase':'Running','podIP':'" + ip + "','podIPs':[{'ip':'" + ip + "'}],'startTime':'"
        + Instant.now().truncatedTo(java.time.temporal.ChronoUnit.SECONDS) + "','containerStatuses':[" + container + "]}}");
  }

  /** Where there is no control plane that would; of the version that there is. */
  private void slice(String service, String ip) throws IOException {
    for (String version : new String[] {"v1", "v1beta1"}) {
      try {
        post("/apis/discovery.k8s.io/" + version + "/namespaces/" + NAMESPACE + "/endpointslices", "{'metadata':{'name':'" + service + "-own',"
        + "'labels':{'kubernetes.io/service-name':'"
            + service + "'}},'addressType':'IPv4','endpoints':[{'addresses':['" + ip + "'],'conditions':{'ready':true}}],'ports':[{'name':'',"
                + "'port':8080,'protocol':'TCP'}]}");
        return;
      } catch (KubeApi.Refused e) {
        if (e.status != 404) throw e;
      }
    }
  }

  private tools.jackson.databind.JsonNode post(String path, String json) throws IOException {
    return api.send("POST", path, "application/json", json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  private void patch(String path, String json) throws IOException {
    api.send("PATCH", path, "application/strategic-merge-patch+json", json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  /** With all that is in it, also where no control plane does it. */
  private void deleteNamespace() throws Exception {
    for (String kind : List.of("pods", "services", "endpoints", "configmaps", "events")) deleteAll(IN + '/' + kind);
    for (String version : List.of("v1", "v1beta1")) deleteAll("/apis/discovery.k8s.io/" + version + "/namespaces/" + NAMESPACE + "/endpointslices");
    try {
      api.send("DELETE", IN, null, null);
      api.send("PUT", IN + "/finalize", "application/json",
          ("{'kind':'Namespace','apiVersion':'v1','metadata':{'name':'" + NAMESPACE + "'},'spec':{'finalizers':[]}}").replace('\'', '"')
              .getBytes(StandardCharsets.UTF_8));
    } catch (KubeApi.Refused e) {
      assertThat(e.status).as(e.getMessage()).isIn(404, 409);
    }
    until(() -> {
      try {
        api.get(IN);
        return false;
      } catch (KubeApi.Refused e) {
        return e.status == 404;
      } catch (IOException e) {
        return false;
      }
    });
  }

  private void deleteAll(String path) throws IOException {
    try {
      for (tools.jackson.databind.JsonNode item : api.get(path).path("items")) {
        api.send("DELETE", path + '/' + ApiObjects.name(item) + "?gracePeriodSeconds=0", null, null);
      }
    } catch (KubeApi.Refused e) {
      // That version is not served, or somebody else deleted it.
      assertThat(e.status).as(e.getMessage()).isEqualTo(404);
    }
  }

  private static void until(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited for " + PATIENCE).isLessThan(end);
      Thread.sleep(5);
    }
  }

  private static <T> T await(BlockingQueue<T> queue, Predicate<T> wanted) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      T next = queue.poll(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
      assertThat(next).as("did not come within " + PATIENCE).isNotNull();
      if (wanted.test(next)) return next;
    }
  }
}
