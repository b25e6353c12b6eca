package io.kubeshark.kube;

import java.io.IOException;
import tools.jackson.databind.JsonNode;

/** Objects as YAML for people: without managedFields and last-applied, and without values that are secrets. */
public final class Manifests {
  private Manifests() {}

  /** The object's YAML, or null: there is none. @param plural {@code pods} or {@code services} */
  public static String fetch(KubeApi api, String plural, String namespace, String name) throws IOException {
    return null;
  }

  static String yaml(JsonNode object) {
    return "";
  }
}
