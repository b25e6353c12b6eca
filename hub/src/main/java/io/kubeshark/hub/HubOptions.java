package io.kubeshark.hub;

import io.kubeshark.core.Schema;
import io.kubeshark.wire.BearerToken;
import io.kubeshark.wire.ReleaseTls;
import java.nio.file.Path;
import java.util.List;

/**
 * @param host address to listen on
 * @param port 0: any free one ({@link Hub#port})
 * @param frontDirectory the dashboard's files, or null: API only
 * @param mode {@code local}, {@code pcap} or {@code cluster}
 * @param source what is captured, for people: "all interfaces" or a file's name
 * @param workers that are there from the start
 * @param hosts names under which browsers may call this hub, besides localhost, 127.0.0.1, [::1] and {@code host}
 * @param release null: on one machine
 */
public record HubOptions(
    String host, int port, Path frontDirectory, String mode, String source, String version, List<WorkerAddress> workers, List<String> hosts, Release release) {
  public static final String HOST = "127.0.0.1";
  public static final int PORT = 8899;
  /** In a cluster. */
  public static final int CLUSTER_PORT = 8443;

  /**
   * A hub in a cluster: callers need the token, workers come from the cluster and are connected only while somebody looks.
   *
   * @param tls null: plain, for tests
   * @param schema what the hub knows without any worker; with the protocol of Kubernetes events
   * @param workerPort of worker pods
   */
  public record Release(Cluster cluster, BearerToken token, ReleaseTls tls, Schema schema, int workerPort) {}

  public HubOptions {
    workers = List.copyOf(workers);
    hosts = List.copyOf(hosts);
  }

  public HubOptions(String host, int port, Path frontDirectory, String mode, String source, String version, List<WorkerAddress> workers, List<String> hosts) {
    this(host, port, frontDirectory, mode, source, version, workers, hosts, null);
  }

  public static HubOptions cluster(String host, int port, String version, Release release) {
    return new HubOptions(host, port, null, "cluster", "all targeted pods", version, List.of(), List.of(), release);
  }
}
