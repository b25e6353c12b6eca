package io.kubeshark.cli;

import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "completion", mixinStandardHelpOptions = true, usageHelpAutoWidth = true,
    description = "Print a script that completes commands and options in a shell.",
    footer = {"", "bash: source <(kubeshark completion bash)", "zsh:  source <(kubeshark completion zsh)"})
final class CompletionCommand implements Runnable {
  /** Fish is not among them: picocli makes bash scripts, which zsh can read. */
  private enum Shell { BASH, ZSH }

  @Parameters(paramLabel = "bash|zsh", description = "The shell.")
  private Shell shell;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public void run() {
    String script = AutoComplete.bash("kubeshark", spec.root().commandLine());
    if (shell == Shell.ZSH) script = "autoload -Uz compinit bashcompinit && compinit -u && bashcompinit\n" + script;
    spec.commandLine().getOut().print(script.replace("\r", ""));
    spec.commandLine().getOut().flush();
  }
}
