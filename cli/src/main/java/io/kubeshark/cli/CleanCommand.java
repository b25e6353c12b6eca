package io.kubeshark.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "clean", mixinStandardHelpOptions = true, sortOptions = false, usageHelpAutoWidth = true,
    description = "Remove Kubeshark from the cluster, wait until its pods are gone, and make sure that nothing of it remains.",
    footer = {"", "Answers 1 and says what remains if something does."})
final class CleanCommand implements Callable<Integer> {
  @Mixin
  private ClusterOptions cluster;

  @Option(names = {"-o", "--output"}, paramLabel = "json", description = "Print what remains as JSON.")
  private OutputFormat output;

  @Override
  public Integer call() throws InterruptedException {
    return new Cleanup(cluster.config()).run(output == OutputFormat.JSON);
  }
}
