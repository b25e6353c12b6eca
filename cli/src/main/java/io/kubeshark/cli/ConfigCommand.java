package io.kubeshark.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "config", mixinStandardHelpOptions = true, sortOptions = false, usageHelpAutoWidth = true,
    description = "Print the configuration that is in effect, as YAML that a configuration file may hold.",
    footer = {"", "An option wins over --set, that over the file (./kubeshark.yaml, else ~/.kubeshark/config.yaml), that over the default."})
final class ConfigCommand implements Callable<Integer> {
  @Mixin
  private ClusterOptions cluster;

  @Option(names = {"-r", "--regenerate"}, description = "Write the defaults to --config-path, or to ~/.kubeshark/config.yaml; what was there is kept beside it as .bak.")
  private boolean regenerate;

  @Option(names = {"-o", "--output"}, paramLabel = "json", description = "Print JSON.")
  private OutputFormat output;

  @Override
  public Integer call() throws IOException {
    if (regenerate) {
      write(cluster.configPath() == null ? Config.userFile() : cluster.configPath());
      return 0;
    }
    Config config = cluster.config();
    System.out.print(output == OutputFormat.JSON ? Json.text(config.values()) + "\n" : Yaml.dump(config.values()));
    System.out.flush();
    return 0;
  }

  private static void write(Path path) throws IOException {
    try {
      if (path.toAbsolutePath().getParent() != null) Files.createDirectories(path.toAbsolutePath().getParent());
      if (Files.exists(path)) Files.copy(path, path.resolveSibling(path.getFileName() + ".bak"), StandardCopyOption.REPLACE_EXISTING);
      Files.writeString(path, "# Defaults of Kubeshark " + Version.NUMBER + ". Keys that are not here are refused.\n" + Yaml.dump(new Config().values()));
    } catch (IOException e) {
      throw new Failure("the configuration cannot be written to '" + path + "': " + e);
    }
    System.out.println("Wrote the defaults to " + path);
  }
}
