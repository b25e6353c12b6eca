package io.kubeshark.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Log lines of a container, one each on standard error (logfmt): {@code time=… level=info logger=Worker msg="…"}. */
final class LogLines extends Formatter {
  /** From now on, for this process. @param debug also what helps to find bugs */
  static void install(boolean debug) {
    Logger root = Logger.getLogger("");
    for (Handler handler : root.getHandlers()) root.removeHandler(handler);
    Handler handler = new ConsoleHandler();
    handler.setFormatter(new LogLines());
    handler.setLevel(Level.ALL);
    root.addHandler(handler);
    root.setLevel(Level.WARNING);
    Logger ours = Logger.getLogger("io.kubeshark");
    ours.setLevel(debug ? Level.FINE : Level.INFO);
    kept = ours;
  }

  /** The registry holds loggers weakly: one that nobody holds loses its level. */
  @SuppressWarnings("unused")
  private static Logger kept;

  @Override
  public String format(LogRecord record) {
    String name = record.getLoggerName() == null ? "" : record.getLoggerName();
    StringBuilder line = new StringBuilder(160).append("time=").append(record.getInstant()).append(" level=").append(level(record.getLevel()))
        .append(" logger=").append(name.substring(name.lastIndexOf('.') + 1)).append(" msg=");
    quoted(line, formatMessage(record));
    if (record.getThrown() != null) {
      StringWriter trace = new StringWriter();
      record.getThrown().printStackTrace(new PrintWriter(trace));
      quoted(line.append(" trace="), trace.toString());
    }
    return line.append('\n').toString();
  }

  private static String level(Level level) {
    if (level.intValue() >= Level.SEVERE.intValue()) return "error";
    if (level.intValue() >= Level.WARNING.intValue()) return "warn";
    return level.intValue() >= Level.INFO.intValue() ? "info" : "debug";
  }

  private static void quoted(StringBuilder line, String text) {
    line.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> line.append("\\\"");
        case '\\' -> line.append("\\\\");
        case '\n' -> line.append("\\n");
        case '\r' -> line.append("\\r");
        case '\t' -> line.append("\\t");
        default -> line.append(c < ' ' ? '?' : c);
      }
    }
    line.append('"');
  }
}
