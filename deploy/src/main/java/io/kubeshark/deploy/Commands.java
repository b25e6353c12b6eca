package io.kubeshark.deploy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Runs programs of the machine. */
final class Commands {
  private Commands() {}

  record Result(int status, String output) {}

  /** @return exit status, and what it wrote to standard output and error */
  static Result run(Path directory, List<String> command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
    builder.environment().put("LC_ALL", "C");
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), output);
  }

  /** @throws Failure with the command and its output if it does not end with 0 */
  static String output(Path directory, List<String> command) throws IOException, InterruptedException {
    Result result = run(directory, command);
    if (result.status != 0) throw new Failure("'" + String.join(" ", command) + "' failed (" + result.status + "):\n" + result.output);
    return result.output;
  }
}
