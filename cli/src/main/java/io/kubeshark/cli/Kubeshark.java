package io.kubeshark.cli;

import java.io.PrintWriter;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Entry point. Exit codes: 0 done, 1 failed, 2 wrong usage. */
@Command(name = "kubeshark", mixinStandardHelpOptions = true, versionProvider = Version.class, synopsisSubcommandLabel = "COMMAND",
    description = "Shows every API call in a Kubernetes cluster or on this machine, live, without touching what makes it.",
    subcommands = {TapCommand.class, ProxyCommand.class, CleanCommand.class, DoctorCommand.class, LogsCommand.class, PcapdumpCommand.class, ConfigCommand.class,
        DissectCommand.class, WorkerCommand.class, HubCommand.class, VersionCommand.class, CompletionCommand.class})
public final class Kubeshark implements Runnable {
  @Option(names = {"-d", "--debug"}, scope = ScopeType.INHERIT, description = "Log more, and print stack traces.")
  private boolean debug;

  private static final String[] DEBUGGED = {"io.kubeshark", "io.fabric8", "org.eclipse.jetty"};

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  public static void main(String[] arguments) {
    System.exit(execute(arguments));
  }

  static int execute(String... arguments) {
    Kubeshark program = new Kubeshark();
    CommandLine line = new CommandLine(program).setCaseInsensitiveEnumValuesAllowed(true);
    line.setExecutionStrategy(parsed -> {
      program.logging();
      return new CommandLine.RunLast().execute(parsed);
    });
    line.setExecutionExceptionHandler((exception, command, parsed) -> program.failed(exception, command.getErr()));
    return line.execute(arguments);
  }

  private void logging() {
    Level level = debug ? Level.FINE : Level.WARNING;
    Logger root = Logger.getLogger("");
    root.setLevel(Level.WARNING);
    for (var handler : root.getHandlers()) handler.setLevel(level);
    if (!debug) return;
    // Not the JDK's: it tells of each certificate and connection.
    for (String name : DEBUGGED) Logger.getLogger(name).setLevel(level);
  }

  private int failed(Exception exception, PrintWriter err) {
    if (debug) exception.printStackTrace(err);
    String message = exception.getMessage();
    err.println("kubeshark: " + (message == null || message.isBlank() ? exception.toString() : message));
    if (!(exception instanceof Failure) && !(exception instanceof java.io.IOException) && !debug) err.println("Run again with --debug for the details.");
    return exception instanceof Failure failure ? failure.exitCode() : Failure.FAILED;
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
