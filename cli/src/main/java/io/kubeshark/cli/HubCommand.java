package io.kubeshark.cli;

import io.kubeshark.core.ProtocolInfo;
import io.kubeshark.core.Schema;
import io.kubeshark.dissect.Protocols;
import io.kubeshark.hub.Hub;
import io.kubeshark.hub.HubOptions;
import io.kubeshark.hub.KubeCluster;
import io.kubeshark.kube.EventProtocol;
import io.kubeshark.kube.KubeApi;
import io.kubeshark.wire.BearerToken;
import io.kubeshark.wire.ReleaseTls;
import io.kubeshark.worker.WorkerServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The hub's container. Started by the chart; needs no rights on its node. */
@Command(name = "hub", mixinStandardHelpOptions = true, sortOptions = false, hidden = true,
    description = "Serve the dashboard's API for a cluster: what the Deployment kubeshark-hub runs.",
    footer = {"", "Environment: POD_NAMESPACE (the chart sets it). Ends by SIGTERM."})
final class HubCommand implements Callable<Integer> {
  private static final System.Logger LOG = System.getLogger(HubCommand.class.getName());
  private static final String ALL_ADDRESSES = "0.0.0.0";

  @Option(names = "--port", paramLabel = "PORT", defaultValue = "" + HubOptions.CLUSTER_PORT, description = "Port, TLS (default ${DEFAULT-VALUE}).")
  private int port;

  @Option(names = "--host", paramLabel = "ADDRESS", defaultValue = ALL_ADDRESSES, description = "Address to listen on (default ${DEFAULT-VALUE}).")
  private String host;

  @Option(names = "--worker-port", paramLabel = "PORT", defaultValue = "" + WorkerServer.PORT, description = "Port of workers (default ${DEFAULT-VALUE}).")
  private int workerPort;

  @Option(names = "--token-file", paramLabel = "FILE", defaultValue = "/etc/kubeshark/token/token", description = "What callers must show (default ${DEFAULT-VALUE}).")
  private Path tokenFile;

  @Mixin private ReleaseOptions release;

  @Override
  public Integer call() throws Exception {
    LogLines.install(false);
    String namespace = release.namespace();
    ReleaseTls tls = release.tls();
    KubeCluster cluster = new KubeCluster(KubeApi.open(), namespace, release.name);
    Hub hub = Hub.start(HubOptions.cluster(host, port, Version.NUMBER, new HubOptions.Release(cluster, token(), tls, schema(), workerPort)));
    LOG.log(System.Logger.Level.INFO, "version " + Version.NUMBER + " serves release " + release.name + " in namespace " + namespace + " on port " + hub.port());
    CountDownLatch done = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
      LOG.log(System.Logger.Level.INFO, "ends");
      hub.close();
      done.countDown();
    }));
    done.await();
    return 0;
  }

  private BearerToken token() throws IOException {
    try {
      return new BearerToken(Files.readString(tokenFile).strip());
    } catch (NoSuchFileException e) {
      throw new Failure("the token file " + tokenFile + " is missing: mount the secret kubeshark-hub-token there (the Helm chart does)");
    } catch (IllegalArgumentException e) {
      throw new Failure("the token file " + tokenFile + " is empty: the secret kubeshark-hub-token must have a key 'token'");
    }
  }

  private static Schema schema() {
    List<ProtocolInfo> protocols = new ArrayList<>(Protocols.installed().schema().protocols());
    if (protocols.stream().noneMatch(protocol -> protocol.id().equals(EventProtocol.INFO.id()))) protocols.add(EventProtocol.INFO);
    return new Schema(protocols);
  }
}
