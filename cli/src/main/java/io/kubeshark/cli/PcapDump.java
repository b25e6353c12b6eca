package io.kubeshark.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/** {@code kubeshark pcapdump}: the hub makes the file, from all workers at once; here it is written, and read whether it is whole. */
final class PcapDump {
  private static final int BUFFER_BYTES = 64 << 10;

  private final Config config;
  private final String filter;
  private final Duration time;
  private final Path destination;

  /** @param time zero: all; @param destination null: named by the time */
  PcapDump(Config config, String filter, Duration time, Path destination) {
    this.config = config;
    this.filter = filter;
    this.time = time;
    this.destination = destination;
  }

  int run(Instant now) {
    Path file = destination == null ? Path.of("kubeshark_" + LogsZip.STAMP.format(now) + ".pcapng") : destination;
    try (Cluster cluster = Cluster.of(config)) {
      Release release = new Release(cluster, config);
      release.requireSettings();
      try (HubApi hub = new HubApi(cluster, release); InputStream packets = hub.stream(path(now))) {
        return tell(file, write(packets, file));
      }
    } catch (IOException e) {
      throw new Failure("the packets cannot be had: " + e.getMessage());
    }
  }

  private String path(Instant now) {
    String from = time.isZero() ? "" : "&from=" + now.minus(time).toEpochMilli();
    return "/api/pcap?kfl=" + URLEncoder.encode(filter, StandardCharsets.UTF_8) + from;
  }

  /** What came stays, also if it breaks off. @return why it broke off, or "" */
  private static String write(InputStream packets, Path file) {
    byte[] buffer = new byte[BUFFER_BYTES];
    try (OutputStream out = Files.newOutputStream(file)) {
      while (true) {
        int count;
        try {
          count = packets.read(buffer);
        } catch (IOException e) {
          return String.valueOf(e.getMessage());
        }
        if (count < 0) return "";
        out.write(buffer, 0, count);
      }
    } catch (IOException e) {
      throw new Failure("'" + file + "' cannot be written: " + e.getMessage());
    }
  }

  /** Says what the file says of itself. @return exit code */
  private static int tell(Path file, String broken) throws IOException {
    PcapEnd end = PcapEnd.of(file);
    if (end == null) throw new Failure("'" + file + "' is not whole: " + (broken.isEmpty() ? "the download broke off" : broken) + "; it has the packets that came until then");
    System.out.println("Wrote " + file + ": " + end.summary());
    for (String what : end.missing()) System.err.println("kubeshark: missing: " + what);
    return end.missing().isEmpty() ? 0 : Failure.FAILED;
  }
}
