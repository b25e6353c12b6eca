package io.kubeshark.cli;

import io.kubeshark.capture.AfPacketOptions;
import io.kubeshark.capture.AfPacketSource;
import io.kubeshark.capture.PacketSource;
import io.kubeshark.dissect.ConnectionPolicy;
import io.kubeshark.dissect.Protocols;
import io.kubeshark.hub.Hub;
import io.kubeshark.hub.HubOptions;
import io.kubeshark.hub.WorkerAddress;
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
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;

/** {@code tap --local} and {@code tap --pcap}: worker, hub and dashboard in this process. Loads nothing of Kubernetes. */
final class LocalTap {
  private static final long NANOS_PER_MILLI = 1_000_000L;

  private final LocalTapOptions options;
  private final String bpf;
  private final String host;
  private final int port;
  private final boolean open;
  private FileSequence files;
  private volatile boolean ending;

  /** @param bpf null: all packets */
  LocalTap(LocalTapOptions options, String bpf, String host, int port, boolean open) {
    this.options = options;
    this.bpf = bpf;
    this.host = host;
    this.port = port;
    this.open = open;
  }

  int run() throws Exception {
    Path front = front();
    SelfTraffic self = new SelfTraffic(port);
    Worker worker = worker(self);
    WorkerServer server = null;
    try {
      BearerToken token = BearerToken.random();
      server = new WorkerServer(worker, token, WorkerServer.LOOPBACK, 0);
      Hub hub = Hub.start(new HubOptions(host, port, front, options.source.local ? "local" : "pcap", sourceText(), Version.NUMBER,
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
    if (open) Browser.open(url);
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
    AfPacketOptions sockets = AfPacketOptions.any().withThreads(options.threads).withRingBytes(options.ringBytes);
    if (!options.interfaces.isEmpty()) sockets = sockets.withInterfaces(options.interfaces);
    if (bpf != null) sockets = sockets.withFilter(bpf);
    return AfPacketSource.open(sockets);
  }

  private Worker worker(SelfTraffic self) throws IOException {
    try {
      return worker(options.source.local ? live() : List.of(files = new FileSequence(options.source.files, bpf)), self);
    } catch (IllegalArgumentException wrong) {
      throw new Failure(Failure.USAGE, wrong.getMessage()); // limits of options: they say which
    } catch (FileSystemException unusable) {
      throw options.store.unusable(unusable);
    }
  }

  private Worker worker(List<? extends PacketSource> sources, SelfTraffic self) throws IOException {
    WorkerIdentity identity = new WorkerIdentity(DissectCommand.WORKER, Terminal.hostName(), "", Version.NUMBER, options.source.local ? "af_packet" : "file", sourceText());
    HeapShares shares = HeapShares.of(sources.size());
    WorkerOptions workerOptions = new WorkerOptions(identity, options.source.local, options.store.parent(), null,
        options.store.entries(options.source.local), options.store.packets(options.source.local),
        shares.dissect().withBodyBytes(options.store.bodyBytes), shares.limits());
    // A file's connections to such ports were somebody else's.
    return new Worker(workerOptions, Protocols.installed(), sources, options.source.local ? self : ConnectionPolicy.ALL, new Reproducers(), () -> System.currentTimeMillis() * NANOS_PER_MILLI);
  }

  private static Path front() {
    Path front = Path.of(System.getProperty("kubeshark.front", "front/dist"));
    if (!Files.exists(front.resolve("index.html"))) throw new Failure("the dashboard is not built: " + front + " has no index.html; start the program by ./kubeshark");
    return front;
  }

  private String sourceText() {
    if (!options.source.local) return String.join(", ", options.source.files);
    return options.interfaces.isEmpty() ? "all interfaces" : String.join(", ", options.interfaces);
  }
}
