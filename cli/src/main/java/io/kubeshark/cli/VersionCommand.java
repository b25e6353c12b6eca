package io.kubeshark.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "version", mixinStandardHelpOptions = true, sortOptions = false, usageHelpAutoWidth = true,
    description = "Print the version, and with --installed that of what is installed in the cluster.")
final class VersionCommand implements Runnable {
  @Option(names = {"-i", "--installed"}, description = "Ask the cluster, too.")
  private boolean installed;

  @Option(names = {"-o", "--output"}, paramLabel = "json", description = "Print JSON.")
  private OutputFormat output;

  @Mixin
  private ClusterOptions cluster;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public void run() {
    Map<String, Object> versions = new LinkedHashMap<>();
    versions.put("version", Version.NUMBER);
    versions.put("java", Runtime.version().toString());
    if (installed) versions.putAll(InstalledVersion.of(cluster.config()));
    PrintWriter out = spec.commandLine().getOut();
    if (output == OutputFormat.JSON) {
      out.println(Json.text(versions));
      return;
    }
    out.println(new Version().getVersion()[0]);
    if (installed) {
      out.println("installed: " + versions.get("installed") + " in namespace '" + versions.get("namespace") + "'");
      out.println("Kubernetes: " + versions.get("kubernetes"));
    }
  }
}
