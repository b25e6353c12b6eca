package io.kubeshark.hub;

import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryView;
import io.kubeshark.core.NamePart;
import io.kubeshark.kube.Pod;
import io.kubeshark.kube.Targeting;
import io.kubeshark.render.JsonWriter;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** What the API answers of the cluster. */
final class ClusterApi {
  private static final String ENTRIES = "entries/";
  private static final String KUBERNETES = "/kubernetes";

  private final Hub hub;
  private final StoredEntries entries;

  ClusterApi(Hub hub, StoredEntries entries) {
    this.hub = hub;
    this.entries = entries;
  }

  private Cluster cluster() throws ApiError {
    if (hub.options().release() == null) throw new ApiError(404, "no-cluster", "this hub serves one machine: there are no pods to target");
    return hub.options().release().cluster();
  }

  void targets(JsonWriter out) throws ApiError {
    Targets.write(cluster().targeting(), cluster().pods(), true, out);
  }

  void preview(JsonNode body, JsonWriter out) throws ApiError {
    Targets.write(Targets.parse(body, cluster().targeting().own()), cluster().pods(), false, out);
  }

  /** Answers with what will be targeted. */
  void apply(JsonNode body, JsonWriter out) throws ApiError {
    Targeting targeting = Targets.parse(body, cluster().targeting().own());
    List<Pod> pods = cluster().pods();
    try {
      cluster().target(targeting);
    } catch (IOException e) {
      throw new ApiError(502, "api-server", "the rule could not be written: " + e.getMessage());
    }
    Targets.write(targeting, pods, true, out);
  }

  /** The id in {@code entries/ID/kubernetes}, or null: another path. Its slash may be there as %2F. */
  static String entryId(String path) {
    if (!path.startsWith(ENTRIES) || !path.endsWith(KUBERNETES) || path.length() <= ENTRIES.length() + KUBERNETES.length()) return null;
    return URLDecoder.decode(path.substring(ENTRIES.length(), path.length() - KUBERNETES.length()).replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  void manifests(String id, JsonWriter out) throws ApiError {
    Cluster cluster = cluster();
    EntryView entry = entries.entry(EntryId.entry(id)).view();
    out.beginObject().key("src");
    manifests(cluster, entry, Direction.CLIENT, out);
    out.key("dst");
    manifests(cluster, entry, Direction.SERVER, out);
    out.endObject();
  }

  private static void manifests(Cluster cluster, EntryView entry, Direction end, JsonWriter out) throws ApiError {
    out.beginObject();
    yaml(cluster, "pod", entry.nameText(end, NamePart.NAMESPACE), entry.nameText(end, NamePart.POD), out);
    yaml(cluster, "service", entry.nameText(end, NamePart.SERVICE_NAMESPACE), entry.nameText(end, NamePart.SERVICE), out);
    out.endObject();
  }

  private static void yaml(Cluster cluster, String kind, String namespace, String name, JsonWriter out) throws ApiError {
    if (name.isEmpty()) return;
    try {
      out.key(kind).string(cluster.yaml(kind + "s", namespace, name)); // null: it is gone
    } catch (IOException e) {
      throw new ApiError(502, "api-server", "the manifest of " + kind + " " + namespace + "/" + name + " could not be read: " + e.getMessage());
    }
  }

  /** Each worker's health, and why one does not answer. */
  void workers(JsonWriter out) {
    out.beginArray();
    for (StatsTicker.Sample sample : hub.ticker().samples()) StatsTicker.health(sample, out);
    out.endArray();
  }
}
