package io.kubeshark.kfl;

import io.kubeshark.core.EntryView;
import io.kubeshark.core.Identity;
import java.lang.management.ManagementFactory;
import java.util.Map;

/** Nanoseconds and bytes allocated per evaluation, and the time of the first filter. Run by hand; arguments: rounds (default 5,000,000). */
final class FilterBench {
  private FilterBench() {}

  public static void main(String[] arguments) throws KflException {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5_000_000;
    long start = System.nanoTime();
    Kfl kfl = new Kfl(Entry.SCHEMA);
    Filter first = kfl.compile("http && status_code >= 500 && path.contains(\"/api\")");
    System.out.printf("language and first filter, cold: %.1f ms%n", (System.nanoTime() - start) / 1e6);
    Entry match = Entry.of("http").set("method", "GET").set("url", "http://shop/api/items?id=7").set("path", "/v1/api/items").map("request.headers",
        "Host", "shop", "Accept", "*/*",
        "User-Agent", "curl/8").set("status_code", 503L).map("response.headers", "Content-Type", "application/json").json("response.body",
            "{\"a\":{\"b\":1}}");
    EntryView http503 = match.view();
    EntryView http200 = Entry.of("http").set("method", "GET").set("path", "/v1/api/items").map("request.headers", "Host", "shop").set("status_code",
        200L).view();
    EntryView dns = Entry.of("dns").list("dns_questions", "shop.svc").view();
    EntryView named = match.between(new Identity("cart", "shop", "cart-7c9", "cart", "shop", "node-1", Map.of("app", "cart", "tier", "web")),
        new Identity("orders", "data", "orders-0", "orders", "data", "node-2", Map.of("app", "orders"))).view();
    for (int warm = 0; warm < 2; warm++) {
      run("matches", first, http503, rounds);
      run("status differs", first, http200, rounds);
      run("protocol differs", first, dns, rounds);
      run("header", kfl.compile("request.headers[\"user-agent\"].startsWith(\"curl\")"), http503, rounds);
      run("missing header", kfl.compile("request.headers[\"cookie\"] == \"a\""), http503, rounds);
      run("address", kfl.compile("src.ip == \"10.1.2.3\" && ip_in(src.ip, \"10.0.0.0/8\")"), http503, rounds);
      run("set", kfl.compile("method in [\"PUT\", \"GET\"] && status_code in [500, 503]"), http503, rounds);
      run("pod of a service", kfl.compile("\"shop\" in namespaces && src.pod.name.startsWith(\"cart\")"), named, rounds);
      run("label", kfl.compile("local_labels[\"app\"] == \"cart\""), named, rounds);
      run("no names", kfl.compile("src.pod.name == \"cart\""), http503, rounds);
      run("connection id", kfl.compile("conn_id == \"local/12\""), http503, rounds);
      run("regex", kfl.compile("path.matches(\"^/v[0-9]+/api\")"), http503, rounds / 10);
      run("body JSON", kfl.compile("response.body.json(\"$.a.b\") == 1"), http503, rounds / 10);
    }
  }

  private static void run(String name, Filter filter, EntryView view, int rounds) {
    com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long bytes = threads.getCurrentThreadAllocatedBytes();
    long start = System.nanoTime();
    int matched = 0;
    for (int i = 0; i < rounds; i++) if (filter.test(view)) matched++;
    long ns = System.nanoTime() - start;
    System.out.printf("%-18s %7.1f ns  %7.1f B  %s%n", name, (double) ns / rounds,
        (threads.getCurrentThreadAllocatedBytes() - bytes) / (double) rounds,
        matched == rounds ? "matches" : matched == 0 ? "does not match" : "?");
  }
}
