package io.kubeshark.cli;

import io.kubeshark.core.Connection;
import io.kubeshark.dissect.Runner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** Keeps what a failing dissector was reading, so that the bug can be found: at most {@value #FILES_MAX} files a run. */
final class Reproducers implements Runner.FailureListener {
  private static final int FILES_MAX = 20;
  private static final System.Logger LOG = System.getLogger(Reproducers.class.getName());

  private final AtomicInteger count = new AtomicInteger();

  @Override
  public void onFailure(String protocol, Connection connection, RuntimeException failure, byte[] reproducer) {
    String kept = "";
    if (count.incrementAndGet() <= FILES_MAX) {
      try {
        Path file = Files.createTempFile("kubeshark-" + protocol + "-", ".bin");
        Files.write(file, reproducer);
        kept = "; its bytes are in " + file;
      } catch (IOException e) {
        kept = "; its bytes could not be kept: " + e.getMessage();
      }
    }
    LOG.log(System.Logger.Level.ERROR, "the " + protocol + " dissector failed (a bug, please report it)" + kept, failure);
  }
}
