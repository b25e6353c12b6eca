package io.kubeshark.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** A Java runtime with the modules that the jars use, and no more. */
final class JavaRuntime {
  /** Found by name at run time, so jdeps cannot see them: zip file systems, sockets' options, the JDK's HTTP client. */
  private static final Set<String> ALSO = Set.of("jdk.unsupported", "jdk.zipfs", "jdk.net", "java.net.http");
  /** Asked for by classes that are not used: Jackson's and SnakeYAML's bean introspection (java.beans), which they do without. */
  private static final Set<String> NOT = Set.of("java.desktop");
  private static final List<String> HELM = List.of("helm-java-", "lib-api-", "linux-amd64-", "linux-arm64-", "darwin-", "windows-", "jna-");

  private JavaRuntime() {}

  /** @param directory is made anew */
  static void link(Path javaHome, List<Path> jars, Path directory) throws IOException, InterruptedException {
    Set<String> modules = modules(javaHome, jars);
    Trees.remove(directory);
    Commands.output(directory.getParent(), List.of(javaHome.resolve("bin/jlink").toString(), "--add-modules", String.join(",", modules),
        "--strip-debug", "--no-header-files", "--no-man-pages", "--vm=server", "--compress=zip-0", "--output", directory.toString()));
  }

  private static Set<String> modules(Path javaHome, List<Path> jars) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(javaHome.resolve("bin/jdeps").toString(), "--ignore-missing-deps", "--multi-release", Integer.toString(Runtime.version().feature()), "--print-module-deps",
        "--class-path", String.join(":", jars.stream().map(Path::toString).toList())));
    for (Path jar : jars) command.add(jar.toString());
    // The answer is the last line; warnings about packages that two jars share come before it.
    List<String> lines = Commands.output(jars.getFirst().getParent(), command).lines().filter(line -> !line.isBlank()).toList();
    Set<String> modules = new TreeSet<>(List.of(lines.getLast().split(",")));
    if (!modules.contains("java.base")) throw new Failure("jdeps did not name modules but '" + lines.getLast() + "'");
    modules.addAll(ALSO);
    modules.removeAll(NOT);
    return modules;
  }

  /** What runs in the image: all jars but Helm's, which only the command line on a user's machine calls. */
  static List<Path> jars(Path directory) throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.filter(path -> path.toString().endsWith(".jar") && HELM.stream().noneMatch(path.getFileName().toString()::startsWith)).sorted().toList();
    }
  }
}
