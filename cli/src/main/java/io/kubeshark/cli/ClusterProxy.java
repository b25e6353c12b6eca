package io.kubeshark.cli;

import java.util.concurrent.CountDownLatch;

/** {@code kubeshark proxy}. */
final class ClusterProxy {
  private final Config config;

  ClusterProxy(Config config) {
    this.config = config;
  }

  int run() throws InterruptedException {
    try (Cluster cluster = Cluster.of(config)) {
      Release release = new Release(cluster, config);
      release.requireSettings();
      FrontRoute route = new FrontRoute(FrontAccess.of(cluster, release), ClusterProxy::tell);
      try (LocalProxy proxy = new LocalProxy(config.text("tap.proxy.host"), config.number("tap.proxy.front.port"), route)) {
        if (route.token() == null) tell("The hub's token cannot be read (Secret kubeshark-hub-token): the dashboard asks for it.");
        tell("Dashboard: " + proxy.url() + "   (Ctrl-C ends)");
        if (!config.flag("headless")) Browser.open(proxy.url());
        new CountDownLatch(1).await();
      }
    }
    return 0;
  }

  private static void tell(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
