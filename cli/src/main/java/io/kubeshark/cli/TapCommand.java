package io.kubeshark.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "tap", mixinStandardHelpOptions = true, sortOptions = false, usageHelpAutoWidth = true,
    description = "Watch API calls in the dashboard: of a Kubernetes cluster's pods, of this machine (--local) or of capture files (--pcap).",
    footer = {"", "kubeshark tap                                       # all pods in all namespaces",
        "kubeshark tap -n sock-shop \"(catalo*|front-end*)\"   # pods whose names match, in one namespace", "",
        "Runs until Ctrl-C. In a cluster, Kubeshark stays installed then: `kubeshark clean` removes it. With --local and --pcap, entries and packets",
        "are kept on disk for as long as the options say, and removed at the end."})
final class TapCommand implements Callable<Integer> {
  private static final String USUAL_HOST = "127.0.0.1";
  private static final int USUAL_PORT = 8899;

  @Parameters(arity = "0..1", paramLabel = "POD_REGEX", description = "Target pods whose names match this (RE2, found anywhere in the name; default: all).")
  private String podRegex;

  @ArgGroup(validate = false, heading = "%nCluster:%n")
  private Targeted targeted = new Targeted();

  /** Each option is a key of the configuration. */
  private static final class Targeted {
    @Option(names = {"-n", "--namespaces"}, paramLabel = "NAMESPACE", split = ",", description = "Only pods in these namespaces; repeat or separate by commas (default: all).")
    private List<String> namespaces;

    @Option(names = {"-e", "--excludedNamespaces"}, paramLabel = "NAMESPACE", split = ",", description = "No pods in these namespaces.")
    private List<String> excluded;

    @Option(names = "--dryRun", description = "Only show which pods would be targeted: nothing is made.")
    private Boolean dryRun;

    @Option(names = {"-o", "--output"}, paramLabel = "json", description = "With --dryRun: print JSON.")
    private OutputFormat output;

    @Option(names = {"-r", "--docker-registry"}, paramLabel = "REGISTRY", description = "Where images are pulled from.")
    private String registry;

    @Option(names = {"-t", "--docker-tag"}, paramLabel = "TAG", description = "Tag of the images.")
    private String tag;

    @Option(names = "--docker-imagePullPolicy", paramLabel = "POLICY", description = "IfNotPresent, Always or Never.")
    private String pullPolicy;

    @Option(names = "--docker-imagePullSecrets", paramLabel = "NAME", split = ",", description = "Secrets to pull images with.")
    private List<String> pullSecrets;

    @Option(names = "--storageLimit", paramLabel = "SIZE", description = "Disk of each worker.")
    private String storageLimit;

    @Option(names = "--ingress-enabled", description = "Make an Ingress.")
    private Boolean ingress;

    @Option(names = "--release-helmChartPath", paramLabel = "PATH", description = "Install this chart instead of the one that is built in.")
    private String chart;

    Config into(Config config) {
      return config.withOption("--namespaces", "tap.namespaces", namespaces).withOption("--excludedNamespaces", "tap.excludedNamespaces", excluded)
          .withOption("--dryRun", "tap.dryRun", dryRun).withOption("--docker-registry", "tap.docker.registry", registry)
          .withOption("--docker-tag", "tap.docker.tag", tag).withOption("--docker-imagePullPolicy", "tap.docker.imagePullPolicy", pullPolicy)
          .withOption("--docker-imagePullSecrets", "tap.docker.imagePullSecrets", pullSecrets).withOption("--storageLimit", "tap.storageLimit", storageLimit)
          .withOption("--ingress-enabled", "tap.ingress.enabled", ingress).withOption("--release-helmChartPath", "tap.release.helmChartPath", chart);
    }

    boolean any() {
      return namespaces != null || excluded != null || dryRun != null;
    }
  }

  @Mixin
  private ClusterOptions cluster;

  @Mixin
  private ProxyOptions proxy;

  @Option(names = "--bpf", paramLabel = "FILTER", description = "Take only packets that match a pcap filter, e.g. 'tcp port 80 or port 53'.")
  private String bpf;

  @Mixin
  private LocalTapOptions local;

  @Override
  public Integer call() throws Exception {
    if (local.source == null) return inCluster();
    if (podRegex != null || targeted.any()) throw new Failure(Failure.USAGE, "POD_REGEX, -n, -e and --dryRun are for a cluster; --local and --pcap know no pods (-i, --bpf)");
    if (local.source.files != null && !local.interfaces.isEmpty()) throw new Failure(Failure.USAGE, "-i is for --local; a file has the interfaces that it has");
    return new LocalTap(local, bpf, proxy.hostOr(USUAL_HOST), proxy.portOr(USUAL_PORT), !proxy.noOpen()).run();
  }

  private int inCluster() throws InterruptedException {
    if (!local.interfaces.isEmpty()) throw new Failure(Failure.USAGE, "-i is for --local: the workers of a cluster find the pods' interfaces themselves");
    Config config = proxy.into(targeted.into(cluster.config())).withOption("POD_REGEX", "tap.regex", podRegex).withOption("--bpf", "tap.bpfOverride", bpf);
    return new ClusterTap(config).run(targeted.output == OutputFormat.JSON);
  }
}
