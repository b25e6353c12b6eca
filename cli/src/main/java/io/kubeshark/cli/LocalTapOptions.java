package io.kubeshark.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of {@code tap} without a cluster. */
final class LocalTapOptions {
  @ArgGroup(exclusive = true)
  Source source;

  static final class Source {
    @Option(names = "--local", required = true, description = "Capture on this machine's network interfaces (needs root or CAP_NET_RAW).")
    boolean local;

    @Option(names = "--pcap", required = true, arity = "1..*", paramLabel = "FILE", description = "Show capture files instead (pcap, pcapng, gzip of these).")
    List<String> files;
  }

  @Option(names = "-i", paramLabel = "INTERFACE", split = ",", description = "Capture on these interfaces only; repeat or separate by commas (default: all).")
  List<String> interfaces = new ArrayList<>();

  @Option(names = "--threads", paramLabel = "N", defaultValue = "1", description = "Capture threads; connections are spread over them (default ${DEFAULT-VALUE}).")
  int threads;

  @Option(names = "--ring-size", paramLabel = "SIZE", converter = Sizes.Bytes.class, defaultValue = "64Mi",
      description = "Kernel memory for packets that wait to be read (default ${DEFAULT-VALUE}).")
  long ringBytes;

  @Mixin StoreOptions store;
}
