package io.otium.app.cli;

import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code otium completion}: what a shell needs to complete Otium's command line. */
@Command(
    description = {
      "Prints a script by which the shell completes commands, options and their values.",
      "Load it when a shell starts, from ~/.bashrc or ~/.zshrc."
    },
    footer = {
      "Examples:",
      "  source <(./otium completion bash)",
      "  ./otium completion zsh >> ~/.zshrc",
    })
final class Completion implements Verb {
  /** A shell that the script is for. */
  enum Shell {
    bash,
    zsh
  }

  private final Cli cli;

  @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}")
  Shell shell;

  @Mixin Common common;

  Completion(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() {
    String script = script();
    if (common.json) {
      Json.print(
          cli, Json.MAPPER.createObjectNode().put("shell", shell.name()).put("script", script));
    } else {
      cli.out().print(script);
    }
    return 0;
  }

  /** One script for both: in zsh it first loads what understands bash's completions. */
  private String script() {
    CommandLine whole = CommandLines.whole(cli);
    return AutoComplete.bash("otium", whole);
  }
}
