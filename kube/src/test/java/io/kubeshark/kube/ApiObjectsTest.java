package io.kubeshark.kube;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What is read off the API's objects, and the events that they tell. */
class ApiObjectsTest {
  private static JsonNode json(String text) {
    return KubeApi.JSON.readTree(text.replace('\'', '"'));
  }

  private static final String POD = """
      {'metadata':{'name':'web-1','namespace':'shop','uid':'u','creationTimestamp':'2026-01-01T00:00:00Z','labels':{'app':'web'},
       'managedFields':[{}]},
       'spec':{'nodeName':'node1','containers':[{'name':'c','ports':[{'containerPort':8080},{'containerPort':9000,'hostPort':9001}]}]},
       'status':{'phase':'Running','podIP':'10.0.0.5','podIPs':[{'ip':'10.0.0.5'},{'ip':'fd00::5'}],'startTime':'2026-01-01T00:00:05Z',
        'conditions':[{'type':'Ready','status':'True'}],'containerStatuses':[{'name':'c','restartCount':2,'state':{'running':{}},
        'lastState':{'terminated':{'reason':'OOMKilled','exitCode':137,'finishedAt':'2026-01-01T00:01:00Z'}}}]}}""";

  @Test
  void aPod() {
    long start = ApiObjects.time("2026-01-01T00:00:05Z");
    assertThat(ApiObjects.pod(json(POD))).isEqualTo(new Pod("u", "shop", "web-1", "node1", List.of("10.0.0.5", "fd00::5"), false, start, 0,
        "Running", true,
        Map.of("app", "web"), List.of(new Pod.Port(8080, 0), new Pod.Port(9000, 9001)),
        List.of(new Pod.Container("c", 2, "OOMKilled", 137, start + 55 * Some.SECOND))));
  }

  @Test
  void aPodThatIsNotScheduledYetAndOneThatEnded() {
    Pod young = ApiObjects.pod(json("{'metadata':{'name':'x','creationTimestamp':'2026-01-01T00:00:00Z'},'status':{'phase':'Pending'}}"));
    assertThat(young.ips()).isEmpty();
    assertThat(young.startNs()).isEqualTo(ApiObjects.time("2026-01-01T00:00:00Z"));
    Pod over = ApiObjects.pod(json("{'status':{'phase':'Failed','containerStatuses':[{'state':{'terminated':{'finishedAt':'2026-01-01T00:00:07Z'}}},"
        + "{'state':{'terminated':{'finishedAt':'2026-01-01T00:00:09Z'}}}]}}"));
    assertThat(over.over()).isTrue();
    assertThat(over.endNs()).isEqualTo(ApiObjects.time("2026-01-01T00:00:09Z"));
  }

  @Test
  void fieldsOfAnotherShapeAreEmpty() {
    Pod pod = ApiObjects.pod(json("{'metadata':[],'spec':{'containers':'x','nodeName':7},'status':{'podIPs':{'a':1},'startTime':'soon',"
        + "'containerStatuses':[5]}}"));
    assertThat(pod.ips()).isEmpty();
    assertThat(pod.startNs()).isZero();
    assertThat(ApiObjects.service(json("{'spec':{'clusterIP':'None'}}")).headless()).isTrue();
    assertThat(ApiObjects.slice(json("{}")).endpoints()).isEmpty();
  }

  @Test
  void labelsAreBounded() {
    StringBuilder labels = new StringBuilder();
    for (int i = 0; i < 100; i++) labels.append(i == 0 ? "" : ",").append("'l" + i + "':'v'");
    assertThat(ApiObjects.pod(json("{'metadata':{'labels':{" + labels + "}}}")).labels()).hasSize(Pod.LABELS_MAX);
  }

  @Test
  void aServiceAndWhoIsBehindItInEachForm() {
    assertThat(ApiObjects.service(json("{'metadata':{'name':'web','namespace':'shop'},'spec':{'clusterIP':'10.96.0.1','clusterIPs':['10.96.0.1',"
        + "'fd01::1'],"
        + "'externalIPs':['1.2.3.4'],'ports':[{'port':80,'nodePort':30080}]},"
        + "'status':{'loadBalancer':{'ingress':[{'ip':'5.6.7.8'},{'hostname':'lb'}]}}}")))
        .isEqualTo(new Service("shop", "web", List.of("10.96.0.1", "fd01::1", "1.2.3.4", "5.6.7.8"), List.of(30080)));

    Endpoints.Endpoint one = Some.endpoint("10.0.0.5", "web-1", true, 8080);
    Endpoints.Endpoint two = Some.endpoint("10.0.0.6", "", false, 8080);
    assertThat(ApiObjects.slice(json("{'metadata':{'name':'web-x','namespace':'shop','labels':{'kubernetes.io/service-name':'web'}},"
        + "'ports':[{'port':8080}],"
        + "'endpoints':[{'addresses':['10.0.0.5'],'targetRef':{'kind':'Pod','name':'web-1'}},{'addresses':['10.0.0.6'],"
        + "'conditions':{'ready':false}}]}")))
        .isEqualTo(new Endpoints("shop", "web-x", "web", List.of(one, two)));
    assertThat(ApiObjects.endpoints(json("{'metadata':{'name':'web','namespace':'shop'},'subsets':[{'ports':[{'port':8080}],"
        + "'addresses':[{'ip':'10.0.0.5','targetRef':{'kind':'Pod','name':'web-1'}}],'notReadyAddresses':[{'ip':'10.0.0.6'}]}]}")))
        .isEqualTo(new Endpoints("shop", "web", "web", List.of(one, two)));
  }

  @Test
  void aNode() {
    assertThat(ApiObjects.node(json("{'metadata':{'name':'node1'},'spec':{'podCIDR':'10.0.0.0/24','podCIDRs':['10.0.0.0/24','fd00::/64']},"
        + "'status':{'addresses':["
        + "{'type':'InternalIP','address':'192.168.0.1'},{'type':'Hostname','address':'node1'}],'nodeInfo':{'kubeletVersion':'v1.20.2'}}}")))
        .isEqualTo(new Node("node1", List.of("192.168.0.1"), List.of("10.0.0.0/24", "fd00::/64"), "v1.20.2"));
  }

  @Test
  void eachOccurrenceOfAnEventIsToldOnce() {
    List<KubernetesEvent> told = new ArrayList<>();
    EventFeed feed = new EventFeed(told::add);
    String event = "{'metadata':{'uid':'e'},'involvedObject':{'kind':'Pod','namespace':'shop','name':'web-1','fieldPath':'spec.containers{c}'},"
        + "'reason':'Unhealthy','type':'Warning','message':'Readiness probe failed','count':COUNT,'lastTimestamp':'2026-01-01T00:00:0COUNTZ',"
        + "'source':{'host':'node1'}}";
    feed.put(json(event.replace("COUNT", "1")));
    feed.put(json(event.replace("COUNT", "1")));
    feed.put(json(event.replace("COUNT", "2")));
    feed.put(json(event.replace("COUNT", "1")));
    assertThat(told).extracting(KubernetesEvent::count).containsExactly(1, 2);
    assertThat(told.getFirst()).isEqualTo(new KubernetesEvent(ApiObjects.time("2026-01-01T00:00:01Z"), "e", "Pod", "shop", "web-1", "Unhealthy",
        "Warning",
        "Readiness probe failed", 1, "c", "node1"));
    assertThat(EventFeed.read(json("{'eventTime':'2026-01-01T00:00:01.000005Z','series':{'count':7,'lastObservedTime':null}}")).timeNs())
        .isEqualTo(ApiObjects.time("2026-01-01T00:00:01Z") + 5_000);
  }

  @Test
  void aPodsStatusTellsRestartsOnce() {
    List<KubernetesEvent> told = new ArrayList<>();
    PodEvents events = new PodEvents(told::add);
    Pod pod = Some.pod("shop", "web-1", "u", Some.T0, "10.0.0.5");
    Pod healthy = Some.containers(pod, new Pod.Container("c", 0, "", 0, 0), new Pod.Container("side", 5, "Completed", 0, Some.T0));
    Pod killed = Some.containers(pod, new Pod.Container("c", 0, "OOMKilled", 137, Some.T0 + Some.SECOND),
        new Pod.Container("side", 5, "Completed", 0, Some.T0));
    Pod again = Some.containers(pod, new Pod.Container("c", 1, "OOMKilled", 137, Some.T0 + Some.SECOND),
        new Pod.Container("side", 5, "Completed", 0, Some.T0));
    events.changed(null, again);
    events.changed(healthy, healthy);
    assertThat(told).isEmpty();
    events.changed(healthy, killed);
    events.changed(killed, again);
    events.changed(again, again);
    assertThat(told).extracting(KubernetesEvent::reason).containsExactly("OOMKilled", "Restarted");
    assertThat(told).allMatch(event -> event.container().equals("c") && event.timeNs() == Some.T0 + Some.SECOND && event.warning());
    assertThat(told.get(1).message()).contains("once").contains("exit code 137");
  }
}
