package io.kubeshark.cli;

import java.io.PrintWriter;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Entry point. Exit codes: 0 done, 1 failed, 2 wrong usage. */
@Command(name = "kubeshark", mixinStandardHelpOptions = true, versionProvider = Version.class, synopsisSubcommandLabel = "COMMAND",
    description = "Shows every API call on this machine, live, without touching what makes it.",
    subcommands = {TapCommand.class, DissectCommand.class, VersionCommand.class, AutoComplete.GenerateCompletion.class})
public final class Kubeshark implements Runnable {
  @Option(names = {"-d", "--debug"}, scope = ScopeType.INHERIT, description = "Log more, and print stack traces.")
  private boolean debug;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  public static void main(String[] arguments) {
    System.exit(execute(arguments));
  }

  static int execute(String... arguments) {
    Kubeshark program = new Kubeshark();
    CommandLine line = new CommandLine(program).setCaseInsensitiveEnumValuesAllowed(true);
    // The script that completes is for shells: it is asked for by who packages, not by who looks for help.
    line.getSubcommands().get("generate-completion").getCommandSpec().usageMessage().hidden(true);
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
    root.setLevel(level);
    for (var handler : root.getHandlers()) handler.setLevel(level);
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
