package io.kubeshark.kube;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** Takes from the API's objects what is kept. Fields that are missing or of another shape are taken as empty. */
final class ApiObjects {
  private ApiObjects() {}

  static final String SERVICE_NAME = "kubernetes.io/service-name";

  static String namespace(JsonNode object) {
    return text(object.path("metadata"), "namespace");
  }

  static String name(JsonNode object) {
    return text(object.path("metadata"), "name");
  }

  static Pod pod(JsonNode object) {
    JsonNode metadata = object.path("metadata");
    JsonNode spec = object.path("spec");
    JsonNode status = object.path("status");
    boolean hostNetwork = spec.path("hostNetwork").asBoolean(false);
    long startNs = time(text(status, "startTime"));
    List<Pod.Container> containers = containers(status);
    return new Pod(text(metadata, "uid"), shared(text(metadata, "namespace")), text(metadata, "name"), shared(text(spec, "nodeName")), ips(status),
        hostNetwork, startNs != 0 ? startNs : time(text(metadata, "creationTimestamp")), ended(status), shared(text(status, "phase")),
        ready(status), labels(metadata), ports(spec), containers);
  }

  private static List<String> ips(JsonNode status) {
    Set<String> ips = new LinkedHashSet<>();
    ips.add(text(status, "podIP"));
    for (JsonNode ip : status.path("podIPs")) ips.add(text(ip, "ip"));
    ips.remove("");
    return List.copyOf(ips);
  }

  private static boolean ready(JsonNode status) {
    for (JsonNode condition : status.path("conditions")) {
      if (text(condition, "type").equals("Ready")) return text(condition, "status").equals("True");
    }
    return false;
  }

  /** When the last container ended, if all have; else 0. */
  private static long ended(JsonNode status) {
    long last = 0;
    for (JsonNode container : status.path("containerStatuses")) {
      long ended = time(text(container.path("state").path("terminated"), "finishedAt"));
      if (ended == 0) return 0;
      last = Math.max(last, ended);
    }
    return last;
  }

  private static List<Pod.Container> containers(JsonNode status) {
    List<Pod.Container> containers = new ArrayList<>();
    for (String list : new String[] {"containerStatuses", "initContainerStatuses"}) {
      for (JsonNode container : status.path(list)) {
        if (containers.size() == Pod.CONTAINERS_MAX) return containers;
        JsonNode now = container.path("state").path("terminated");
        JsonNode last = now.isObject() ? now : container.path("lastState").path("terminated");
        containers.add(new Pod.Container(shared(text(container, "name")), container.path("restartCount").asInt(0), shared(text(last, "reason")),
            last.path("exitCode").asInt(0), time(text(last, "finishedAt"))));
      }
    }
    return containers;
  }

  private static List<Pod.Port> ports(JsonNode spec) {
    List<Pod.Port> ports = new ArrayList<>();
    for (JsonNode container : spec.path("containers")) {
      for (JsonNode port : container.path("ports")) {
        int number = port.path("containerPort").asInt(0);
        if (ports.size() < Pod.PORTS_MAX && number > 0) ports.add(new Pod.Port(number, port.path("hostPort").asInt(0)));
      }
    }
    return ports;
  }

  private static Map<String, String> labels(JsonNode metadata) {
    Map<String, String> labels = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> label : metadata.path("labels").properties()) {
      if (labels.size() == Pod.LABELS_MAX) break;
      labels.put(shared(label.getKey()), shared(label.getValue().asString("")));
    }
    return labels;
  }

  static Service service(JsonNode object) {
    JsonNode spec = object.path("spec");
    Set<String> ips = new LinkedHashSet<>();
    ips.add(text(spec, "clusterIP"));
    for (JsonNode ip : spec.path("clusterIPs")) ips.add(ip.asString(""));
    for (JsonNode ip : spec.path("externalIPs")) ips.add(ip.asString(""));
    for (JsonNode ingress : object.path("status").path("loadBalancer").path("ingress")) ips.add(text(ingress, "ip"));
    ips.removeAll(List.of("", "None"));
    List<Integer> nodePorts = new ArrayList<>();
    for (JsonNode port : spec.path("ports")) if (port.path("nodePort").asInt(0) > 0) nodePorts.add(port.path("nodePort").asInt());
    return new Service(shared(namespace(object)), name(object), List.copyOf(ips), nodePorts);
  }

  /** An EndpointSlice of either version. */
  static Endpoints slice(JsonNode object) {
    List<Integer> ports = portNumbers(object.path("ports"));
    List<Endpoints.Endpoint> endpoints = new ArrayList<>();
    for (JsonNode endpoint : object.path("endpoints")) {
      boolean ready = endpoint.path("conditions").path("ready").asBoolean(true);
      for (JsonNode ip : endpoint.path("addresses")) add(endpoints, ip.asString(""), ports, endpoint, ready);
    }
    String service = text(object.path("metadata").path("labels"), SERVICE_NAME);
    return new Endpoints(shared(namespace(object)), name(object), service, endpoints);
  }

  /** A core/v1 Endpoints object. */
  static Endpoints endpoints(JsonNode object) {
    List<Endpoints.Endpoint> endpoints = new ArrayList<>();
    for (JsonNode subset : object.path("subsets")) {
      List<Integer> ports = portNumbers(subset.path("ports"));
      for (JsonNode address : subset.path("addresses")) add(endpoints, text(address, "ip"), ports, address, true);
      for (JsonNode address : subset.path("notReadyAddresses")) add(endpoints, text(address, "ip"), ports, address, false);
    }
    return new Endpoints(shared(namespace(object)), name(object), name(object), endpoints);
  }

  private static void add(List<Endpoints.Endpoint> endpoints, String ip, List<Integer> ports, JsonNode endpoint, boolean ready) {
    JsonNode target = endpoint.path("targetRef");
    String pod = text(target, "kind").equals("Pod") ? text(target, "name") : "";
    if (endpoints.size() < Endpoints.ENDPOINTS_MAX) endpoints.add(new Endpoints.Endpoint(ip, ports, pod, ready));
  }

  private static List<Integer> portNumbers(JsonNode list) {
    List<Integer> ports = new ArrayList<>();
    for (JsonNode port : list) if (port.path("port").asInt(0) > 0) ports.add(port.path("port").asInt());
    return List.copyOf(ports);
  }

  static Node node(JsonNode object) {
    Set<String> addresses = new LinkedHashSet<>();
    for (JsonNode address : object.path("status").path("addresses")) {
      if (text(address, "type").endsWith("IP")) addresses.add(text(address, "address"));
    }
    Set<String> cidrs = new LinkedHashSet<>();
    cidrs.add(text(object.path("spec"), "podCIDR"));
    for (JsonNode cidr : object.path("spec").path("podCIDRs")) cidrs.add(cidr.asString(""));
    cidrs.remove("");
    return new Node(shared(name(object)), List.copyOf(addresses), List.copyOf(cidrs), text(object.path("status").path("nodeInfo"), "kubeletVersion"));
  }

  static Map<String, String> data(JsonNode configMap) {
    Map<String, String> data = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : configMap.path("data").properties()) data.put(entry.getKey(), entry.getValue().asString(""));
    return data;
  }

  static String text(JsonNode object, String field) {
    return object.path(field).asString("");
  }

  /** RFC 3339 text as epoch nanoseconds; 0: there is none. */
  static long time(String text) {
    if (text.isEmpty()) return 0;
    try {
      Instant instant = Instant.parse(text);
      return instant.getEpochSecond() * 1_000_000_000L + instant.getNano();
    } catch (DateTimeParseException e) {
      return 0;
    }
  }

  /** Names that many objects have in common are kept once. */
  private static String shared(String text) {
    return text.intern();
  }
}
