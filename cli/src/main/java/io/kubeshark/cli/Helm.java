package io.kubeshark.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Helm: the program if it is on the PATH, else the library (Linux on amd64). Both get the chosen context as a kubeconfig of its own. */
final class Helm implements AutoCloseable {
  private static final String LIBRARY_HEAP = "128m";

  private final Path kubeconfig;
  private final Path program;

  Helm(Cluster cluster) {
    try {
      kubeconfig = cluster.kubeconfigOfContext();
    } catch (IOException e) {
      throw new Failure("no temporary file can be written: " + e.getMessage());
    }
    program = onPath();
    boolean library = System.getProperty("os.name").equals("Linux") && System.getProperty("os.arch").equals("amd64");
    if (program == null && !library) {
      close();
      throw new Failure("needs `helm` on the PATH on this system (" + System.getProperty("os.name") + ", " + System.getProperty("os.arch") + "): install it and run again");
    }
  }

  private static Path onPath() {
    String path = System.getenv("PATH");
    for (String folder : path == null ? new String[0] : path.split(java.io.File.pathSeparator)) {
      Path file = Path.of(folder.isEmpty() ? "." : folder, "helm");
      if (Files.isExecutable(file) && !Files.isDirectory(file)) return file;
    }
    return null;
  }

  /** @throws Failure with Helm's words; nothing of the release is left then, as far as Helm could */
  void install(Release release, Path chart, Map<String, Object> values) {
    Path file = null;
    try {
      file = Files.createTempFile("kubeshark", ".values.json"); // JSON is YAML of each version
      Files.writeString(file, Json.text(values));
      run("install", release.name(), chart.toString(), "--namespace", release.namespace(), "--create-namespace", "--values", file.toString());
    } catch (IOException e) {
      throw new Failure("the chart cannot be installed: " + e.getMessage());
    } finally {
      delete(file);
    }
  }

  /** @return false if Helm knows no such release */
  boolean uninstall(Release release) {
    try {
      run("uninstall", release.name(), "--namespace", release.namespace());
      return true;
    } catch (IOException e) {
      String message = String.valueOf(e.getMessage());
      if (message.toLowerCase(Locale.ROOT).contains("not found")) return false;
      throw new Failure("helm could not uninstall '" + release.name() + "': " + message);
    }
  }

  private void run(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(program != null ? List.of(program.toString()) : List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC", "-Xmx" + LIBRARY_HEAP, "-XX:TieredStopAtLevel=1",
        "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"), HelmLibrary.class.getName()));
    command.addAll(List.of(arguments));
    command.addAll(List.of("--kubeconfig", kubeconfig.toString()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    try {
      if (process.waitFor() != 0) throw new IOException(said.replaceFirst("(?s)^.*Error: ", ""));
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static void delete(Path file) {
    try {
      if (file != null) Files.deleteIfExists(file);
    } catch (IOException e) {
      // It is the system's folder for temporary files.
    }
  }

  @Override
  public void close() {
    delete(kubeconfig);
  }
}
