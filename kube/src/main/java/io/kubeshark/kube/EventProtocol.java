package io.kubeshark.kube;

import static io.kubeshark.core.FieldSpec.request;

import io.kubeshark.core.Connection;
import io.kubeshark.core.EntryEncoder;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.FieldSpec;
import io.kubeshark.core.FieldType;
import io.kubeshark.core.FieldWriter;
import io.kubeshark.core.Identity;
import io.kubeshark.core.ProtocolInfo;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Kubernetes events as entries. */
public final class EventProtocol {
  private EventProtocol() {}

  public static final FieldSpec KIND = request(0, "kind", FieldType.STRING, "Kind", "k8s_kind", "Kind of the object that the event is about");
  public static final FieldSpec NAME = request(1, "name", FieldType.STRING, "Name", "k8s_name", "Name of the object that the event is about");
  public static final FieldSpec NAMESPACE = request(2, "namespace", FieldType.STRING, "Namespace", "k8s_namespace", "Namespace of that object");
  public static final FieldSpec REASON = request(3, "reason", FieldType.STRING, "Reason", "k8s_reason",
      "What happened: OOMKilled, Unhealthy, Restarted, …");
  public static final FieldSpec TYPE = request(4, "type", FieldType.STRING, "Type", "k8s_type", "Normal or Warning");
  public static final FieldSpec MESSAGE = request(5, "message", FieldType.STRING, "Message", "k8s_message", "The event in words");
  public static final FieldSpec COUNT = request(6, "count", FieldType.INT, "Count", "k8s_count", "How often it happened so far");
  public static final FieldSpec CONTAINER = request(7, "container", FieldType.STRING, "Container", "k8s_container", "Container that it is about");
  public static final FieldSpec NODE = request(8, "node", FieldType.STRING, "Node", "k8s_node", "Node that it happened on");

  public static final ProtocolInfo INFO = new ProtocolInfo("k8s", "Kubernetes event", "K8S", "event", "#326ce5", "#ffffff",
      "https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/", List.of(), List.of("event", "k8s"),
      new ProtocolInfo.Row(KIND, REASON, MESSAGE), List.of(KIND, NAME, NAMESPACE, REASON, TYPE, MESSAGE, COUNT, CONTAINER, NODE));

  private static final byte[] ID = INFO.id().getBytes(StandardCharsets.US_ASCII);
  /** An event has no addresses: both are ::. */
  private static final Connection NOWHERE = new Connection(0, 0, true, 0, 0);

  /**
   * Encodes the event as a record: then {@code encoder.array()} holds {@code encoder.length()} bytes.
   *
   * @param fields cleared and used
   */
  public static void encode(KubernetesEvent event, FieldWriter fields, EntryEncoder encoder) {
    fields.clear();
    text(fields, KIND, event.kind());
    text(fields, NAME, event.name());
    text(fields, NAMESPACE, event.namespace());
    text(fields, REASON, event.reason());
    text(fields, TYPE, event.type());
    text(fields, MESSAGE, event.message());
    fields.intField(COUNT, event.count());
    text(fields, CONTAINER, event.container());
    text(fields, NODE, event.node());
    EntryLayout.StatusClass status = event.warning() ? EntryLayout.StatusClass.WARN : EntryLayout.StatusClass.NEUTRAL;
    encoder.begin(NOWHERE, ID, EntryLayout.Kind.EVENT, EntryLayout.Capture.UNKNOWN, 0).times(event.timeNs(), event.timeNs(), -1)
        .outcome(status, EntryLayout.FLAG_NO_RESPONSE, 0).fields(fields, null);
  }

  /** Who the event is about, for the record's server end: so a filter by pod, service or namespace finds its events beside its calls. */
  public static Identity about(KubernetesEvent event) {
    String name = event.name();
    String pod = event.kind().equals("Pod") ? name : "";
    String service = event.kind().equals("Service") ? name : "";
    String node = event.kind().equals("Node") ? name : event.node();
    return new Identity(name, event.namespace(), pod, service, service.isEmpty() ? "" : event.namespace(), node, Map.of());
  }

  private static void text(FieldWriter fields, FieldSpec field, String value) {
    if (!value.isEmpty()) fields.stringField(field, value);
  }
}
