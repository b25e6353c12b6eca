package io.kubeshark.render;

import io.kubeshark.core.EntryView;
import io.kubeshark.core.Identity;
import java.util.Map;

/** {@code java -cp … io.kubeshark.render.EntryJsonBench}: nanoseconds an entry, by hand. */
final class EntryJsonBench {
  /** CPU time of this thread: the machine may be busy with other things. */
  private static long cpuNs() {
    return java.lang.management.ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  public static void main(String[] arguments) {
    Identity cart = new Identity("cart", "shop", "cart-7c9d5b-x2x4z", "cart", "shop", "node-1", Map.of("app", "cart", "tier", "web", "pod-template-hash", "7c9d5b"));
    run("without names", EntryBuilder.typicalHttp().view());
    run("with names", EntryBuilder.typicalHttp().named(cart, cart).view());
  }

  private static void run(String what, EntryView view) {
    EntryJson json = new EntryJson(EntryBuilder.SCHEMA, EntryBuilder.NAMES, true);
    RowJson row = new RowJson(EntryBuilder.SCHEMA, EntryBuilder.NAMES);
    JsonWriter out = new JsonWriter(1 << 16);
    for (int round = 0; round < 10; round++) {
      int count = round == 0 ? 10_000 : 1_000_000;
      long start = cpuNs();
      for (int i = 0; i < count; i++) {
        out.clear();
        json.write(view, out);
      }
      long entryNs = (cpuNs() - start) / count;
      int bytes = out.length();
      start = cpuNs();
      for (int i = 0; i < count; i++) {
        out.clear();
        row.write(view, out);
      }
      System.out.printf(what + ": record %d bytes; entry %d bytes %d ns; row %d bytes %d ns%n", view.length(), bytes, entryNs, out.length(), (cpuNs() - start) / count);
    }
  }
}
