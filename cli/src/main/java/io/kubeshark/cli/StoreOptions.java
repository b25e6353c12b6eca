package io.kubeshark.cli;

import io.kubeshark.store.Retention;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Option;

/** What is kept, how long, and where. */
final class StoreOptions {
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

  /** @param live a file's entries are not news: they stay until the size is reached */
  Retention entries(boolean live) {
    return Retention.ENTRIES.withTtl(live ? entriesTtl : Duration.ZERO).withBytesMax(entriesBytes);
  }

  Retention packets(boolean live) {
    return Retention.PACKETS.withTtl(live ? packetsTtl : Duration.ZERO).withBytesMax(packetsBytes);
  }

  Path parent() {
    if (dataDirectory != null) return dataDirectory;
    String temporary = System.getenv("TMPDIR");
    return Path.of(temporary == null || temporary.isBlank() ? "/var/tmp" : temporary);
  }

  Failure unusable(FileSystemException cause) {
    String reason = switch (cause) {
      case AccessDeniedException _ -> "no permission";
      case FileAlreadyExistsException _ -> "it is a file";
      case NoSuchFileException _ -> "it cannot be made";
      default -> cause.getMessage();
    };
    return new Failure("entries and packets cannot be kept in '" + parent() + "' (" + reason + "): choose another directory with --data-dir");
  }
}
