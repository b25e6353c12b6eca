package io.kubeshark.deploy;

import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.ImageReference;
import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.api.buildplan.ImageFormat;
import com.google.cloud.tools.jib.api.buildplan.Platform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One image: its layers and how it starts. */
record Archive(String name, String title, List<FileTree> layers, List<String> entrypoint) {
  /** Nobody in particular: not root, and no user of the node. */
  private static final String USER = "65532:65532";

  /** What docker, podman, containerd and skopeo load. */
  void save(Path file, String reference, Path cache) throws Exception {
    Files.deleteIfExists(file);
    builder(reference).containerize(quiet(Containerizer.to(TarImage.at(file).named(reference)), cache).setOfflineMode(true));
  }

  static Containerizer quiet(Containerizer containerizer, Path cache) {
    return containerizer.setApplicationLayersCache(cache).setBaseImageLayersCache(cache).setToolName("kubeshark deploy");
  }

  JibContainerBuilder builder(String reference) throws InvalidImageReferenceException {
    ImageReference image = ImageReference.parse(reference);
    return Jib.fromScratch()
        .setFormat(ImageFormat.Docker)
        .setPlatforms(Set.of(new Platform(architecture(), "linux")))
        .setFileEntriesLayers(layers.stream().map(FileTree::layer).toList())
        .setCreationTime(FileTree.TIME)
        .setUser(USER)
        .setEntrypoint(entrypoint)
        .setLabels(Map.of("org.opencontainers.image.title", title, "org.opencontainers.image.version", image.getTag().orElse("")));
  }

  private static String architecture() {
    String name = System.getProperty("os.arch");
    return name.equals("aarch64") ? "arm64" : name;
  }
}
