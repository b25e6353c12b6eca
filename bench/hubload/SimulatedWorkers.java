import io.kubeshark.core.Connection;
import io.kubeshark.core.Direction;
import io.kubeshark.core.EntryEncoder;
import io.kubeshark.core.EntryLayout;
import io.kubeshark.core.EntryNames;
import io.kubeshark.core.FieldSpec;
import io.kubeshark.core.FieldWriter;
import io.kubeshark.core.Identity;
import io.kubeshark.core.Ledger;
import io.kubeshark.core.ProtocolInfo;
import io.kubeshark.core.Schema;
import io.kubeshark.dissect.Protocols;
import io.kubeshark.store.EntryBatcher;
import io.kubeshark.store.EntryBus;
import io.kubeshark.store.EntryStore;
import io.kubeshark.store.PacketStore;
import io.kubeshark.store.Retention;
import io.kubeshark.store.StoreMode;
import io.kubeshark.wire.ReleaseTls;
import io.kubeshark.worker.WorkerIdentity;
import io.kubeshark.worker.WorkerServer;
import io.kubeshark.worker.WorkerSources;
import io.kubeshark.worker.WorkerStatistics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/**
 * Many workers without capture: the product's stores, servers and TLS, with HTTP entries that are made up. Arguments: directory with tls/,
 * count, port. Each line of standard input is a rate, entries a second of each worker; each is answered by what was made since the last.
 */
final class SimulatedWorkers {
  /** As a worker's pipeline hands over: at least every 50 ms. */
  private static final long TICK_NS = 50_000_000;
  private static final Schema SCHEMA = Protocols.installed().schema();
  private static final ProtocolInfo HTTP = SCHEMA.protocol("http");
  private static final String[] PATHS = {"/catalogue", "/cart", "/orders", "/user/profile", "/images/logo", "/api/v1/search", "/health", "/checkout"};

  /** {@code index} stands for the worker: its address is 127.0.HIGH.LOW. */
  static String address(int index) {
    return "127.1." + (index / 200 + 1) + "." + (index % 200 + 1);
  }

  public static void main(String[] arguments) throws Exception {
    Path directory = Path.of(arguments[0]);
    int count = Integer.parseInt(arguments[1]);
    int port = Integer.parseInt(arguments[2]);
    ReleaseTls tls = ReleaseTls.load(directory.resolve("tls-worker"));
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < count; i++) nodes.add(new Node(directory, i, tls, port));
    System.out.println("ready");
    int[] rate = {0};
    Thread.ofPlatform().daemon().name("generator").start(() -> generate(nodes, rate));
    var lines = new java.io.BufferedReader(new java.io.InputStreamReader(System.in));
    long before = 0;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      synchronized (rate) {
        rate[0] = Integer.parseInt(line.strip());
      }
      long made = nodes.stream().mapToLong(node -> node.made).sum();
      System.out.println((made - before) + " " + nodes.stream().mapToLong(node -> node.refused).sum());
      before = made;
    }
  }

  private static void generate(List<Node> nodes, int[] rate) {
    long next = System.nanoTime();
    double owed = 0;
    while (true) {
      int now;
      synchronized (rate) {
        now = rate[0];
      }
      owed += now * (TICK_NS / 1e9);
      int each = (int) owed;
      owed -= each;
      for (Node node : nodes) node.make(each);
      next += TICK_NS;
      long left = next - System.nanoTime();
      if (left < -1_000_000_000L) next = System.nanoTime(); // cannot keep up: told by what was made
      else if (left > 0) java.util.concurrent.locks.LockSupport.parkNanos(left);
    }
  }

  private static FieldSpec field(Direction side, String name) {
    for (FieldSpec field : HTTP.fields()) if (field.direction() == side && field.name().equals(name)) return field;
    throw new IllegalStateException("HTTP has no field " + name);
  }

  private static final FieldSpec METHOD = field(Direction.CLIENT, "method");
  private static final FieldSpec URL = field(Direction.CLIENT, "url");
  private static final FieldSpec TARGET = field(Direction.CLIENT, "target");
  private static final FieldSpec PATH = field(Direction.CLIENT, "path");
  private static final FieldSpec HEADERS = field(Direction.CLIENT, "headers");
  private static final FieldSpec STATUS = field(Direction.SERVER, "status_code");
  private static final FieldSpec RESPONSE_HEADERS = field(Direction.SERVER, "headers");

  /** One worker. */
  private static final class Node implements WorkerSources {
    private final int index;
    private final EntryStore store;
    private final EntryBus bus;
    private final EntryBatcher batcher;
    private final EntryEncoder encoder = new EntryEncoder();
    private final FieldWriter request = new FieldWriter(1024, 1 << 16);
    private final FieldWriter response = new FieldWriter(1024, 1 << 16);
    private final EntryNames names = new EntryNames();
    private final Connection connection = new Connection(1, Connection.TCP, false, 0, 0);
    private final Identity client;
    private final Identity server;
    private final Random random;
    private volatile long made;
    private volatile long refused;
    private int exchange;

    Node(Path directory, int index, ReleaseTls tls, int port) throws IOException {
      this.index = index;
      random = new Random(index);
      Retention small = Retention.ENTRIES.withTtl(Duration.ofMinutes(5)).withBytesMax(4 << 20);
      store = new EntryStore(directory.resolve("store-" + index), 1, small, SimulatedWorkers::epochNs);
      bus = new EntryBus(store, StoreMode.LIVE, 1);
      batcher = bus.batcher();
      client = new Identity("front-" + index, "shop", "front-" + index, "", "", "node-" + index, Map.of("app", "front"));
      server = new Identity("cart", "shop", "cart-" + index, "cart", "shop", "node-" + index, Map.of("app", "cart", "tier", "backend"));
      connection.ipHigh[0] = connection.ipHigh[1] = 0;
      connection.ipLow[0] = 0xffff0a010000L + index;
      connection.ipLow[1] = 0xffff0a020000L + index;
      connection.port[0] = 40_000;
      connection.port[1] = 8080;
      new WorkerServer(this, tls, address(index), port);
    }

    void make(int count) {
      for (int i = 0; i < count; i++) {
        long now = epochNs();
        int draw = random.nextInt(1000);
        String path = PATHS[draw % PATHS.length];
        request.clear();
        request.stringField(METHOD, draw < 200 ? "POST" : "GET");
        request.stringField(URL, "http://cart.shop" + path + "?item=" + draw + "&session=3f6a7b0c9d");
        request.stringField(TARGET, path + "?item=" + draw + "&session=3f6a7b0c9d");
        request.stringField(PATH, path);
        request.beginMap(HEADERS);
        request.mapEntry("Host", "cart.shop");
        request.mapEntry("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0");
        request.mapEntry("Accept", "application/json, text/plain, */*");
        request.mapEntry("X-Request-Id", Long.toHexString(now));
        request.endMap();
        response.clear();
        response.intField(STATUS, draw >= 990 ? 503 : 200);
        response.beginMap(RESPONSE_HEADERS);
        response.mapEntry("Content-Type", "application/json");
        response.mapEntry("Content-Length", "1234");
        response.mapEntry("Date", "Mon, 23 Nov 2026 17:00:00 GMT");
        response.endMap();
        encoder.begin(connection, HTTP_ID, EntryLayout.Kind.EXCHANGE, EntryLayout.Capture.AF_PACKET, exchange++)
            .times(now, now, 1_000_000).sizes(400, 1500, 0)
            .outcome(draw >= 990 ? EntryLayout.StatusClass.ERROR : EntryLayout.StatusClass.OK, 0, 0).fields(request, response);
        int length = names.write(encoder.array(), 0, encoder.length(), client, server);
        if (batcher.onEntry(names.array(), 0, length)) made++;
        else refused++;
      }
      batcher.flush(0);
    }

    @Override
    public WorkerIdentity identity() {
      return new WorkerIdentity("node-" + index, "node-" + index, address(index), "bench", "af_packet", "made up");
    }

    @Override
    public Schema schema() {
      return SCHEMA;
    }

    @Override
    public EntryBus bus() {
      return bus;
    }

    @Override
    public EntryStore entries() {
      return store;
    }

    @Override
    public PacketStore packets() {
      return null;
    }

    @Override
    public CompletableFuture<byte[]> connection(long stream) {
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public WorkerStatistics statistics() {
      return new WorkerStatistics(10 * made, 2000 * made, made, List.of(), 1, new Ledger(), null);
    }
  }

  private static final byte[] HTTP_ID = "http".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

  static long epochNs() {
    java.time.Instant now = java.time.Instant.now();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }
}
