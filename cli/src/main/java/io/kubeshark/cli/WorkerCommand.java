package io.kubeshark.cli;

import io.kubeshark.capture.AfPacketOptions;
import io.kubeshark.capture.AfPacketSource;
import io.kubeshark.dissect.Protocols;
import io.kubeshark.kube.ClusterTable;
import io.kubeshark.kube.ClusterWatch;
import io.kubeshark.kube.KubeApi;
import io.kubeshark.wire.ReleaseTls;
import io.kubeshark.worker.HeapShares;
import io.kubeshark.worker.MetricsServer;
import io.kubeshark.worker.Worker;
import io.kubeshark.worker.WorkerCluster;
import io.kubeshark.worker.WorkerCondition;
import io.kubeshark.worker.WorkerIdentity;
import io.kubeshark.worker.WorkerMetrics;
import io.kubeshark.worker.WorkerOptions;
import io.kubeshark.worker.WorkerServer;
import io.kubeshark.worker.WorkerStatistics;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The sniffer container. Started by the chart; needs NET_RAW, the node's network, and nothing else of the node. */
@Command(name = "worker", mixinStandardHelpOptions = true, sortOptions = false, hidden = true,
    description = "Capture on this node of a cluster: what the DaemonSet runs.",
    footer = {"", "Environment: NODE_NAME, HOST_IP, POD_NAMESPACE (the chart sets them). Runs on without hub and API server. Ends by SIGTERM."})
final class WorkerCommand implements Callable<Integer> {
  private static final System.Logger LOG = System.getLogger(WorkerCommand.class.getName());
  private static final long NANOS_PER_MILLI = 1_000_000L;
  private static final long CHANGES_EVERY_MS = 5000;

  @Option(names = "--port", paramLabel = "PORT", defaultValue = "" + WorkerServer.PORT, description = "Port for hubs, TLS (default ${DEFAULT-VALUE}).")
  private int port;

  @Option(names = "--metrics-port", paramLabel = "PORT", defaultValue = "" + MetricsServer.PORT, description = "Port of /healthz and /metrics (default ${DEFAULT-VALUE}).")
  private int metricsPort;

  @Option(names = "--threads", paramLabel = "N", defaultValue = "1", description = "Capture threads; connections are spread over them (default ${DEFAULT-VALUE}).")
  private int threads;

  @Option(names = "--ring-size", paramLabel = "SIZE", converter = Sizes.Bytes.class, defaultValue = "16Mi",
      description = "Kernel memory for packets that wait to be read (default ${DEFAULT-VALUE}).")
  private long ringBytes;

  @Mixin private ReleaseOptions release;

  @Mixin private StoreOptions store;

  /** What is open, in the order of opening. */
  private final List<AutoCloseable> open = new ArrayList<>();
  private volatile boolean ending;
  private volatile String filterProblem = "";

  @Override
  public Integer call() throws Exception {
    LogLines.install(false);
    String node = ReleaseOptions.environment("NODE_NAME", "spec.nodeName");
    String namespace = release.namespace();
    String hostIp = ReleaseOptions.environment("HOST_IP", "status.hostIP");
    InetAddress host = address(hostIp);
    ReleaseTls tls = release.tls();
    CountDownLatch done = new CountDownLatch(1);
    // The JVM waits for hooks: so everything is closed and removed before the process is gone, also when it ends while it starts.
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
      LOG.log(System.Logger.Level.INFO, "ends");
      ending = true;
      close();
    }));
    try {
      start(node, namespace, hostIp, host, tls).ended().thenAccept(reason -> {
        if (!ending) LOG.log(System.Logger.Level.ERROR, "capture ended: " + reason);
        done.countDown();
      });
    } catch (IOException | RuntimeException failure) {
      close();
      if (ending) return 0;
      throw failure;
    }
    done.await();
    return ending ? 0 : Failure.FAILED;
  }

  private Worker start(String node, String namespace, String hostIp, InetAddress host, ReleaseTls tls) throws IOException {
    ClusterTable table = new ClusterTable(node);
    KubeApi api = opened(KubeApi.open());
    Settings settings = new Settings();
    ClusterWatch watch = opened(ClusterWatch.start(api, table, new ClusterWatch.Options(namespace, release.name, false), settings));
    WorkerCluster cluster = new WorkerCluster(node, table, table, table::targets, host, () -> table.counts().targeted(), () -> problem(watch), epochNs());
    List<AfPacketSource> sources = capture();
    Worker worker = worker(new WorkerIdentity(node, node, hostIp, Version.NUMBER, "af_packet", "all interfaces of node " + node), cluster, sources);
    worker.start(); // at once: the rings fill already
    settings.apply(sources);
    WorkerServer server = opened(new WorkerServer(worker, tls, hostIp, port));
    opened(new MetricsServer(new WorkerMetrics(worker, server::openStreams, watch::lastContactNs, WorkerCommand::epochNs), hostIp, metricsPort));
    Thread.ofVirtual().name("condition").start(() -> tellChanges(worker));
    LOG.log(System.Logger.Level.INFO, "version " + Version.NUMBER + " captures on node " + node + ", hubs at " + hostIp + ":" + server.port()
        + ", metrics at " + hostIp + ":" + metricsPort);
    return worker;
  }

  /** What whoever reads the log should know, when it changes; and a heap that is not needed any more goes back. */
  private void tellChanges(Worker worker) {
    String problem = "";
    int targeted = 0;
    QuietAfterWork quiet = new QuietAfterWork(System.currentTimeMillis());
    while (!ending && worker.statistics().endReason() == null) {
      WorkerStatistics now = worker.statistics();
      if (quiet.isNow(now.packets(), now.entries(), System.currentTimeMillis())) System.gc();
      WorkerCondition condition = worker.condition();
      if (!condition.kubeProblem().equals(problem)) {
        problem = condition.kubeProblem();
        if (problem.isEmpty()) LOG.log(System.Logger.Level.INFO, "the API server answers, and its settings are in use");
        else LOG.log(System.Logger.Level.WARNING, problem);
      }
      if (condition.targetedPods() != targeted) {
        targeted = condition.targetedPods();
        LOG.log(System.Logger.Level.INFO, targeted + " pods of the cluster are targeted");
      }
      try {
        Thread.sleep(CHANGES_EVERY_MS);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private List<AfPacketSource> capture() throws IOException {
    try {
      List<AfPacketSource> opened = AfPacketSource.open(AfPacketOptions.any().withThreads(threads).withRingBytes(ringBytes));
      opened.forEach(this::opened);
      return opened;
    } catch (IllegalArgumentException wrong) {
      throw new Failure(Failure.USAGE, wrong.getMessage()); // limits of options: they say which
    }
  }

  private Worker worker(WorkerIdentity identity, WorkerCluster cluster, List<AfPacketSource> sources) throws IOException {
    try {
      HeapShares shares = HeapShares.of(sources.size());
      WorkerOptions options = new WorkerOptions(identity, true, store.parent(), null, store.entries(true), store.packets(true),
          shares.dissect().withBodyBytes(store.bodyBytes), shares.limits());
      return opened(new Worker(options, Protocols.installed(), sources, new SelfTraffic(port, metricsPort), new Reproducers(), WorkerCommand::epochNs, cluster));
    } catch (IllegalArgumentException wrong) {
      throw new Failure(Failure.USAGE, wrong.getMessage());
    } catch (FileSystemException unusable) {
      throw store.unusable(unusable);
    }
  }

  private String problem(ClusterWatch watch) {
    return String.join("; ", java.util.stream.Stream.of(watch.problem(), filterProblem).filter(text -> !text.isEmpty()).toList());
  }

  /** What users change while it runs. The target rule is the table's; here is the capture filter. */
  private final class Settings implements ClusterWatch.Listener {
    private static final String BPF_OVERRIDE = "BPF_OVERRIDE";
    private List<AfPacketSource> sources = List.of();
    private String wanted = "";
    private String used = "";

    @Override
    public synchronized void settings(Map<String, String> data) {
      LOG.log(System.Logger.Level.INFO, "settings: " + data);
      wanted = data.getOrDefault(BPF_OVERRIDE, "").strip();
      apply(sources);
    }

    synchronized void apply(List<AfPacketSource> opened) {
      sources = opened;
      if (wanted.equals(used) || sources.isEmpty()) return;
      try {
        for (AfPacketSource source : sources) source.filter(wanted.isEmpty() ? null : wanted);
        used = wanted;
        filterProblem = "";
      } catch (IOException e) {
        filterProblem = "the capture filter of the settings (" + BPF_OVERRIDE + ") is not used: " + e.getMessage();
        LOG.log(System.Logger.Level.WARNING, filterProblem);
      }
    }
  }

  private static InetAddress address(String hostIp) {
    try {
      return InetAddress.ofLiteral(hostIp);
    } catch (IllegalArgumentException e) {
      throw new Failure(Failure.USAGE, "HOST_IP is not an IP address: '" + hostIp + "'");
    }
  }

  private static long epochNs() {
    return System.currentTimeMillis() * NANOS_PER_MILLI;
  }

  private <T extends AutoCloseable> T opened(T closeable) {
    synchronized (open) {
      open.add(closeable);
    }
    if (ending) close(); // it may have missed this one
    return closeable;
  }

  /** In reverse. The worker takes its files with it. */
  private void close() {
    synchronized (open) {
      for (AutoCloseable each : open.reversed()) {
        try {
          each.close();
        } catch (Exception e) {
          LOG.log(System.Logger.Level.WARNING, "closing " + each.getClass().getSimpleName(), e);
        }
      }
      open.clear();
    }
  }
}
