package io.kubeshark.capture;

import java.nio.file.Path;
import java.util.List;

/**
 * What to capture.
 *
 * @param interfaces names; empty, or "any" among them: all interfaces, also those that appear later
 * @param threads how many sources share the packets, by flow
 * @param ringBytes of kernel memory for all rings together
 * @param snapLength bytes kept of each packet
 * @param filter a capture filter (pcap-filter(7)), null: all packets
 * @param networkNamespace such as /proc/PID/ns/net, null: this process's own
 */
public record AfPacketOptions(
    List<String> interfaces, int threads, long ringBytes, int snapLength, String filter, Path networkNamespace) {
  public static final String ANY = "any";
  /** 64 MiB lost nothing at 13–15 Gbit/s on two cores; 4 MiB lost 2 %. */
  public static final long RING_BYTES_DEFAULT = 64L << 20;
  public static final int SNAP_LENGTH_MAX = 256 * 1024;
  public static final int THREADS_MAX = 256;
  public static final int INTERFACES_MAX = 64;
  /** More is refused by the kernel's int arithmetic. */
  public static final long RING_BYTES_MAX = 16L << 30;

  public AfPacketOptions {
    interfaces = interfaces.isEmpty() || interfaces.contains(ANY) ? List.of(ANY) : interfaces.stream().distinct().toList();
    check(interfaces.size(), 1, INTERFACES_MAX, "interfaces");
    check(threads, 1, THREADS_MAX, "capture threads");
    check(ringBytes, 1, RING_BYTES_MAX, "bytes of capture ring");
    check(snapLength, 1, SNAP_LENGTH_MAX, "bytes of snap length");
  }

  private static void check(long value, long min, long max, String what) {
    if (value < min || value > max) throw new IllegalArgumentException(value + " " + what + ": from " + min + " to " + max);
  }

  public static AfPacketOptions any() {
    return new AfPacketOptions(List.of(), 1, RING_BYTES_DEFAULT, SNAP_LENGTH_MAX, null, null);
  }

  public AfPacketOptions withInterfaces(List<String> names) {
    return new AfPacketOptions(names, threads, ringBytes, snapLength, filter, networkNamespace);
  }

  public AfPacketOptions withThreads(int count) {
    return new AfPacketOptions(interfaces, count, ringBytes, snapLength, filter, networkNamespace);
  }

  public AfPacketOptions withRingBytes(long bytes) {
    return new AfPacketOptions(interfaces, threads, bytes, snapLength, filter, networkNamespace);
  }

  public AfPacketOptions withSnapLength(int bytes) {
    return new AfPacketOptions(interfaces, threads, ringBytes, bytes, filter, networkNamespace);
  }

  public AfPacketOptions withFilter(String expression) {
    return new AfPacketOptions(interfaces, threads, ringBytes, snapLength, expression, networkNamespace);
  }

  public AfPacketOptions withNetworkNamespace(Path namespace) {
    return new AfPacketOptions(interfaces, threads, ringBytes, snapLength, filter, namespace);
  }
}
