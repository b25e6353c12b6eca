package io.kubeshark.cli;

import io.kubeshark.capture.AfPacketOptions;
import io.kubeshark.capture.AfPacketSource;
import io.kubeshark.capture.PacketSource;
import io.kubeshark.dissect.ConnectionPolicy;
import io.kubeshark.dissect.Protocols;
import io.kubeshark.hub.Hub;
import io.kubeshark.hub.HubOptions;
import io.kubeshark.hub.WorkerAddress;
import io.kubeshark.store.Retention;
import io.kubeshark.wire.BearerToken;
import io.kubeshark.wire.Wire;
import io.kubeshark.worker.HeapShares;
import io.kubeshark.worker.Worker;
import io.kubeshark.worker.WorkerIdentity;
import io.kubeshark.worker.WorkerOptions;
import io.kubeshark.worker.WorkerServer;
import io.kubeshark.worker.WorkerStatistics;
import java.io.IOException;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "tap", mixinStandardHelpOptions = true, sortOptions = false,
    description = "Watch API calls in the dashboard: of this machine (--local) or of capture files (--pcap).",
    footer = {"", "Runs until Ctrl-C. Entries and packets are kept on disk for as long as the options say, and removed at the end."})
final class TapCommand implements Callable<Integer> {
  private static final long NANOS_PER_MILLI = 1_000_000L;
  private static final int PORT_MAX = 65_535;

  @ArgGroup(exclusive = true)
  private Source source;

  private static final class Source {
    @Option(names = "--local", required = true, description = "Capture on this machine's network interfaces (needs root or CAP_NET_RAW).")
    private boolean local;

    @Option(names = "--pcap", required = true, arity = "1..*", paramLabel = "FILE", description = "Show capture files instead (pcap, pcapng, gzip of these).")
    private List<String> files;
  }

  @Parameters(arity = "0..1", paramLabel = "POD_REGEX", hidden = true)
  private String podRegex;

  @Option(names = "-i", paramLabel = "INTERFACE", split = ",", description = "Capture on these interfaces only; repeat or separate by commas (default: all).")
  private List<String> interfaces = new ArrayList<>();

  @Option(names = "--bpf", paramLabel = "FILTER", description = "Take only packets that match a pcap filter, e.g. 'tcp port 80 or port 53'.")
  private String bpf;

  @Option(names = "--port", paramLabel = "PORT", defaultValue = "8899", description = "Port of the dashboard (default ${DEFAULT-VALUE}).")
  private int port;

  @Option(names = "--host", paramLabel = "ADDRESS", defaultValue = "127.0.0.1",
      description = "Address of the dashboard (default ${DEFAULT-VALUE}). There is no login: any other address shows the traffic to whoever reaches it.")
  private String host;

  @Option(names = "--no-open", description = "Do not open a browser.")
  private boolean noOpen;

  @Option(names = "--threads", paramLabel = "N", defaultValue = "1", description = "Capture threads; connections are spread over them (default ${DEFAULT-VALUE}).")
  private int threads;

  @Option(names = "--ring-size", paramLabel = "SIZE", converter = Sizes.Bytes.class, defaultValue = "64Mi",
      description = "Kernel memory for packets that wait to be read (default ${DEFAULT-VALUE}).")
  private long ringBytes;

  @Option(names = "--entries-ttl", paramLabel = "TIME", converter = Sizes.Time.class, defaultValue = "5m", description = "Keep entries this long (default ${DEFAULT-VALUE}; 0: only the size counts).")
  private Duration entriesTtl;

  @Option(names = "--packets-ttl", paramLabel = "TIME", converter = Sizes.Time.class, defaultValue = "10s", description = "Keep packets this long (default ${DEFAULT-VALUE}; 0: only the size counts).")
  private Duration packetsTtl;

  @Option(names = "--entries-size", paramLabel = "SIZE", converter = Sizes.Bytes.class, defaultValue = "500Mi", description = "Keep at most this much of entries (default ${DEFAULT-VALUE}).")
  private long entriesBytes;

  @Option(names = "--packets-size", paramLabel = "SIZE", converter = Sizes.Bytes.class, defaultValue = "512Mi", description = "Keep at most this much of packets (default ${DEFAULT-VALUE}).")
  private long packetsBytes;

  @Option(names = "--data-dir", paramLabel = "DIR", description = "Where entries and packets are kept while it runs (default: $TMPDIR or /var/tmp).")
  private Path dataDirectory;

  @Option(names = "--body-bytes", paramLabel = "SIZE", converter = Sizes.Bytes.class, defaultValue = "64Ki", description = "Keep this much of each body (default ${DEFAULT-VALUE}).")
  private long bodyBytes;

  private FileSequence files;
  private volatile boolean ending;

  @Override
  public Integer call() throws Exception {
    if (source == null) {
      throw new Failure(Failure.USAGE, "say what to watch: --local for this machine, or --pcap FILE. (Tapping a Kubernetes cluster is not in this version.)");
    }
    if (source.files != null && !interfaces.isEmpty()) throw new Failure(Failure.USAGE, "-i is for --local; a file has the interfaces that it has");
    if (port < 0 || port > PORT_MAX) throw new Failure(Failure.USAGE, "--port is from 0 (any that is free) to " + PORT_MAX + ", not " + port);
    Path front = front();
    SelfTraffic self = new SelfTraffic(port);
    Worker worker = worker(self);
    WorkerServer server = null;
    try {
      BearerToken token = BearerToken.random();
      server = new WorkerServer(worker, token, WorkerServer.LOOPBACK, 0);
      Hub hub = Hub.start(new HubOptions(host, port, front, source.local ? "local" : "pcap", sourceText(), Version.NUMBER,
          List.of(new WorkerAddress(URI.create("ws://" + WorkerServer.LOOPBACK + ":" + server.port() + Wire.PATH), token)), List.of()));
      self.add(server.port());
      self.add(hub.port());
      worker.start();
      return run(worker, server, hub);
    } catch (IOException | RuntimeException failure) {
      if (server != null) server.close();
      worker.close(); // takes its files with it
      throw failure;
    }
  }

  private int run(Worker worker, WorkerServer server, Hub hub) throws InterruptedException {
    String url = "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + hub.port();
    System.out.println("Capturing " + sourceText() + (bpf == null ? "" : ", only '" + bpf + "'"));
    System.out.println("Dashboard: " + url + "   (Ctrl-C ends)");
    System.out.flush();
    if (!noOpen) Browser.open(url);
    CountDownLatch done = new CountDownLatch(1);
    long startNs = System.nanoTime();
    // The JVM waits for hooks: so everything is closed and removed before the process is gone.
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
      ending = true;
      hub.close();
      server.close();
      worker.close();
      System.out.println(summary(worker.statistics(), System.nanoTime() - startNs));
      System.out.flush();
      done.countDown();
    }));
    worker.ended().thenAccept(reason -> {
      if (!ending) tellEnd(reason);
    });
    done.await();
    return 0;
  }

  private void tellEnd(String reason) {
    if (files != null) for (String problem : files.problems()) System.err.println("kubeshark: " + problem);
    System.out.println(Character.toUpperCase(reason.charAt(0)) + reason.substring(1) + "; the dashboard stays until Ctrl-C.");
  }

  private static String summary(WorkerStatistics after, long ranNs) {
    long dropped = after.drops().stream().mapToLong(WorkerStatistics.Drop::packets).sum();
    return String.format(Locale.ROOT, "%nSaw %s entries in %s packets (%s) in %d s; %s.", Sizes.count(after.entries()), Sizes.count(after.packets()),
        Sizes.bytes(after.bytes()), ranNs / 1_000_000_000L, dropped == 0 ? "nothing was dropped" : Sizes.count(dropped) + " dropped: " + causes(after));
  }

  private static String causes(WorkerStatistics statistics) {
    List<String> causes = new ArrayList<>();
    for (WorkerStatistics.Drop drop : statistics.drops()) causes.add(Sizes.count(drop.packets()) + " " + drop.code().code);
    return String.join(", ", causes);
  }

  private List<AfPacketSource> live() throws IOException {
    AfPacketOptions options = AfPacketOptions.any().withThreads(threads).withRingBytes(ringBytes);
    if (!interfaces.isEmpty()) options = options.withInterfaces(interfaces);
    if (bpf != null) options = options.withFilter(bpf);
    return AfPacketSource.open(options);
  }

  private Worker worker(SelfTraffic self) throws IOException {
    try {
      return worker(source.local ? live() : List.of(files = new FileSequence(source.files, bpf)), self);
    } catch (IllegalArgumentException wrong) {
      throw new Failure(Failure.USAGE, wrong.getMessage()); // limits of options: they say which
    } catch (FileSystemException unusable) {
      String reason = switch (unusable) {
        case AccessDeniedException _ -> "no permission";
        case FileAlreadyExistsException _ -> "it is a file";
        case NoSuchFileException _ -> "it cannot be made";
        default -> unusable.getMessage();
      };
      throw new Failure("entries and packets cannot be kept in '" + storeParent() + "' (" + reason + "): choose another directory with --data-dir");
    }
  }

  private Worker worker(List<? extends PacketSource> sources, SelfTraffic self) throws IOException {
    WorkerIdentity identity = new WorkerIdentity(DissectCommand.WORKER, Terminal.hostName(), "", Version.NUMBER, source.local ? "af_packet" : "file", sourceText());
    // A file's entries are not news: they stay until the size is reached.
    Retention entries = Retention.ENTRIES.withTtl(source.local ? entriesTtl : Duration.ZERO).withBytesMax(entriesBytes);
    Retention packets = Retention.PACKETS.withTtl(source.local ? packetsTtl : Duration.ZERO).withBytesMax(packetsBytes);
    HeapShares shares = HeapShares.of(sources.size());
    WorkerOptions options = new WorkerOptions(identity, source.local, storeParent(), null, entries, packets,
        shares.dissect().withBodyBytes(bodyBytes), shares.limits());
    // A file's connections to such ports were somebody else's.
    return new Worker(options, Protocols.installed(), sources, source.local ? self : ConnectionPolicy.ALL, new Reproducers(), () -> System.currentTimeMillis() * NANOS_PER_MILLI);
  }

  private Path storeParent() {
    if (dataDirectory != null) return dataDirectory;
    String temporary = System.getenv("TMPDIR");
    return Path.of(temporary == null || temporary.isBlank() ? "/var/tmp" : temporary);
  }

  private static Path front() {
    Path front = Path.of(System.getProperty("kubeshark.front", "front/dist"));
    if (!Files.exists(front.resolve("index.html"))) throw new Failure("the dashboard is not built: " + front + " has no index.html; start the program by ./kubeshark");
    return front;
  }

  private String sourceText() {
    if (!source.local) return String.join(", ", source.files);
    return interfaces.isEmpty() ? "all interfaces" : String.join(", ", interfaces);
  }
}
