package io.kubeshark.cli;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/**
 * Every object that carries a release's labels, of every kind that the API server can list; asks the API server which kinds there are, so
 * that one that a later chart makes cannot be forgotten.
 */
final class Leftovers {
  /** Kinds that mirror others, or cannot be deleted. */
  private static final Set<String> SKIPPED = Set.of("events", "componentstatuses", "bindings");
  private static final int FORBIDDEN = 403;
  private static final int NOT_FOUND = 404;
  private static final int METHOD_NOT_ALLOWED = 405;

  /** {@code path} is the object's own. */
  record Item(String kind, String namespace, String name, String path, boolean ending) {
    @Override
    public String toString() {
      return kind + " " + (namespace.isEmpty() ? "" : namespace + "/") + name + (ending ? " (ending)" : "");
    }
  }

  private record Kind(String root, String plural, String kind, boolean namespaced) {}

  private final Cluster cluster;
  private final Release release;
  private final List<Kind> kinds;
  private final boolean elsewhere;
  /** UIDs of its service accounts. Kubernetes before 1.24 makes a token for each, without labels, and may forget it when the account goes. */
  private final Set<String> accounts;
  private final Set<String> unknown = new TreeSet<>();

  Leftovers(Cluster cluster, Release release) {
    this.cluster = cluster;
    this.release = release;
    elsewhere = release.elsewhere() != null;
    kinds = cluster.ask("list what the API server has", Leftovers::kinds);
    accounts = accounts();
  }

  private Set<String> accounts() {
    Set<String> uids = new TreeSet<>();
    try {
      String path = "/api/v1/namespaces/" + release.namespace() + "/serviceaccounts?" + labelled();
      for (JsonNode account : Json.parse(cluster.client().raw(path)).path("items")) uids.add(account.path("metadata").path("uid").asString());
    } catch (KubernetesClientException e) {
      return Set.of(); // find() says that they may not be listed
    }
    return uids;
  }

  private static List<Kind> kinds(KubernetesClient client) {
    Map<String, Kind> found = new LinkedHashMap<>(); // by kind: several groups may show the same objects (Ingress)
    addKinds(client, "/api/v1", found);
    for (JsonNode group : Json.parse(client.raw("/apis")).path("groups")) {
      addKinds(client, "/apis/" + group.path("preferredVersion").path("groupVersion").asString(), found);
    }
    return List.copyOf(found.values());
  }

  private static void addKinds(KubernetesClient client, String root, Map<String, Kind> found) {
    JsonNode list;
    try {
      list = Json.parse(client.raw(root));
    } catch (KubernetesClientException e) {
      return; // an aggregated API whose server is away (metrics): the chart makes nothing of such
    }
    for (JsonNode resource : list.path("resources")) {
      String plural = resource.path("name").asString();
      boolean listed = resource.path("verbs").toString().contains("\"list\"") && resource.path("verbs").toString().contains("\"delete\"");
      if (listed && !plural.contains("/") && !SKIPPED.contains(plural)) {
        found.putIfAbsent(resource.path("kind").asString(), new Kind(root, plural, resource.path("kind").asString(), resource.path("namespaced").asBoolean(false)));
      }
    }
  }

  /** Sorted by kind. Kinds that may not be listed at all are in {@link #unknown()} afterwards. */
  List<Item> find() {
    unknown.clear();
    return findKinds(kinds);
  }

  /** What is left of these: asks for their kinds alone. */
  List<Item> find(List<Item> among) {
    Set<String> names = new TreeSet<>();
    for (Item item : among) names.add(item.kind);
    return findKinds(kinds.stream().filter(kind -> names.contains(kind.kind)).toList());
  }

  private List<Item> findKinds(List<Kind> wanted) {
    List<Item> items = new ArrayList<>();
    for (Kind kind : wanted) items.addAll(find(kind));
    items.sort(Comparator.comparing(Item::kind).thenComparing(Item::namespace).thenComparing(Item::name));
    return items;
  }

  /** Namespaced kinds in the release's namespace alone: another release may have the same name elsewhere. */
  private List<Item> find(Kind kind) {
    String path = kind.root + (kind.namespaced ? "/namespaces/" + release.namespace() : "") + "/" + kind.plural;
    try {
      List<Item> items = items(kind, path + "?" + labelled(), metadata -> kind.namespaced || ours(metadata));
      if (kind.kind.equals("Secret") && !accounts.isEmpty()) {
        items.addAll(items(kind, path + "?fieldSelector=type%3Dkubernetes.io%2Fservice-account-token",
            metadata -> accounts.contains(metadata.path("annotations").path("kubernetes.io/service-account.uid").asString(""))));
      }
      return items;
    } catch (KubernetesClientException e) {
      if (e.getCode() == FORBIDDEN) {
        if (Kinds.OF_THE_CHART.contains(kind.kind)) unknown.add(kind.plural);
      } else if (e.getCode() != NOT_FOUND && e.getCode() != METHOD_NOT_ALLOWED) {
        throw cluster.failure("list " + kind.plural, e);
      }
      return List.of();
    }
  }

  private String labelled() {
    return "labelSelector=" + URLEncoder.encode(release.selector(), StandardCharsets.UTF_8);
  }

  /** Kinds that a release may have made: for others it does not matter that they cannot be seen. */
  private static final class Kinds {
    static final Set<String> OF_THE_CHART = Set.of("Pod", "Deployment", "DaemonSet", "ReplicaSet", "Service", "ConfigMap", "Secret", "ServiceAccount", "Role",
        "RoleBinding", "ClusterRole", "ClusterRoleBinding", "NetworkPolicy", "Ingress", "PersistentVolumeClaim", "SecurityContextConstraints");
  }

  private List<Item> items(Kind kind, String question, Predicate<JsonNode> wanted) {
    List<Item> items = new ArrayList<>();
    for (JsonNode object : Json.parse(cluster.client().raw(question)).path("items")) {
      JsonNode metadata = object.path("metadata");
      if (!wanted.test(metadata)) continue;
      String namespace = metadata.path("namespace").asString("");
      String path = kind.root + (namespace.isEmpty() ? "" : "/namespaces/" + namespace) + "/" + kind.plural + "/" + metadata.path("name").asString();
      items.add(new Item(kind.kind, namespace, metadata.path("name").asString(), path, metadata.has("deletionTimestamp")));
    }
    return items;
  }

  /** An object without a namespace says which release it belongs to, if Helm made it; else it is ours unless the release is elsewhere, too. */
  private boolean ours(JsonNode metadata) {
    String home = metadata.path("annotations").path("meta.helm.sh/release-namespace").asString("");
    return home.isEmpty() ? !elsewhere : home.equals(release.namespace());
  }

  /** Those that are not ending already and have no owner that takes them along. @return what was refused, in words */
  List<String> delete(List<Item> items) {
    List<String> refused = new ArrayList<>();
    // A token of an account that is still there would be made again.
    for (Item item : items.stream().sorted(Comparator.comparing(item -> item.kind.equals("Secret"))).toList()) {
      if (item.ending || Set.of("Pod", "ReplicaSet", "ControllerRevision", "EndpointSlice", "Endpoints").contains(item.kind)) continue;
      try {
        cluster.client().raw(item.path + "?propagationPolicy=Background", "DELETE", null);
      } catch (KubernetesClientException e) {
        if (e.getCode() != NOT_FOUND) refused.add(cluster.failure("delete " + item, e).getMessage());
      }
    }
    return refused;
  }

  List<String> unknown() {
    return List.copyOf(unknown);
  }
}
