package io.kubeshark.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "logs", mixinStandardHelpOptions = true, sortOptions = false, usageHelpAutoWidth = true,
    description = "Write a zip with what is needed to find out what is wrong: the log of each container (the one before a restart, too), events, "
        + "the state of pods, the configuration. No secrets, no captured traffic.")
final class LogsCommand implements Callable<Integer> {
  @Mixin
  private ClusterOptions cluster;

  @Option(names = {"-f", "--file"}, paramLabel = "FILE", description = "Where to write (default: kubeshark_logs_TIME.zip here).")
  private String file;

  @Option(names = {"-g", "--grep"}, paramLabel = "REGEX", description = "Only lines that match this regular expression.")
  private String grep;

  @Override
  public Integer call() {
    return new LogsZip(cluster.config().withOption("--file", "logs.file", file).withOption("--grep", "logs.grep", grep)).run(java.time.Instant.now());
  }
}
