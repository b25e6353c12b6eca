package io.kubeshark.hub;

import com.google.re2j.PatternSyntaxException;
import io.kubeshark.kube.Pod;
import io.kubeshark.kube.Targeting;
import io.kubeshark.render.JsonWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/** Which pods are captured, as docs/api.md has it. */
final class Targets {
  /** Pods of one answer; the counts are of all. */
  private static final int PODS_MAX = 20_000;
  private static final int NAMES_MAX = 1000;

  private Targets() {}

  /**
   * @param own whether Kubeshark's own pods are meant, too: stays as it is
   * @throws ApiError 400: not the three inputs, or {@code bad-regex} with its position
   */
  static Targeting parse(JsonNode body, boolean own) throws ApiError {
    String regex = body.path("regex").asString("");
    try {
      Targeting parsed = Targeting.of(regex, names(body, "namespaces"), names(body, "excluded"));
      return new Targeting(parsed.regex(), parsed.namespaces(), parsed.excludedNamespaces(), own);
    } catch (IllegalArgumentException e) {
      throw new ApiError(400, "bad-regex", e.getMessage(), position(regex, e.getCause()));
    }
  }

  private static List<String> names(JsonNode body, String key) throws ApiError {
    JsonNode names = body.path(key);
    if (!names.isMissingNode() && !names.isArray() || names.size() > NAMES_MAX) throw ApiError.badRequest(key + ": a list of at most " + NAMES_MAX + " names is wanted");
    List<String> list = new ArrayList<>();
    for (JsonNode name : names) {
      String text = name.asString("").strip();
      if (!text.matches("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")) throw ApiError.badRequest(key + ": '" + text + "' is no name of a namespace");
      list.add(text);
    }
    return list;
  }

  /** RE2/J says which part is wrong, not where it is; of a parenthesis that is missing, which has none to it is looked for. */
  static int position(String regex, Throwable cause) {
    if (!(cause instanceof PatternSyntaxException wrong)) return 0;
    if (wrong.getDescription().contains("missing closing )")) return unclosed(regex);
    String part = wrong.getPattern();
    int at = part == null || part.isEmpty() ? -1 : regex.lastIndexOf(part);
    return at >= 0 ? at : Math.max(0, regex.length() - 1);
  }

  private static int unclosed(String regex) {
    List<Integer> open = new ArrayList<>();
    boolean inClass = false;
    for (int i = 0; i < regex.length(); i++) {
      char c = regex.charAt(i);
      if (c == '\\') i++;
      else if (inClass) inClass = c != ']';
      else if (c == '[') inClass = true;
      else if (c == '(') open.add(i);
      else if (c == ')' && !open.isEmpty()) open.removeLast();
    }
    return open.isEmpty() ? Math.max(0, regex.length() - 1) : open.getLast();
  }

  /** {@code {"regex","namespaces","excluded","pods","counts"}}. @param all also pods that are not targeted */
  static void write(Targeting targeting, List<Pod> pods, boolean all, JsonWriter out) {
    out.beginObject();
    rule(targeting, out);
    out.key("pods").beginArray();
    int left = PODS_MAX;
    for (Pod pod : pods) {
      boolean targeted = !pod.over() && targeting.test(pod);
      if (pod.over() || !all && !targeted || left-- <= 0) continue;
      out.beginObject().key("name").string(pod.name()).key("namespace").string(pod.namespace()).key("node").string(pod.node());
      out.key("ip").string(pod.ip()).key("targeted").bool(targeted).endObject();
    }
    out.endArray();
    counts(targeting, pods, out);
    out.endObject();
  }

  /** {@code "regex":…,"namespaces":…,"excluded":…}. */
  static void rule(Targeting targeting, JsonWriter out) {
    out.key("regex").string(targeting.regex().pattern()).key("namespaces").beginArray();
    for (String namespace : targeting.namespaces()) out.string(namespace);
    out.endArray().key("excluded").beginArray();
    for (String namespace : targeting.excludedNamespaces()) out.string(namespace);
    out.endArray();
  }

  /** {@code "counts":{"pods","namespaces","nodes"}} of the targeted pods. */
  static void counts(Targeting targeting, List<Pod> pods, JsonWriter out) {
    out.key("counts");
    countsObject(targeting, pods, out);
  }

  static void countsObject(Targeting targeting, List<Pod> pods, JsonWriter out) {
    int count = 0;
    Set<String> namespaces = new TreeSet<>();
    Set<String> nodes = new TreeSet<>();
    for (Pod pod : pods) {
      if (pod.over() || !targeting.test(pod)) continue;
      count++;
      namespaces.add(pod.namespace());
      if (!pod.node().isEmpty()) nodes.add(pod.node());
    }
    out.beginObject().key("pods").number(count).key("namespaces").number(namespaces.size()).key("nodes").number(nodes.size()).endObject();
  }
}
