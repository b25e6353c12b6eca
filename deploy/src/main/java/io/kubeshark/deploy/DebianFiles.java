package io.kubeshark.deploy;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The files of Debian packages that a program needs at run time: downloaded with apt (which checks signatures), unpacked, and only what
 * {@link #WANTED} names. Licences come along, and what scanners for vulnerabilities read ({@code /var/lib/dpkg/status.d}, os-release).
 */
final class DebianFiles {
  private static final List<String> WANTED = List.of("lib64/*", "lib/*/*.so*", "usr/lib/*/*.so*", "usr/share/doc/*/copyright", "usr/lib/os-release",
      "usr/sbin/nginx", "etc/nginx/mime.types");
  private static final List<String> APT_GET = List.of("apt-get", "-q", "-o", "APT::Sandbox::User=root");

  private final Path work;
  private final List<String> packages;
  private final Path root;

  /** @param work a directory of this image's own; downloads in it are used again */
  private DebianFiles(Path work, List<String> packages) {
    this.work = work;
    this.packages = packages;
    root = work.resolve("root");
  }

  static DebianFiles of(Path work, List<String> packages) throws IOException, InterruptedException {
    DebianFiles files = new DebianFiles(work, packages);
    Trees.empty(files.root);
    files.unpack();
    return files;
  }

  private void unpack() throws IOException, InterruptedException {
    Path downloads = Files.createDirectories(work.resolve("packages"));
    List<Path> archives;
    try {
      archives = download(downloads);
    } catch (Failure oldLists) {
      Commands.run(downloads, List.of("apt-get", "-q", "update")); // what they name is no longer there; not allowed to everybody
      archives = download(downloads);
    }
    Path status = Files.createDirectories(root.resolve("var/lib/dpkg/status.d"));
    for (Path archive : archives) {
      String file = archive.toAbsolutePath().toString();
      Commands.output(root, List.of("dpkg-deb", "-x", file, "."));
      String name = archive.getFileName().toString();
      Files.writeString(status.resolve(name.substring(0, name.indexOf('_'))), Commands.output(root, List.of("dpkg-deb", "-f", file)) + "\n");
    }
  }

  /** Those that are there from the last time and still the newest are not asked for again. */
  private List<Path> download(Path directory) throws IOException, InterruptedException {
    List<Path> archives = new ArrayList<>();
    List<String> missing = new ArrayList<>(APT_GET);
    missing.add("download");
    int known = missing.size();
    for (String name : packages) {
      // 'address' file bytes SHA256:…, in a directory that does not have it (else: nothing)
      String[] newest = Commands.output(work, Stream.concat(APT_GET.stream(), Stream.of("--print-uris", "download", name)).toList()).trim().split(" ");
      if (newest.length < 3) throw new Failure("apt-get knows no package '" + name + "': run apt-get update");
      Path archive = directory.resolve(newest[1]);
      archives.add(archive);
      if (!Files.exists(archive) || Files.size(archive) != Long.parseLong(newest[2])) missing.add(name);
    }
    if (missing.size() > known) Commands.output(directory, missing);
    return archives;
  }

  /** One file of a package, for a place of its own. */
  Path file(String path) {
    return root.resolve(path);
  }

  Path library(String soname) throws IOException {
    return followed(Path.of(multiarch("usr/lib"), soname));
  }

  /** Adds what is wanted. A library goes under the name that links give it (its soname) and not under its own too. */
  FileTree addTo(FileTree tree) throws IOException {
    List<PathMatcher> wanted = WANTED.stream().map(glob -> FileSystems.getDefault().getPathMatcher("glob:" + glob)).toList();
    List<Path> files = new ArrayList<>();
    List<Path> linked = new ArrayList<>();
    try (Stream<Path> all = Files.walk(root)) {
      for (Path path : all.toList()) {
        Path relative = root.relativize(path);
        if (Files.isDirectory(path) || wanted.stream().noneMatch(matcher -> matcher.matches(relative))) continue;
        Path target = followed(path);
        if (!Files.isRegularFile(target)) continue;
        if (!target.equals(path)) linked.add(target);
        files.add(path);
      }
    }
    for (Path path : files) if (!linked.contains(path)) tree.add("/" + root.relativize(path), followed(path));
    return tree.addAll("/var/lib/dpkg/status.d", root.resolve("var/lib/dpkg/status.d")).add("/etc/os-release", file("usr/lib/os-release"));
  }

  /** Where a link leads, an absolute one from the packages' root. */
  private Path followed(Path path) throws IOException {
    Path at = path;
    for (int links = 0; links < 8 && Files.isSymbolicLink(at); links++) {
      Path to = Files.readSymbolicLink(at);
      at = to.isAbsolute() ? root.resolve(to.toString().substring(1)) : at.resolveSibling(to).normalize();
    }
    return at;
  }

  /**
   * Asks the packages' own loader what a program would load.
   *
   * @throws Failure if something would come from outside the packages, and so not be in the image
   */
  void requireComplete(Path program) throws IOException, InterruptedException {
    String libraries = multiarch("lib") + ":" + multiarch("usr/lib");
    String loader = followed(loader()).toString();
    for (String line : Commands.output(root, List.of(loader, "--inhibit-cache", "--library-path", libraries, "--list", program.toString())).lines().toList()) {
      int arrow = line.indexOf("=> ");
      if (arrow < 0) continue;
      String found = line.substring(arrow + 3).trim();
      // An interpreter is named by its path on every machine.
      boolean inside = found.startsWith(root.toString()) || found.startsWith(program.getParent().toString()) || line.trim().startsWith("/lib");
      if (!inside) throw new Failure(program + " needs " + line.substring(0, arrow).trim() + ", which no package of the image brings: add one to " + packages);
    }
  }

  private Path loader() throws IOException {
    try (Stream<Path> loaders = Stream.concat(list(root.resolve("lib64")), list(root.resolve("lib")))) {
      return loaders.filter(path -> path.getFileName().toString().startsWith("ld-linux")).findFirst().orElseThrow(() -> new Failure("no loader in " + packages));
    }
  }

  private static Stream<Path> list(Path directory) throws IOException {
    return Files.isDirectory(directory) ? Files.list(directory) : Stream.empty();
  }

  private String multiarch(String parent) throws IOException {
    try (Stream<Path> all = list(root.resolve(parent))) {
      return all.filter(path -> path.getFileName().toString().endsWith("-linux-gnu")).findFirst().map(Path::toString).orElse("");
    }
  }
}
