package io.kubeshark.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Entry point. Exit codes: 0 done, 1 failed, 2 wrong usage. */
@Command(name = "kubeshark", mixinStandardHelpOptions = true, versionProvider = Version.class, synopsisSubcommandLabel = "COMMAND",
    description = "Shows every API call in a Kubernetes cluster or on this machine, live, without touching what makes it.")
public final class Kubeshark implements Runnable {
  @Option(names = {"-d", "--debug"}, scope = ScopeType.INHERIT, description = "Log more, and print stack traces.")
  private boolean debug;

  /** In the order in which help shows them. */
  private static final Map<String, Supplier<Object>> VERBS = verbs();
  private static final String[] DEBUGGED = {"io.kubeshark", "io.fabric8", "org.eclipse.jetty"};

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  private static Map<String, Supplier<Object>> verbs() {
    Map<String, Supplier<Object>> verbs = new LinkedHashMap<>();
    verbs.put("tap", TapCommand::new);
    verbs.put("proxy", ProxyCommand::new);
    verbs.put("clean", CleanCommand::new);
    verbs.put("doctor", DoctorCommand::new);
    verbs.put("logs", LogsCommand::new);
    verbs.put("pcapdump", PcapdumpCommand::new);
    verbs.put("config", ConfigCommand::new);
    verbs.put("dissect", DissectCommand::new);
    verbs.put("worker", WorkerCommand::new);
    verbs.put("hub", HubCommand::new);
    verbs.put("version", VersionCommand::new);
    verbs.put("completion", CompletionCommand::new);
    return verbs;
  }

  /** The whole program; only the verb that the first argument names, if it names one: picocli takes long to look at the others' options. */
  private static CommandLine line(Kubeshark program, String... arguments) {
    CommandLine line = new CommandLine(program);
    String first = arguments.length == 0 || arguments[0].equals("completion") ? "" : arguments[0];
    if (VERBS.containsKey(first)) {
      line.addSubcommand(VERBS.get(first).get());
    } else {
      VERBS.values().forEach(verb -> line.addSubcommand(verb.get()));
    }
    return line;
  }

  public static void main(String[] arguments) {
    System.exit(execute(arguments));
  }

  static int execute(String... arguments) {
    Kubeshark program = new Kubeshark();
    CommandLine line = line(program, arguments).setCaseInsensitiveEnumValuesAllowed(true);
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
