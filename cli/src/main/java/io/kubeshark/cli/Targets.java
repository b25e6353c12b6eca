package io.kubeshark.cli;

import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.dsl.PodResource;
import io.kubeshark.kube.Targeting;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Which pods a rule targets now. */
final class Targets {
  static final String BPF_OVERRIDE = "BPF_OVERRIDE";
  private static final long PAGE = 500;

  /** One targeted pod. {@code node} is "" until it has one. */
  record Target(String namespace, String name, String node, String ip) {
    static Target of(Pod pod) {
      String node = pod.getSpec().getNodeName();
      String ip = pod.getStatus() == null ? null : pod.getStatus().getPodIP();
      return new Target(pod.getMetadata().getNamespace(), pod.getMetadata().getName(), node == null ? "" : node, ip == null ? "" : ip);
    }

    String key() {
      return namespace + "/" + name;
    }
  }

  private Targets() {}

  static Targeting rule(Config config) {
    try {
      return Targeting.of(config.text("tap.regex"), config.texts("tap.namespaces"), config.texts("tap.excludedNamespaces"));
    } catch (IllegalArgumentException e) {
      throw new Failure(Failure.USAGE, "the " + e.getMessage());
    }
  }

  /** As the workers decide: not Kubeshark's own pods, and none that is over. */
  static boolean matches(Targeting rule, Pod pod) {
    Map<String, String> labels = pod.getMetadata().getLabels();
    boolean own = labels != null && Release.PROGRAM.equals(labels.get(Release.LABEL_NAME));
    String phase = pod.getStatus() == null ? "" : String.valueOf(pod.getStatus().getPhase());
    boolean over = phase.equals("Succeeded") || phase.equals("Failed");
    return !over && (rule.own() || !own) && rule.test(pod.getMetadata().getNamespace(), pod.getMetadata().getName());
  }

  /** Pods that the rule can match: asks for one namespace only where it names one, because a user may have rights there alone. */
  static FilterWatchListDeletable<Pod, PodList, PodResource> pods(KubernetesClient client, Targeting rule) {
    return rule.namespaces().size() == 1 ? client.pods().inNamespace(rule.namespaces().getFirst()) : client.pods().inAnyNamespace();
  }

  /** By namespace and name. @param resourceVersion element 0 is set to where a watch goes on */
  static List<Target> list(Cluster cluster, Targeting rule, String[] resourceVersion) {
    List<Target> found = new ArrayList<>();
    String next = null;
    do {
      String from = next;
      PodList page = cluster.ask("list pods", client -> pods(client, rule).list(new ListOptionsBuilder().withLimit(PAGE).withContinue(from).build()));
      for (Pod pod : page.getItems()) if (matches(rule, pod)) found.add(Target.of(pod));
      resourceVersion[0] = page.getMetadata().getResourceVersion();
      next = page.getMetadata().getContinue();
    } while (next != null && !next.isEmpty());
    found.sort(Comparator.comparing(Target::namespace).thenComparing(Target::name));
    return found;
  }

  /** "N pods in M namespaces across K nodes". */
  static String count(List<Target> targets) {
    long namespaces = targets.stream().map(Target::namespace).distinct().count();
    long nodes = targets.stream().map(Target::node).filter(node -> !node.isEmpty()).distinct().count();
    return plural(targets.size(), "pod") + " in " + plural(namespaces, "namespace") + " across " + plural(nodes, "node");
  }

  static String plural(long count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }

  /** The rule in words, as an option would give it. */
  static String words(Targeting rule) {
    StringBuilder words = new StringBuilder();
    String regex = rule.regex().pattern();
    words.append(regex.isEmpty() || regex.equals(".*") ? "all pods" : "pods that match " + regex);
    words.append(rule.namespaces().isEmpty() ? " in all namespaces" : " in " + String.join(", ", rule.namespaces()));
    if (!rule.excludedNamespaces().isEmpty()) words.append(" except ").append(String.join(", ", rule.excludedNamespaces()));
    return words.toString();
  }

  static Map<String, Object> json(Targeting rule, List<Target> targets) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("regex", rule.regex().pattern());
    json.put("namespaces", rule.namespaces());
    json.put("excluded", rule.excludedNamespaces());
    json.put("pods", targets);
    json.put("counts", new TreeMap<>(Map.of("pods", targets.size(), "namespaces", targets.stream().map(Target::namespace).distinct().count(),
        "nodes", targets.stream().map(Target::node).filter(node -> !node.isEmpty()).distinct().count())));
    return json;
  }
}
