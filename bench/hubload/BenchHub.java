import io.kubeshark.core.ProtocolInfo;
import io.kubeshark.core.Schema;
import io.kubeshark.dissect.Protocols;
import io.kubeshark.hub.Cluster;
import io.kubeshark.hub.Hub;
import io.kubeshark.hub.HubOptions;
import io.kubeshark.kube.EventProtocol;
import io.kubeshark.kube.Pod;
import io.kubeshark.kube.Targeting;
import io.kubeshark.wire.BearerToken;
import io.kubeshark.wire.ReleaseTls;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The product's hub, for a cluster that has no API server: its worker pods are those of {@link SimulatedWorkers}. Same arguments, and the token. */
final class BenchHub {
  public static void main(String[] arguments) throws Exception {
    int count = Integer.parseInt(arguments[1]);
    int port = Integer.parseInt(arguments[2]);
    ReleaseTls tls = ReleaseTls.load(Path.of(arguments[0]).resolve("tls-hub"));
    List<ProtocolInfo> protocols = new ArrayList<>(Protocols.installed().schema().protocols());
    if (protocols.stream().noneMatch(protocol -> protocol.id().equals(EventProtocol.INFO.id()))) protocols.add(EventProtocol.INFO);
    Hub hub = Hub.start(HubOptions.cluster("127.0.0.1", 0, "bench", new HubOptions.Release(new Pods(count), new BearerToken(arguments[3]), tls, new Schema(protocols), port)));
    System.out.println(hub.url());
    Thread.currentThread().join();
  }

  private record Pods(int count) implements Cluster {
    @Override
    public void start(Listener listener) {
      List<Pod> workers = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        workers.add(new Pod("uid-" + i, "default", "worker-" + i, "node-" + i, List.of(SimulatedWorkers.address(i)), true, 1, 0, "Running", true, Map.of(), List.of(), List.of()));
      }
      listener.workers(workers);
    }

    @Override
    public Targeting targeting() {
      return Targeting.ALL;
    }

    @Override
    public void target(Targeting targeting) {}

    @Override
    public List<Pod> pods() {
      return List.of();
    }

    @Override
    public String yaml(String plural, String namespace, String name) {
      return null;
    }

    @Override
    public String problem() {
      return "";
    }

    @Override
    public void close() {}
  }
}
