package io.kubeshark.cli;

import io.fabric8.kubernetes.client.KubernetesClientException;

/** What the way to a front is made of. Any thread. */
interface FrontAccess {
  Upstream apiServer();

  Upstream portForward();

  /** Whether a front's pod is ready: then a failure is the way's. */
  boolean ready();

  /** For the hub; null if it may not be read. */
  String token();

  void refreshLogin();

  static FrontAccess of(Cluster cluster, Release release) {
    return new FrontAccess() {
      @Override
      public Upstream apiServer() {
        return new ApiServerUpstream(cluster.client().getConfiguration(), release.namespace(), Release.FRONT_SERVICE + ":" + Release.FRONT_SERVICE_PORT);
      }

      @Override
      public Upstream portForward() {
        return new PortForwardUpstream(cluster, release);
      }

      @Override
      public boolean ready() {
        try {
          return release.readyPod(Release.FRONT) != null;
        } catch (Failure | KubernetesClientException e) {
          return false; // then port-forward would not work either
        }
      }

      @Override
      public String token() {
        return release.hubToken();
      }

      @Override
      public void refreshLogin() {
        cluster.refreshLogin();
      }
    };
  }
}
