package io.kubeshark.kube;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLWriteFeature;

/**
 * Pods and services as YAML for people: without what only machines write (managedFields, last-applied), and without values that are
 * secrets, by their variable's or option's name or as the password of a URL. Other kinds are refused.
 */
public final class Manifests {
  private Manifests() {}

  /** In place of a value that is not shown. */
  static final String HIDDEN = "(hidden)";
  private static final Set<String> KINDS = Set.of("pods", "services");
  private static final String SECRET_WORDS = "pass|pwd|secret|token|credential|api_?key|access_?key|private_?key|auth|dsn|cookie|salt|signature|cert";
  private static final Pattern SECRET_NAME = Pattern.compile("(?i)(" + SECRET_WORDS + ")|(^|[_.-])key($|[_.-])");
  /** {@code --db-password=x}, {@code password: x}; what stands in front of the value is group 1. */
  private static final Pattern SECRET_OPTION =
      Pattern.compile("(?i)([\\w.-]*(?:" + SECRET_WORDS + ")[\\w.-]*\\s*[=:]\\s*)(\"[^\"]*\"|'[^']*'|[^\\s&,;]+)");
  private static final Pattern SECRET_FLAG = Pattern.compile("(?i)^--?[\\w.-]*(?:" + SECRET_WORDS + ")[\\w.-]*$");
  private static final Pattern URL_PASSWORD = Pattern.compile("(\\w+://[^\\s/:@]*:)[^\\s/@]+@");
  private static final Pattern BEARER = Pattern.compile("(?i)((?:bearer|basic)\\s+)[\\w.~+/=-]+");
  private static final Set<String> ANNOTATIONS_DROPPED = Set.of("kubectl.kubernetes.io/last-applied-configuration");

  private static final YAMLMapper YAML = YAMLMapper.builder().disable(YAMLWriteFeature.WRITE_DOC_START_MARKER)
      .enable(YAMLWriteFeature.MINIMIZE_QUOTES).enable(YAMLWriteFeature.LITERAL_BLOCK_STYLE).disable(YAMLWriteFeature.SPLIT_LINES)
      .enable(YAMLWriteFeature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS).build();

  /**
   * @param plural {@code pods} or {@code services}
   * @return the object's YAML, or null: there is none
   * @throws IOException the API server is away or refuses
   */
  public static String fetch(KubeApi api, String plural, String namespace, String name) throws IOException {
    if (!KINDS.contains(plural)) throw new IllegalArgumentException("'" + plural + "' are not shown; only " + KINDS);
    try {
      return yaml(api.get("/api/v1/namespaces/" + segment(namespace) + '/' + plural + '/' + segment(name)));
    } catch (KubeApi.Refused e) {
      if (e.status == 404) return null;
      throw e;
    }
  }

  /** Names come from outside: none may leave its place in the path. */
  private static String segment(String text) {
    if (text.isEmpty() || text.startsWith(".")) throw new IllegalArgumentException("'" + text + "' is no name of an object");
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** @param object is changed */
  static String yaml(JsonNode object) {
    if (object.path("metadata") instanceof ObjectNode metadata) {
      metadata.remove("managedFields");
      metadata.remove("selfLink");
      if (metadata.path("annotations") instanceof ObjectNode annotations) hideAnnotations(metadata, annotations);
    }
    JsonNode spec = object.path("spec");
    for (String list : List.of("containers", "initContainers", "ephemeralContainers")) for (JsonNode container : spec.path(list)) hide(container);
    return YAML.writeValueAsString(object);
  }

  private static void hideAnnotations(ObjectNode metadata, ObjectNode annotations) {
    annotations.remove(ANNOTATIONS_DROPPED);
    for (Map.Entry<String, JsonNode> annotation : annotations.properties()) {
      boolean secret = SECRET_NAME.matcher(annotation.getKey()).find();
      annotation.setValue(StringNode.valueOf(secret ? HIDDEN : hidden(annotation.getValue().asString(""))));
    }
    if (annotations.isEmpty()) metadata.remove("annotations");
  }

  private static void hide(JsonNode container) {
    for (JsonNode variable : container.path("env")) {
      if (!(variable instanceof ObjectNode env) || !env.has("value")) continue;
      boolean secret = SECRET_NAME.matcher(ApiObjects.text(env, "name")).find();
      env.put("value", secret ? HIDDEN : hidden(ApiObjects.text(env, "value")));
    }
    for (String list : List.of("command", "args")) if (container.path(list) instanceof ArrayNode words) hideWords(words);
    for (String probe : List.of("livenessProbe", "readinessProbe", "startupProbe")) hideProbe(container.path(probe));
    hideProbe(container.path("lifecycle").path("postStart"));
    hideProbe(container.path("lifecycle").path("preStop"));
  }

  private static void hideProbe(JsonNode probe) {
    if (probe.path("exec").path("command") instanceof ArrayNode words) hideWords(words);
    for (JsonNode node : probe.path("httpGet").path("httpHeaders")) {
      if (node instanceof ObjectNode header && SECRET_NAME.matcher(ApiObjects.text(header, "name")).find()) header.put("value", HIDDEN);
    }
  }

  private static void hideWords(ArrayNode words) {
    boolean secret = false;
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i).asString("");
      words.set(i, StringNode.valueOf(secret ? HIDDEN : hidden(word)));
      secret = SECRET_FLAG.matcher(word).find();
    }
  }

  private static String hidden(String text) {
    String hidden = replace(URL_PASSWORD, text, HIDDEN + "@");
    hidden = replace(BEARER, hidden, HIDDEN);
    return replace(SECRET_OPTION, hidden, HIDDEN);
  }

  private static String replace(Pattern pattern, String text, String value) {
    return pattern.matcher(text).replaceAll("$1" + Matcher.quoteReplacement(value));
  }
}
