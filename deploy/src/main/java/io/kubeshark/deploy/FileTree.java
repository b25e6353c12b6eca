package io.kubeshark.deploy;

import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Files of one image layer: where they are now by where they will be. Links are followed. All are owned by root and readable by everyone. */
final class FileTree {
  /** Of every file. The JVM compares it with what its class archive noted, so whoever makes one sets it before. */
  static final Instant TIME = Instant.parse("2026-01-01T00:00:00Z");
  private static final FilePermissions DATA = FilePermissions.fromOctalString("644");
  private static final FilePermissions PROGRAM = FilePermissions.fromOctalString("755");

  private final String name;
  private final Map<String, Path> files = new TreeMap<>();

  FileTree(String name) {
    this.name = name;
  }

  /** @param target absolute */
  FileTree add(String target, Path source) {
    if (!Files.isRegularFile(source)) throw new Failure("layer '" + name + "' wants " + source + ", which is no file");
    files.put(target, source);
    return this;
  }

  /** All files below a directory. */
  FileTree addAll(String target, Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) add(target + "/" + directory.relativize(file), file);
    }
    return this;
  }

  Map<String, Path> files() {
    return files;
  }

  FileEntriesLayer layer() {
    FileEntriesLayer.Builder layer = FileEntriesLayer.builder().setName(name);
    files.forEach((target, source) ->
        layer.addEntry(source, AbsoluteUnixPath.get(target), Files.isExecutable(source) ? PROGRAM : DATA, TIME));
    return layer.build();
  }
}
