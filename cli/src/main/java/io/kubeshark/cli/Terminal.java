package io.kubeshark.cli;

import io.kubeshark.kfl.KflException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this process stands on. */
final class Terminal {
  private Terminal() {}

  /** Whether a standard stream (0, 1, 2) is a terminal: {@code System.console()} knows only of all of them together. */
  static boolean isTerminal(int descriptor) {
    try {
      Path target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor));
      return target.startsWith("/dev/pts") || target.toString().startsWith("/dev/tty") || target.toString().equals("/dev/console");
    } catch (IOException e) {
      return false;
    }
  }

  /** Width of the terminal, as the shell tells it. */
  static int columns(int otherwise) {
    String columns = System.getenv("COLUMNS");
    try {
      return columns == null ? otherwise : Math.max(60, Integer.parseInt(columns));
    } catch (NumberFormatException e) {
      return otherwise;
    }
  }

  static String hostName() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).trim();
    } catch (IOException e) {
      try {
        return InetAddress.getLocalHost().getHostName();
      } catch (UnknownHostException unknown) {
        return "localhost";
      }
    }
  }

  /** The filter, a mark below the place, and what is wrong there. */
  static String kflError(String expression, KflException e) {
    String mark = " ".repeat(Math.max(0, e.column() - 1)) + "^".repeat(Math.max(1, e.length()));
    String[] lines = expression.split("\n", -1);
    String line = lines[Math.min(lines.length, Math.max(1, e.line())) - 1];
    String suggestion = e.suggestion() == null || e.suggestion().isEmpty() || e.getMessage().contains(e.suggestion()) ? "" : "; did you mean '" + e.suggestion() + "'?";
    return "the filter is wrong: " + e.getMessage() + suggestion + "\n  " + line + "\n  " + mark;
  }
}
