package io.kubeshark.cli;

import io.kubeshark.capture.PcapFile;
import io.kubeshark.capture.PacketSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import tools.jackson.databind.JsonNode;

/** {@code kubeshark pcapdump}: the connections of the stored entries, each one's packets, all of them by time. */
final class PcapDump {
  private static final int CONNECTIONS_MAX = 50_000;
  /** Calls: each waits for API server, front, hub and worker in turn. */
  private static final int AT_ONCE = 6;
  private static final int MISSING_SHOWN_MAX = 20;
  private static final int PAGE = 1_000;
  private static final int PAGES_MAX = 10_000;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final Config config;
  private final String filter;
  private final Duration time;
  private final Path destination;
  private final List<String> missing = new ArrayList<>();

  /** @param time zero: all; @param destination null: named by the time */
  PcapDump(Config config, String filter, Duration time, Path destination) {
    this.config = config;
    this.filter = filter;
    this.time = time;
    this.destination = destination;
  }

  int run(Instant now) {
    Path file = destination == null ? Path.of("kubeshark_" + LogsZip.STAMP.format(now) + ".pcapng") : destination;
    long fromMs = time.isZero() ? Long.MIN_VALUE : now.minus(time).toEpochMilli();
    try (Cluster cluster = Cluster.of(config)) {
      Release release = new Release(cluster, config);
      release.requireSettings();
      try (HubApi hub = new HubApi(cluster, release); PacketSpool spool = new PacketSpool(time.isZero() ? Long.MIN_VALUE : fromMs * NANOS_PER_MILLI)) {
        Set<String> connections = connections(hub, fromMs);
        fetch(hub, connections, spool);
        write(spool, file);
        if (spool.shed() > 0) missing.add(Sizes.count(spool.shed()) + " packets are over the limit of " + Sizes.count(PacketSpool.PACKETS_MAX) + ": name a shorter --time, or a --kfl");
        System.out.println("Wrote " + file + ": " + Sizes.count(spool.count()) + " packets of " + Sizes.count(connections.size()) + " connections");
      }
    } catch (IOException e) {
      throw new Failure("the packets cannot be had: " + e.getMessage());
    }
    for (String what : missing) System.err.println("kubeshark: " + what);
    return missing.isEmpty() ? 0 : Failure.FAILED;
  }

  /** Newest first. */
  private Set<String> connections(HubApi hub, long fromMs) throws IOException {
    Set<String> found = new LinkedHashSet<>();
    String before = "";
    for (int page = 0; page < PAGES_MAX; page++) {
      JsonNode answer = hub.get("/api/entries?limit=" + PAGE + "&q=" + encoded(filter) + (before.isEmpty() ? "" : "&before=" + encoded(before)));
      JsonNode rows = answer.path("rows");
      JsonNode sources = answer.path("sources");
      if (page == 0 && sources.path("answered").asInt(0) < sources.path("asked").asInt(0)) {
        missing.add(sources.path("asked").asInt() - sources.path("answered").asInt() + " of " + sources.path("asked").asInt() + " workers did not answer");
      }
      boolean old = false;
      for (JsonNode row : rows) {
        if (row.path("timestamp").asDouble(0) < fromMs && !time.isZero()) {
          old = true;
        } else if (!row.path("kind").asString("").equals("event") && !row.path("conn").asString("").isEmpty()) { // the cluster's events have no packets
          found.add(row.path("conn").asString());
        }
        if (found.size() >= CONNECTIONS_MAX) {
          missing.add("only the newest " + Sizes.count(CONNECTIONS_MAX) + " connections: name a shorter --time, or a --kfl");
          return found;
        }
      }
      before = answer.path("older").asString("");
      if (rows.isEmpty() || old || before.isEmpty()) break;
    }
    return found;
  }

  private void fetch(HubApi hub, Set<String> connections, PacketSpool spool) throws IOException {
    List<Future<?>> calls = new ArrayList<>();
    try (ExecutorService callers = Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().factory())) {
      for (String connection : connections) calls.add(callers.submit(() -> {
        fetch(hub, connection, spool);
        return null;
      }));
    }
    for (Future<?> call : calls) if (call.state() == Future.State.FAILED) throw new IOException(call.exceptionNow().getMessage(), call.exceptionNow());
  }

  private void fetch(HubApi hub, String connection, PacketSpool spool) throws IOException {
    Path file = Files.createTempFile("kubeshark", ".pcapng");
    try {
      try (InputStream in = hub.stream("/api/pcap?conn=" + encoded(connection))) {
        Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
      }
      synchronized (spool) {
        try (PcapFile packets = PcapFile.open(file.toString())) {
          while (packets.poll(spool, 0) != PacketSource.END) {}
        }
      }
    } catch (IOException e) {
      synchronized (missing) {
        if (missing.size() < MISSING_SHOWN_MAX) missing.add("connection " + connection + ": " + e.getMessage());
      }
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private static void write(PacketSpool spool, Path file) {
    try (OutputStream out = Files.newOutputStream(file)) {
      spool.write(out);
    } catch (IOException e) {
      throw new Failure("'" + file + "' cannot be written: " + e.getMessage());
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
