package io.kubeshark.kube;

import static io.kubeshark.kube.ApiObjects.text;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/** Event objects, each of their occurrences once, however often they are listed. */
final class EventFeed {
  /** Event objects remembered; beyond, one that is listed again is told again. */
  private static final int SEEN_MAX = 8_192;
  private static final int MESSAGE_LENGTH_MAX = 1_024;

  private final Consumer<KubernetesEvent> sink;
  /** Time of the last occurrence, by object. */
  private final Map<String, Long> seen = new LinkedHashMap<>(256, 0.75f, true) {
    @Override
    protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
      return size() > SEEN_MAX;
    }
  };

  EventFeed(Consumer<KubernetesEvent> sink) {
    this.sink = sink;
  }

  void put(JsonNode object) {
    KubernetesEvent event = read(object);
    Long before = seen.put(event.uid(), event.timeNs());
    if (before == null || event.timeNs() > before) sink.accept(event);
  }

  /** A core/v1 Event, of which newer senders leave out the older fields. */
  static KubernetesEvent read(JsonNode object) {
    JsonNode about = object.path("involvedObject");
    JsonNode series = object.path("series");
    long timeNs = Math.max(ApiObjects.time(text(object, "lastTimestamp")), ApiObjects.time(text(series, "lastObservedTime")));
    if (timeNs == 0) timeNs = ApiObjects.time(text(object, "eventTime"));
    if (timeNs == 0) timeNs = ApiObjects.time(text(object.path("metadata"), "creationTimestamp"));
    int count = Math.max(1, Math.max(object.path("count").asInt(0), series.path("count").asInt(0)));
    String message = text(object, "message");
    if (message.length() > MESSAGE_LENGTH_MAX) message = message.substring(0, MESSAGE_LENGTH_MAX) + "…";
    return new KubernetesEvent(timeNs, text(object.path("metadata"), "uid"), text(about, "kind"), text(about, "namespace"), text(about, "name"),
        text(object, "reason"), text(object, "type"), message, count, container(text(about, "fieldPath")), text(object.path("source"), "host"));
  }

  /** {@code spec.containers{name}}, as kubelet writes it. */
  private static String container(String fieldPath) {
    int open = fieldPath.indexOf('{');
    int close = fieldPath.indexOf('}', open + 1);
    return open >= 0 && close > open && fieldPath.contains("ontainers") ? fieldPath.substring(open + 1, close) : "";
  }
}
