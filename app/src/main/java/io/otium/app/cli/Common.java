package io.otium.app.cli;

import picocli.CommandLine.Option;

/** Options that every verb has. */
final class Common {
  @Option(names = "--json", description = "print one JSON object, for programs to read")
  boolean json;

  @Option(names = "--verbose", description = "say more; errors with their stack trace")
  boolean verbose;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "show this help")
  boolean help;
}
