package io.kubeshark.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "proxy", mixinStandardHelpOptions = true, sortOptions = false, usageHelpAutoWidth = true,
    description = "Show the dashboard of an installed Kubeshark on this machine, through the API server; goes on when the front's pod is replaced.",
    footer = {"", "Runs until Ctrl-C. Who reaches the address sees the traffic: the login is added here."})
final class ProxyCommand implements Callable<Integer> {
  @Mixin
  private ClusterOptions cluster;

  @Mixin
  private ProxyOptions proxy;

  @Override
  public Integer call() throws InterruptedException {
    return new ClusterProxy(proxy.into(cluster.config())).run();
  }
}
