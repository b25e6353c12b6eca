package io.kubeshark.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "pcapdump", mixinStandardHelpOptions = true, sortOptions = false, usageHelpAutoWidth = true,
    description = "Write one pcapng file, ordered by time, of the packets that the workers of all nodes still keep (tap.misc.pcapTTL).",
    footer = {"", "Answers 1 if something is missing, e.g. a node that does not answer: it is said, here and in the file's comment; the file is valid all the same."})
final class PcapdumpCommand implements Callable<Integer> {
  @Mixin
  private ClusterOptions cluster;

  @Option(names = "--time", paramLabel = "TIME", converter = Sizes.Time.class, defaultValue = "0", description = "Only packets of the last TIME, e.g. 10m (default: all that are kept).")
  private Duration time;

  @Option(names = "--kfl", paramLabel = "FILTER", defaultValue = "", description = "Only connections that have an entry that matches.")
  private String filter;

  @Option(names = "--dest", paramLabel = "FILE", description = "Where to write (default: kubeshark_TIME.pcapng here).")
  private Path destination;

  @Override
  public Integer call() {
    return new PcapDump(cluster.config(), filter, time, destination).run(Instant.now());
  }
}
