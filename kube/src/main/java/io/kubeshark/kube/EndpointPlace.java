package io.kubeshark.kube;

import java.io.IOException;
import tools.jackson.databind.JsonNode;

/** Chooses between the API's ways to tell who is behind a service, before each list: a server may have been upgraded. */
final class EndpointPlace implements ListWatch.Place {
  private final KubeApi api;
  private volatile String path = "";

  EndpointPlace(KubeApi api) {
    this.api = api;
  }

  @Override
  public String path() throws IOException {
    path = discover();
    return path;
  }

  private String discover() throws IOException {
    try {
      boolean beta = false;
      for (JsonNode version : api.get("/apis/discovery.k8s.io").path("versions")) {
        if (ApiObjects.text(version, "version").equals("v1")) return "/apis/discovery.k8s.io/v1/endpointslices";
        beta |= ApiObjects.text(version, "version").equals("v1beta1");
      }
      if (beta) return "/apis/discovery.k8s.io/v1beta1/endpointslices";
    } catch (KubeApi.Refused e) {
      if (e.status != 404) throw e;
    }
    return "/api/v1/endpoints";
  }

  Endpoints read(JsonNode object) {
    return path.startsWith("/api/") ? ApiObjects.endpoints(object) : ApiObjects.slice(object);
  }
}
