package io.kubeshark.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ArgGroup;
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

  @Option(names = "--entries-ttl", paramLabel = "TIME", converter = Sizes.Time.class, defaultValue = "5m", description = "Keep entries this long (default ${DEFAULT-VALUE}; 0: only the size counts).")
  Duration entriesTtl;

  @Option(names = "--packets-ttl", paramLabel = "TIME", converter = Sizes.Time.class, defaultValue = "10s", description = "Keep packets this long (default ${DEFAULT-VALUE}; 0: only the size counts).")
  Duration packetsTtl;

  @Option(names = "--entries-size", paramLabel = "SIZE", converter = Sizes.Bytes.class, defaultValue = "500Mi", description = "Keep at most this much of entries (default ${DEFAULT-VALUE}).")
  long entriesBytes;

  @Option(names = "--packets-size", paramLabel = "SIZE", converter = Sizes.Bytes.class, defaultValue = "512Mi", description = "Keep at most this much of packets (default ${DEFAULT-VALUE}).")
  long packetsBytes;

  @Option(names = "--data-dir", paramLabel = "DIR", description = "Where entries and packets are kept while it runs (default: $TMPDIR or /var/tmp).")
  Path dataDirectory;

  @Option(names = "--body-bytes", paramLabel = "SIZE", converter = Sizes.Bytes.class, defaultValue = "64Ki", description = "Keep this much of each body (default ${DEFAULT-VALUE}).")
  long bodyBytes;
}
