package io.otium.app.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Arguments to a verb, and what goes wrong to a sentence and an exit code: 0 done, 1 the work
 * failed, 2 bad usage.
 */
final class CommandLines {
  private static final int FAILED = 1;
  private static final int BAD_USAGE = 2;

  private CommandLines() {}

  static int run(Cli cli, String... args) {
    Optional<Verbs.Entry> named = args.length == 0 ? Optional.empty() : Verbs.find(args[0]);
    return commandLine(cli, named.map(List::of).orElse(Verbs.ALL)).execute(args);
  }

  /** The whole command line, for help texts and completion scripts. */
  static CommandLine whole(Cli cli) {
    return commandLine(cli, Verbs.ALL);
  }

  private static CommandLine commandLine(Cli cli, List<Verbs.Entry> entries) {
    CommandLine root = new CommandLine(new Root());
    for (Verbs.Entry entry : entries) {
      Verb verb = entry.make().apply(cli);
      CommandLine line = new CommandLine(verb);
      CommandSpec spec = line.getCommandSpec();
      verb.describe(spec);
      spec.usageMessage()
          .synopsisHeading("")
          .descriptionHeading("%n")
          .parameterListHeading("%n")
          .optionListHeading("%nOptions:%n")
          .commandListHeading("%nCommands:%n")
          .footerHeading("%n")
          .abbreviateSynopsis(true);
      // In the list of all, a few words; in the verb's own help, its description.
      if (entries.size() > 1) spec.usageMessage().header(entry.summary());
      root.addSubcommand(entry.name(), line);
    }
    if (entries.size() > 1) root.addSubcommand("help", new HelpCommand());
    root.getCommandSpec().versionProvider((IVersionProvider) () -> new String[] {Version.line()});
    root.setOut(new PrintWriter(cli.out(), true, StandardCharsets.UTF_8));
    root.setErr(new PrintWriter(cli.err(), true, StandardCharsets.UTF_8));
    root.setColorScheme(CommandLine.Help.defaultColorScheme(cli.watching() ? Ansi.ON : Ansi.OFF));
    root.setUsageHelpWidth(96);
    root.setUsageHelpLongOptionsMaxWidth(30);
    root.setUsageHelpAutoWidth(false);
    root.setParameterExceptionHandler((e, args) -> misused(cli, e, args));
    root.setExecutionExceptionHandler((e, line, parsed) -> failed(cli, e, line));
    return root;
  }

  private static int misused(Cli cli, ParameterException e, String[] args) {
    String name = e.getCommandLine().getCommandSpec().qualifiedName(" ");
    String sentence = sentence(e);
    report(cli, name, sentence + " (see ./" + name + " --help)", has(args, "--json"), BAD_USAGE);
    return BAD_USAGE;
  }

  private static String sentence(ParameterException e) {
    if (e instanceof UnmatchedArgumentException unmatched) {
      String argument = unmatched.getUnmatched().getFirst();
      boolean option = argument.startsWith("-");
      String what =
          option ? "option" : e.getCommandLine().getSubcommands().isEmpty() ? "word" : "command";
      String shown = option ? argument.replaceFirst("=.*", "") : argument;
      List<String> near = unmatched.getSuggestions();
      return near.isEmpty()
          ? "there is no %s %s".formatted(what, shown)
          : "there is no %s %s; did you mean %s?".formatted(what, shown, near.getFirst().strip());
    }
    String message = String.valueOf(e.getMessage()).strip();
    return Character.toLowerCase(message.charAt(0)) + message.substring(1);
  }

  private static int failed(Cli cli, Exception e, CommandLine line) {
    List<String> words = line.getParseResult().originalArgs();
    boolean json = words.contains("--json");
    int code = e instanceof Usage || e instanceof IllegalArgumentException ? BAD_USAGE : FAILED;
    report(cli, line.getCommandSpec().qualifiedName(" "), Failures.sentence(e), json, code);
    if (words.contains("--verbose")) e.printStackTrace(cli.err());
    return e instanceof CancellationException ? 130 : code;
  }

  private static void report(Cli cli, String name, String sentence, boolean json, int code) {
    cli.err().println(name + ": " + sentence);
    cli.err().flush();
    if (json) {
      var answer = JsonNodeFactory.instance.objectNode();
      answer.putObject("error").put("message", sentence).put("code", code);
      Json.print(cli, answer);
    }
  }

  private static boolean has(String[] args, String word) {
    return Arrays.asList(args).contains(word);
  }

  /** What went wrong, as a sentence. */
  static final class Failures {
    private Failures() {}

    static String sentence(Throwable e) {
      Throwable told =
          e instanceof UncheckedIOException io ? Objects.requireNonNull(io.getCause()) : e;
      String message = told.getMessage();
      boolean foreseen =
          e instanceof Usage
              || e instanceof IllegalArgumentException
              || e instanceof IllegalStateException
              || e instanceof UncheckedIOException
              || e.getClass().getPackageName().startsWith("io.otium");
      if (foreseen && message != null && !message.isBlank()) {
        return told instanceof java.nio.file.NoSuchFileException
            ? message + " does not exist"
            : told instanceof java.nio.file.AccessDeniedException
                ? message + " may not be read or written"
                : message;
      }
      return "something unforeseen went wrong: %s (--verbose says where)".formatted(told);
    }
  }
}
