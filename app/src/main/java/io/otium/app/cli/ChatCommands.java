package io.otium.app.cli;

import io.otium.core.options.OptionField;
import io.otium.lm.ModelInfo;
import io.otium.lm.engine.GenerationResult;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiFunction;

/** What lines that begin with a slash do in a conversation. */
final class ChatCommands {
  /**
   * A command.
   *
   * @param argument what follows the name, for the help text
   * @param run given the conversation and the argument, says what to print
   */
  record Command(
      String name, String argument, String help, BiFunction<ChatSession, String, String> run) {}

  /** Names of commands that the terminal itself carries out. */
  static final String QUIT = "/quit";

  static final String RETRY = "/retry";

  static final List<Command> ALL =
      List.of(
          new Command(
              "/system", "[TEXT]", "tell the model who it is; - for nothing", ChatCommands::system),
          new Command(
              "/set",
              "[NAME [VALUE]]",
              "show or change how answers are drawn; - for the default",
              ChatCommands::set),
          new Command(
              "/model", "[MODEL]", "show the model, or go on with another", ChatCommands::model),
          new Command("/stats", "", "figures of the last answer and the model", (s, a) -> stats(s)),
          new Command(RETRY, "", "answer the last question anew", (s, a) -> ""),
          new Command("/save", "FILE", "keep the conversation", ChatCommands::save),
          new Command("/load", "FILE", "take one up again", ChatCommands::load),
          new Command("/clear", "", "begin a new conversation", ChatCommands::clear),
          new Command("/help", "", "this list", (s, a) -> help()),
          new Command(QUIT, "", "leave (also Ctrl-D)", (s, a) -> ""));

  private ChatCommands() {}

  static boolean isCommand(String line) {
    return line.startsWith("/");
  }

  /**
   * Carries a line out.
   *
   * @throws IllegalArgumentException for a command that does not exist, or a wrong argument
   */
  static String run(ChatSession session, String line) {
    String[] parts = line.strip().split("\\s+", 2);
    Command command =
        find(parts[0])
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "there is no command %s; /help lists them".formatted(parts[0])));
    return command.run().apply(session, parts.length > 1 ? parts[1] : "");
  }

  static Optional<Command> find(String name) {
    return ALL.stream().filter(command -> command.name().equals(name)).findFirst();
  }

  private static String system(ChatSession session, String text) {
    if (text.isEmpty()) {
      String system = session.system();
      return system == null ? "no system text is set" : system;
    }
    session.tell(text.equals("-") ? "" : text);
    return session.system() == null ? "system text removed" : "system text set";
  }

  private static String set(ChatSession session, String argument) {
    String[] words = argument.split("\\s*=\\s*|\\s+", 2);
    if (words.length > 1) session.set(words[0], words[1]);
    List<OptionField> shown =
        argument.isEmpty()
            ? session.options().fields()
            : List.of(session.options().field(words[0]));
    var values = session.options().toJson(session.settings());
    StringBuilder text = new StringBuilder();
    for (OptionField field : shown) {
      text.append(
          String.format(
              "%-20s %-8s %s%n", field.flag(), values.get(field.name()).toString(), field.doc()));
    }
    return text.toString().stripTrailing();
  }

  private static String model(ChatSession session, String name) {
    if (!name.isEmpty()) session.use(name);
    return describe(session.model().info());
  }

  static String describe(ModelInfo info) {
    return String.format(
        Locale.ROOT,
        "%s (%s, %.0fM parameters, %s, %,d tokens of context)",
        info.id(),
        info.architecture(),
        info.parameters() / 1e6,
        info.weights(),
        info.context());
  }

  private static String stats(ChatSession session) {
    var stats = session.model().stats();
    GenerationResult last = session.last();
    return (last == null ? "no answer yet" : Answering.figures(last))
        + String.format(
            Locale.ROOT,
            "%nweights %.0f MiB, cache %.0f MiB with %,d of %,d slots in use%n%,d tokens read (%,d"
                + " from the prefix cache) and %,d written since the model was loaded",
            stats.weightBytes() / 1048576.0,
            stats.kvBytes() / 1048576.0,
            stats.kvSlotsUsed(),
            stats.kvSlotsTotal(),
            stats.promptTokens(),
            stats.cachedTokens(),
            stats.generatedTokens());
  }

  private static String save(ChatSession session, String file) {
    session.save(path(file, "/save"));
    return "saved to " + path(file, "/save").toAbsolutePath();
  }

  private static String load(ChatSession session, String file) {
    session.load(path(file, "/load"));
    return "%d messages taken up".formatted(session.messages().size());
  }

  private static Path path(String file, String command) {
    if (file.isBlank()) throw new IllegalArgumentException(command + " needs a file's name");
    return file.startsWith("~/")
        ? Path.of(System.getProperty("user.home"), file.substring(2))
        : Path.of(file);
  }

  private static String clear(ChatSession session, String ignored) {
    session.clear();
    return "a new conversation";
  }

  private static String help() {
    StringBuilder text = new StringBuilder();
    for (Command command : ALL) {
      text.append(
          String.format("%-24s %s%n", command.name() + " " + command.argument(), command.help()));
    }
    return text
        + """

        A line that ends in \\ goes on in the next; so does all between two \""", and Alt-Enter breaks a line.
        Ctrl-C stops an answer; twice at an empty line, it leaves.\
        """;
  }
}
