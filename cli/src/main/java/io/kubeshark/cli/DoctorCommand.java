package io.kubeshark.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "doctor", mixinStandardHelpOptions = true, sortOptions = false, usageHelpAutoWidth = true,
    description = "Why do I see nothing? Looks at the installation, each node's worker, the targets and what workers say they are blind for; names the remedy.",
    footer = {"", "Answers 0 if nothing is wrong, 1 if something is."})
final class DoctorCommand implements Callable<Integer> {
  @Mixin
  private ClusterOptions cluster;

  @Option(names = {"-o", "--output"}, paramLabel = "json", description = "Print JSON.")
  private OutputFormat output;

  @Override
  public Integer call() {
    return new Doctor(cluster.config()).run(output == OutputFormat.JSON);
  }
}
