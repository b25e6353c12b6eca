package io.kubeshark.store;

import static io.kubeshark.store.Records.FINGERPRINT;
import static io.kubeshark.store.Records.NOON_NS;

import com.sun.management.ThreadMXBean;
import io.kubeshark.core.Connection;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.LinkType;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Random;

/**
 * Appends, scans and finds; prints one JSON line. Arguments: a directory (on the disk to measure), and how many entries of 700 bytes.
 * The store is smaller than what goes in, so eviction is part of it. CPU: of the whole process, kernel included.
 */
final class StoreBench {
  private static final int RECORD_BYTES = 700;
  private static final Retention RETENTION = new Retention(0, 500L << 20, 64 << 20);

  private StoreBench() {}

  public static void main(String[] arguments) throws Exception {
    Path directory = Path.of(arguments[0]);
    int entries = Integer.parseInt(arguments[1]);
    for (int round = 0; round < 2; round++) {
      try (StoreDirectory home = StoreDirectory.ephemeral(directory)) {
        String head = "{\"round\":" + round + ",\"cold\":" + (round == 0) + ",";
        System.out.println(head + entries(home.path(), entries) + "," + packets(home.path(), entries) + "}");
      }
    }
  }

  private static String entries(Path directory, int entries) throws Exception {
    EntryStore store = new EntryStore(directory, FINGERPRINT, RETENTION, System::nanoTime);
    EntryBus bus = new EntryBus(store, StoreMode.FILE, 1);
    EntryBatcher batcher = bus.batcher();
    byte[] record = Records.record(1, 0, NOON_NS, RECORD_BYTES);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long allocated = threads.getCurrentThreadAllocatedBytes();
    long ownCpu = threads.getCurrentThreadCpuTime();
    long cpu = cpuNs();
    long start = System.nanoTime();
    for (int i = 0; i < entries; i++) {
      LittleEndian.i64(record, EntryLayout.STREAM, i / 8);
      LittleEndian.i32(record, EntryLayout.INDEX, i % 8);
      LittleEndian.i64(record, EntryLayout.START_NS, NOON_NS + i);
      batcher.onEntry(record, 0, RECORD_BYTES);
    }
    batcher.close();
    ownCpu = threads.getCurrentThreadCpuTime() - ownCpu;
    allocated = threads.getCurrentThreadAllocatedBytes() - allocated;
    bus.drain();
    double seconds = (System.nanoTime() - start) / 1e9;
    double cpuPerEntry = (double) (cpuNs() - cpu) / entries;

    LogStats stats = store.stats();
    start = System.nanoTime();
    long scanCpu = threads.getCurrentThreadCpuTime();
    ScanResult all = store.scan(Query.ALL.matching(entry -> entry.index() == 9), entry -> true);
    double scanSeconds = (System.nanoTime() - start) / 1e9;
    scanCpu = threads.getCurrentThreadCpuTime() - scanCpu;
    start = System.nanoTime();
    store.scan(Query.ALL.fromNewest().limited(100), entry -> true);
    double firstScreenMs = (System.nanoTime() - start) / 1e6;
    Random random = new Random(1);
    int gets = 200;
    start = System.nanoTime();
    long getCpu = threads.getCurrentThreadCpuTime();
    for (int i = 0; i < gets; i++) {
      long at = stats.firstSequence() - 1 + random.nextLong(stats.records());
      if (store.get(at / 8, (int) (at % 8)) == null) throw new AssertionError("entry " + at);
    }
    double getMs = (System.nanoTime() - start) / 1e6 / gets;
    double getCpuMs = (threads.getCurrentThreadCpuTime() - getCpu) / 1e6 / gets;
    bus.close();
    store.close();
    start = System.nanoTime();
    new EntryStore(directory, FINGERPRINT, RETENTION, System::nanoTime).close();
    double openSeconds = (System.nanoTime() - start) / 1e9;
    return String.format(
        "\"appends_per_s\":%.0f,\"append_mb_per_s\":%.0f,\"cpu_ns_per_entry\":%.0f,\"pipeline_cpu_ns_per_entry\":%.0f,"
            + "\"pipeline_bytes_allocated_per_entry\":%.3f,\"scan_mb_per_s\":%.0f,\"scan_cpu_mb_per_s\":%.0f,"
            + "\"scan_entries_per_s\":%.0f,\"newest_100_ms\":%.2f,"
            + "\"get_ms\":%.2f,\"get_cpu_ms\":%.2f,\"reopen_s\":%.2f,\"index_bytes\":%d,\"stored_bytes\":%d",
        entries / seconds, entries * (double) RECORD_BYTES / seconds / 1e6, cpuPerEntry, (double) ownCpu / entries,
        (double) allocated / entries,
        all.bytesScanned() / scanSeconds / 1e6, all.bytesScanned() * 1e3 / scanCpu, all.entriesScanned() / scanSeconds,
        firstScreenMs, getMs, getCpuMs, openSeconds, stats.indexBytes(), stats.bytes());
  }

  private static String packets(Path directory, int packets) throws Exception {
    PacketStore store = new PacketStore(directory, Retention.PACKETS, 65_535, StoreMode.FILE, 1, System::nanoTime);
    PacketRecorder recorder = store.recorder();
    Connection[] connections = new Connection[1000];
    for (int i = 0; i < connections.length; i++) connections[i] = new Connection(i, Connection.TCP, false, 0, 1);
    byte[] frame = new byte[800];
    long cpu = cpuNs();
    long start = System.nanoTime();
    for (int i = 0; i < packets; i++) recorder.onPacket(connections[i % 1000], 0, frame, 0, 800, 800, NOON_NS + i, LinkType.ETHERNET);
    recorder.close();
    store.drain();
    double seconds = (System.nanoTime() - start) / 1e9;
    double cpuPerPacket = (double) (cpuNs() - cpu) / packets;
    start = System.nanoTime();
    ScanResult found = store.packetsOf(17, Long.MAX_VALUE, (c, e, a, o, l, w, t, k) -> true);
    double findMs = (System.nanoTime() - start) / 1e6;
    store.close();
    return String.format(
        "\"packets_per_s\":%.0f,\"cpu_ns_per_packet\":%.0f,\"packets_of_ms\":%.1f,\"packets_of_found\":%d", packets / seconds, cpuPerPacket, findMs,
        found.matched());
  }

  private static long cpuNs() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
  }
}
