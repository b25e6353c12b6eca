package io.kubeshark.worker;

import io.kubeshark.core.Connection;
import io.kubeshark.core.EntryEncoder;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.FieldSpec;
import io.kubeshark.core.FieldType;
import io.kubeshark.core.FieldWriter;
import io.kubeshark.core.Schema;
import io.kubeshark.kube.ClusterTable;
import io.kubeshark.kube.Pod;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Nanoseconds and bytes allocated for the names of an entry of 1 KB, in a cluster of 2,000 pods of which this node's 110 speak. Run by hand. */
final class NamingBench {
  private static final long NOW_NS = 1_700_000_000_000_000_000L;

  private NamingBench() {}

  public static void main(String[] arguments) {
    ClusterTable table = new ClusterTable("node-1");
    for (int i = 0; i < 2000; i++) {
      table.put(new Pod("uid" + i, "shop", "orders-5d9c7b8f6d-" + i, "node-" + i / 110, List.of("10.1." + i / 250 + "." + i % 250), false, NOW_NS, 0, "Running", true,
          Map.of("app", "orders", "pod-template-hash", "5d9c7b8f6d", "app.kubernetes.io/name", "orders", "tier", "back"), List.of(), List.of()), NOW_NS);
    }
    byte[][] records = new byte[4096][];
    Random random = new Random(1);
    for (int i = 0; i < records.length; i++) records[i] = record(random.nextInt(110), random.nextInt(300), i);
    long[] out = new long[1];
    NamingSink sink = new NamingSink(new Schema(List.of()), table, table, (_, _, length) -> {
      out[0] += length;
      return true;
    }, 0);
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (int round = 0; round < 6; round++) {
      int count = 2_000_000;
      long bytes = threads.getCurrentThreadAllocatedBytes();
      long start = threads.getCurrentThreadCpuTime();
      out[0] = 0;
      for (int i = 0; i < count; i++) sink.onEntry(records[i & 4095], 0, records[i & 4095].length);
      System.out.printf("%.0f ns, %.2f B an entry; %d bytes became %d; %d unnamed%n", (threads.getCurrentThreadCpuTime() - start) / (double) count,
          (threads.getCurrentThreadAllocatedBytes() - bytes) / (double) count, records[0].length, out[0] / count, sink.unnamedEntries());
    }
  }

  private static byte[] record(int client, int server, int index) {
    FieldWriter fields = new FieldWriter(2048, 4096);
    fields.stringField(FieldSpec.request(0, "text", FieldType.STRING, "Text", null, ""), new byte[850], 0, 850);
    EntryEncoder encoder = new EntryEncoder();
    Connection connection = new Connection(index, Connection.TCP, false, 0, 0);
    connection.ipLow[0] = address(client);
    connection.ipLow[1] = address(server);
    connection.port[1] = 8080;
    encoder.begin(connection, "http".getBytes(StandardCharsets.US_ASCII), EntryLayout.Kind.EXCHANGE, EntryLayout.Capture.AF_PACKET, 0)
        .times(NOW_NS + 5_000_000_000L, NOW_NS + 5_001_000_000L, 1_000_000).fields(fields, null);
    return Arrays.copyOf(encoder.array(), encoder.length());
  }

  private static long address(int pod) {
    return 0xffff_0000_0000L | 10L << 24 | 1 << 16 | pod / 250 << 8 | pod % 250;
  }
}
