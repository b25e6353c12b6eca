package io.kubeshark.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code deploy/build-images}: makes the two images, prints their sizes, and pushes them if asked. */
public final class BuildImages {
  private static final String USAGE = """
      usage: deploy/build-images [--tag TAG] [--registry REGISTRY] [--out DIR] [--push] [--insecure]

        --tag TAG            tag of both images (default: the chart's appVersion)
        --registry REGISTRY  what the images' names begin with (default: registry.local/kubeshark)
        --out DIR            where kubeshark.tar and front.tar are written (default: deploy/target/images)
        --push               also push them to the registry, with the credentials that docker login or podman login left
        --insecure           push to a registry without TLS, or with a certificate that nobody knows
      """;
  /** libpcap compiles capture filters; what it needs besides libc follows. base-files: os-release. */
  private static final List<String> KUBESHARK_PACKAGES = List.of("base-files", "libc6", "libpcap0.8", "libdbus-1-3", "libsystemd0", "libcap2",
      "libgcrypt20", "libgpg-error0", "liblz4-1", "liblzma5", "libzstd1");
  private static final List<String> FRONT_PACKAGES = List.of("base-files", "libc6", "nginx", "nginx-common", "libcrypt1", "libpcre2-8-0", "libssl3", "zlib1g", "dash");

  private static final String ARCHIVE = "/kubeshark/classes.jsa";

  private final Path home;
  private final Path work;
  private String tag;
  private String registry = "registry.local/kubeshark";
  private Path out;
  private boolean push;
  private boolean insecure;

  private BuildImages(Path home) {
    this.home = home;
    work = home.resolve("deploy/target/work");
    out = home.resolve("deploy/target/images");
  }

  /** {@code kubeshark.home}: the project's folder, built. {@code java.home}: the JDK whose runtime goes into the image. */
  public static void main(String[] arguments) throws Exception {
    BuildImages build = new BuildImages(Path.of(System.getProperty("kubeshark.home", ".")).toRealPath());
    try {
      if (build.options(arguments)) build.run();
      else System.out.print(USAGE);
    } catch (Failure failure) {
      System.err.println("build-images: " + failure.getMessage());
      System.exit(1);
    }
  }

  private boolean options(String[] arguments) {
    for (int i = 0; i < arguments.length; i++) {
      switch (arguments[i]) {
        case "-h", "--help" -> {
          return false;
        }
        case "--push" -> push = true;
        case "--insecure" -> insecure = true;
        case "--tag", "--registry", "--out" -> {
          if (i + 1 == arguments.length) throw new Failure(arguments[i] + " needs a value\n" + USAGE);
          option(arguments[i], arguments[++i]);
        }
        default -> throw new Failure("unknown argument '" + arguments[i] + "'\n" + USAGE);
      }
    }
    return true;
  }

  private void option(String name, String value) {
    switch (name) {
      case "--tag" -> tag = value;
      case "--registry" -> registry = value.endsWith("/") ? value.substring(0, value.length() - 1) : value;
      default -> out = Path.of(value).toAbsolutePath();
    }
  }

  private void run() throws Exception {
    if (tag == null) tag = appVersion(home.resolve("deploy/chart/Chart.yaml"));
    Files.createDirectories(work);
    Files.createDirectories(out);
    for (Archive archive : List.of(kubeshark(), front())) {
      String reference = registry + "/" + archive.name() + ":" + tag;
      Path file = out.resolve(archive.name() + ".tar");
      archive.save(file, reference, work.resolve("layers"));
      System.out.printf("%s  %.1f MB  %s%n", reference, Files.size(file) / 1e6, file);
      if (push) {
        registryOf(System.getenv()).push(archive, reference, work.resolve("layers"));
        System.out.println("pushed " + reference);
      }
    }
  }

  private Registry registryOf(Map<String, String> environment) {
    return new Registry(Registry.logins(environment, Path.of(System.getProperty("user.home"))), insecure);
  }

  static String appVersion(Path chart) throws IOException {
    return Files.readAllLines(chart).stream().filter(line -> line.startsWith("appVersion:")).findFirst()
        .map(line -> line.substring(line.indexOf(':') + 1).replace("\"", "").trim()).orElseThrow(() -> new Failure(chart + " has no appVersion"));
  }

  private Archive kubeshark() throws IOException, InterruptedException {
    Path lib = home.resolve("cli/target/lib");
    if (!Files.isDirectory(lib)) throw new Failure(lib + " is missing: build the project first (./kubeshark version does)");
    DebianFiles debian = DebianFiles.of(work.resolve("kubeshark"), KUBESHARK_PACKAGES);
    Path staged = Files.createDirectories(work.resolve("staged"));
    List<Path> jars = staged(JavaRuntime.jars(lib), Trees.empty(staged.resolve("kubeshark/lib")));
    Path runtime = staged.resolve("jre");
    JavaRuntime.link(Path.of(System.getProperty("java.home")), jars, runtime);
    debian.requireComplete(runtime.resolve("lib/server/libjvm.so"));
    debian.requireComplete(debian.library("libpcap.so.0.8"));
    Path archive = ClassArchive.dump(staged, image("kubeshark/java.options"), image("kubeshark/classes.lst"), jars);
    FileTree base = debian.addTo(new FileTree("base")).add("/etc/passwd", image("passwd")).add("/etc/group", image("group"));
    FileTree application = new FileTree("application").add("/kubeshark/java.options", javaOptions(jars)).add(ARCHIVE, archive);
    for (Path jar : jars) application.add("/kubeshark/lib/" + jar.getFileName(), jar);
    return new Archive("kubeshark", "Kubeshark: worker and hub", List.of(base, new FileTree("runtime").addAll("/jre", runtime), application),
        List.of("/jre/bin/java", "@/kubeshark/java.options", "io.kubeshark.cli.Kubeshark"));
  }

  /** Copies, with the time that they have in the image; a build that goes on meanwhile does not reach them. */
  private static List<Path> staged(List<Path> jars, Path directory) throws IOException {
    List<Path> copies = new ArrayList<>();
    for (Path jar : jars) copies.add(Files.setLastModifiedTime(Files.copy(jar, directory.resolve(jar.getFileName())), FileTime.from(FileTree.TIME)));
    return copies;
  }

  /** The options of the JVM and the class path: sorted, as a directory's order is not the same everywhere. */
  private Path javaOptions(List<Path> jars) throws IOException {
    List<String> classPath = new ArrayList<>();
    for (Path jar : jars) classPath.add("/kubeshark/lib/" + jar.getFileName());
    return Files.writeString(work.resolve("java.options"),
        Files.readString(image("kubeshark/java.options")) + "-XX:SharedArchiveFile=" + ARCHIVE + "\n-cp " + String.join(":", classPath) + "\n");
  }

  private Archive front() throws IOException, InterruptedException {
    Path dist = home.resolve("front/dist");
    if (!Files.isRegularFile(dist.resolve("index.html"))) throw new Failure(dist + " is missing: build the project first (./kubeshark version does)");
    DebianFiles debian = DebianFiles.of(work.resolve("front"), FRONT_PACKAGES);
    debian.requireComplete(debian.file("usr/sbin/nginx"));
    debian.requireComplete(debian.file("bin/dash"));
    FileTree base = debian.addTo(new FileTree("base")).add("/bin/sh", debian.file("bin/dash"))
        .add("/etc/passwd", image("passwd")).add("/etc/group", image("group"));
    FileTree application = new FileTree("application").addAll("/front", dist).add("/etc/nginx/nginx.conf", image("front/nginx.conf")).add("/start", image("front/start"));
    return new Archive("front", "Kubeshark: dashboard", List.of(base, application), List.of("/start"));
  }

  private Path image(String file) {
    return home.resolve("deploy/images").resolve(file);
  }
}
