package io.kubeshark.cli;

import io.fabric8.kubernetes.client.LocalPortForward;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;

/** Through a port-forward to one ready pod; to another one as soon as that pod is gone. */
final class PortForwardUpstream implements Upstream {
  private final Cluster cluster;
  private final Release release;
  private LocalPortForward forward;
  private String pod;

  PortForwardUpstream(Cluster cluster, Release release) {
    this.cluster = cluster;
    this.release = release;
  }

  @Override
  public synchronized Socket open() throws IOException {
    String ready = release.readyPod(Release.FRONT);
    if (ready == null) throw new IOException("no pod of the front is ready");
    if (forward == null || !forward.isAlive() || !ready.equals(pod)) {
      close();
      forward = cluster.ask("port-forward to " + ready, client -> client.pods().inNamespace(release.namespace()).withName(ready).portForward(Release.FRONT_POD_PORT));
      pod = ready;
    }
    return new Socket(InetAddress.getLoopbackAddress(), forward.getLocalPort());
  }

  @Override
  public String pathPrefix() {
    return "";
  }

  @Override
  public void authorize(HttpHead request) {
    request.set("Host", "localhost");
  }

  @Override
  public synchronized void close() {
    if (forward == null) return;
    try {
      forward.close();
    } catch (IOException e) {
      // It is gone either way.
    }
    forward = null;
  }

  @Override
  public String toString() {
    return "port-forward";
  }
}
