package io.kubeshark.cli;

import java.io.IOException;

/** Opens a page in the user's browser, where there is a desktop. */
final class Browser {
  private Browser() {}

  static void open(String url) {
    boolean desktop = System.getenv("DISPLAY") != null || System.getenv("WAYLAND_DISPLAY") != null;
    if (!desktop) return;
    try {
      new ProcessBuilder("xdg-open", url).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    } catch (IOException e) {
      // The address is printed: nothing is lost.
    }
  }
}
