package io.kubeshark.hub;

import java.nio.file.Path;
import java.util.List;

/**
 * @param host address to listen on
 * @param port 0: any free one ({@link Hub#port})
 * @param frontDirectory the dashboard's files, or null: API only
 * @param mode {@code local} or {@code pcap}
 * @param source what is captured, for people: "all interfaces" or a file's name
 * @param hosts names under which browsers may call this hub, besides localhost, 127.0.0.1, [::1] and {@code host}
 */
public record HubOptions(
    String host, int port, Path frontDirectory, String mode, String source, String version, List<WorkerAddress> workers, List<String> hosts) {
  public static final String HOST = "127.0.0.1";
  public static final int PORT = 8899;

  public HubOptions {
    workers = List.copyOf(workers);
    hosts = List.copyOf(hosts);
  }
}
