package io.kubeshark.kube;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which pods are targets: the name matches the regex somewhere (RE2), the namespace is among {@code namespaces} (empty: all) and not
 * among {@code excludedNamespaces}.
 *
 * @param own also Kubeshark's own pods, which are left out otherwise
 */
public record Targeting(Pattern regex, List<String> namespaces, List<String> excludedNamespaces, boolean own) {
  public static final String POD_REGEX = "POD_REGEX";
  public static final String NAMESPACES = "NAMESPACES";
  public static final String EXCLUDED_NAMESPACES = "EXCLUDED_NAMESPACES";
  /** "true": Kubeshark's own pods, too. */
  public static final String OWN_PODS = "OWN_PODS";

  public static final Targeting ALL = of("", List.of(), List.of());

  public Targeting {
    namespaces = List.copyOf(namespaces);
    excludedNamespaces = List.copyOf(excludedNamespaces);
  }

  /** @throws IllegalArgumentException the regex is none: with what is wrong and where */
  public static Targeting of(String regex, List<String> namespaces, List<String> excludedNamespaces) {
    return new Targeting(compile(regex), namespaces, excludedNamespaces, false);
  }

  /**
   * @param data of the ConfigMap; keys that are missing leave everything in
   * @throws IllegalArgumentException the regex is none: with what is wrong and where
   */
  public static Targeting parse(Map<String, String> data) {
    return new Targeting(compile(data.getOrDefault(POD_REGEX, "")), list(data.get(NAMESPACES)), list(data.get(EXCLUDED_NAMESPACES)),
        "true".equals(data.get(OWN_PODS)));
  }

  /** The ConfigMap's keys for this. */
  public Map<String, String> keys() {
    Map<String, String> keys = new TreeMap<>(Map.of(POD_REGEX, regex.pattern(), NAMESPACES, String.join(",", namespaces),
        EXCLUDED_NAMESPACES, String.join(",", excludedNamespaces)));
    if (own) keys.put(OWN_PODS, "true");
    return keys;
  }

  public boolean test(String namespace, String podName) {
    return (namespaces.isEmpty() || namespaces.contains(namespace)) && !excludedNamespaces.contains(namespace) && regex.matcher(podName).find();
  }

  public boolean test(Pod pod) {
    return (own || !pod.own()) && test(pod.namespace(), pod.name());
  }

  private static List<String> list(String text) {
    if (text == null) return List.of();
    return java.util.Arrays.stream(text.split("[,\\s]+")).filter(name -> !name.isEmpty()).toList();
  }

  private static Pattern compile(String regex) {
    try {
      return Pattern.compile(regex);
    } catch (PatternSyntaxException e) {
      // RE2/J tells the part that is wrong, not where it is.
      String part = e.getPattern() == null ? regex : e.getPattern();
      int at = Math.max(0, regex.indexOf(part)) + 1;
      throw new IllegalArgumentException("pod regex '" + regex + "': " + e.getDescription() + ": `" + part + "` at character " + at, e);
    }
  }
}
