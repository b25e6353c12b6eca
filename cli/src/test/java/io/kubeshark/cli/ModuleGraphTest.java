package io.kubeshark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Prints who depends on whom, and fails on an edge that the architecture does not have (docs/architecture.md). */
class ModuleGraphTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern DEPENDENCY = Pattern.compile("<dependency>\\s*<groupId>io\\.kubeshark</groupId>\\s*<artifactId>([a-z]+)</artifactId>(.*?)</dependency>", Pattern.DOTALL);
  private static final Pattern MODULE = Pattern.compile("<module>([a-z]+)</module>");
  private static final Pattern PROTOCOL_IMPORT = Pattern.compile("import (?:static )?io\\.kubeshark\\.dissect\\.([a-z]+)\\.");

  /** A stage knows core and borrowed codecs; only worker, hub and cli wire. A module may depend only on those before it. */
  private static final Map<String, Set<String>> ALLOWED = Map.ofEntries(
      Map.entry("core", Set.of()),
      Map.entry("kube", Set.of("core")),
      Map.entry("codec", Set.of("core")),
      Map.entry("linux", Set.of("core")),
      Map.entry("capture", Set.of("core", "linux")),
      Map.entry("reassembly", Set.of("core")),
      Map.entry("dissect", Set.of("core")),
      Map.entry("kfl", Set.of("core", "codec")),
      Map.entry("render", Set.of("core", "codec")),
      Map.entry("store", Set.of("core")),
      Map.entry("wire", Set.of("core")),
      Map.entry("worker", Set.of("core", "codec", "linux", "capture", "reassembly", "dissect", "kfl", "render", "store", "wire", "kube")),
      Map.entry("hub", Set.of("core", "codec", "kfl", "render", "wire", "kube")),
      Map.entry("cli", Set.of("core", "linux", "capture", "reassembly", "dissect", "kfl", "render", "store", "wire", "kube", "worker", "hub")),
      Map.entry("deploy", Set.of()));

  @Test
  void modulesDependOnlyAsTheArchitectureSays() throws IOException {
    List<String> modules = modules();
    StringBuilder graph = new StringBuilder("module graph:\n");
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < modules.size(); i++) {
      String module = modules.get(i);
      Set<String> dependencies = dependencies(module);
      graph.append("  ").append(module).append(" -> ").append(String.join(", ", dependencies)).append('\n');
      for (String dependency : dependencies) {
        if (!ALLOWED.getOrDefault(module, Set.of()).contains(dependency)) wrong.add(module + " must not depend on " + dependency);
        if (modules.indexOf(dependency) >= i) wrong.add(module + " comes before " + dependency + " in pom.xml, but depends on it");
      }
    }
    System.out.print(graph);
    assertThat(modules).containsExactlyInAnyOrderElementsOf(ALLOWED.keySet());
    assertThat(wrong).isEmpty();
  }

  @Test
  void protocolsDoNotKnowEachOther() throws IOException {
    Path protocols = ROOT.resolve("dissect/src/main/java/io/kubeshark/dissect");
    List<String> wrong = new ArrayList<>();
    try (Stream<Path> files = Files.walk(protocols)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        String own = protocols.relativize(file).getNameCount() > 1 ? protocols.relativize(file).getName(0).toString() : "the runner";
        Matcher imports = PROTOCOL_IMPORT.matcher(Files.readString(file));
        while (imports.find()) if (!imports.group(1).equals(own)) wrong.add(file + " imports " + imports.group(1));
      }
    }
    assertThat(wrong).isEmpty();
  }

  private static List<String> modules() throws IOException {
    List<String> modules = new ArrayList<>();
    Matcher matcher = MODULE.matcher(Files.readString(ROOT.resolve("pom.xml")));
    while (matcher.find()) modules.add(matcher.group(1));
    return modules;
  }

  /** What it needs to run; tests may look further. */
  private static Set<String> dependencies(String module) throws IOException {
    Set<String> found = new TreeSet<>();
    Matcher matcher = DEPENDENCY.matcher(Files.readString(ROOT.resolve(module).resolve("pom.xml")));
    while (matcher.find()) if (!matcher.group(2).contains("<scope>test</scope>")) found.add(matcher.group(1));
    return found;
  }
}
