package io.otium.app.cli;

import io.otium.lm.engine.GenerationResult;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Objects;
import org.jline.keymap.KeyMap;
import org.jline.reader.Binding;
import org.jline.reader.EOFError;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.ParsedLine;
import org.jline.reader.Parser;
import org.jline.reader.Reference;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.reader.impl.completer.StringsCompleter;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/** A conversation at a terminal: reads lines with history and editing, prints answers. */
final class ChatTerminal {
  private static final String QUOTES = "\"\"\"";
  private static final String DIM = "\033[2m";
  private static final String PLAIN = "\033[0m";

  private final ChatSession session;
  private final Path history;

  ChatTerminal(ChatSession session, Path history) {
    this.session = session;
    this.history = history;
  }

  int run() {
    try (Terminal terminal = TerminalBuilder.builder().system(true).build()) {
      return talk(terminal);
    } catch (IOException e) {
      throw new UncheckedIOException("the terminal cannot be used", e);
    }
  }

  int talk(Terminal terminal) {
    terminal.handle(Terminal.Signal.INT, signal -> session.stop());
    LineReader reader = reader(terminal);
    PrintWriter out = terminal.writer();
    out.println(ChatCommands.describe(session.model().info()));
    out.println(DIM + "/help for commands, Ctrl-D to leave" + PLAIN);
    boolean interrupted = false;
    while (true) {
      String line;
      try {
        line = message(reader.readLine("> "));
      } catch (UserInterruptException e) {
        if (e.getPartialLine().isEmpty() && interrupted) return 0;
        interrupted = e.getPartialLine().isEmpty();
        if (interrupted) out.println(DIM + "Ctrl-C once more, or Ctrl-D, leaves" + PLAIN);
        continue;
      } catch (EndOfFileException e) {
        return 0;
      }
      interrupted = false;
      if (line.isBlank()) continue;
      if (line.strip().equals(ChatCommands.QUIT) || line.strip().equals("/exit")) return 0;
      try {
        respond(terminal, out, line);
      } catch (RuntimeException e) {
        say(terminal, CommandLines.Failures.sentence(e));
      }
      out.flush();
    }
  }

  private void respond(Terminal terminal, PrintWriter out, String line) {
    boolean again = line.strip().equals(ChatCommands.RETRY);
    if (ChatCommands.isCommand(line) && !again) {
      say(terminal, ChatCommands.run(session, line));
      return;
    }
    // What is typed meanwhile is read as the next line; shown, it would stand in the answer.
    terminal.echo(false);
    try {
      answer(terminal, out, line, again);
    } finally {
      terminal.echo(true);
    }
  }

  private static void say(Terminal terminal, String text) {
    WordWrap.lines(text, terminal.getSize().getColumns(), terminal.writer()::print);
  }

  private void answer(Terminal terminal, PrintWriter out, String line, boolean again) {
    WordWrap wrap =
        new WordWrap(
            terminal.getSize().getColumns(),
            text -> {
              out.print(text);
              out.flush();
            });
    GenerationResult result = again ? session.again(wrap::print) : session.ask(line, wrap::print);
    wrap.end();
    if (result.finish() == GenerationResult.Finish.CANCELLED)
      out.println(DIM + "(stopped)" + PLAIN);
    if (result.finish() == GenerationResult.Finish.LENGTH) {
      out.println(
          DIM + "(cut at %d tokens; /set max-tokens N)".formatted(result.tokens().length) + PLAIN);
    }
    out.println();
  }

  private LineReader reader(Terminal terminal) {
    LineReader reader =
        LineReaderBuilder.builder()
            .terminal(terminal)
            .appName("otium")
            .parser(new Lines())
            .completer(new StringsCompleter(ChatCommands.ALL.stream().map(c -> c.name()).toList()))
            .variable(LineReader.HISTORY_FILE, history)
            .variable(LineReader.SECONDARY_PROMPT_PATTERN, "… ")
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
            .build();
    reader
        .getWidgets()
        .put(
            "otium-newline",
            () -> {
              reader.getBuffer().write('\n');
              return true;
            });
    KeyMap<Binding> keys = Objects.requireNonNull(reader.getKeyMaps().get(LineReader.MAIN));
    keys.bind(new Reference("otium-newline"), KeyMap.alt("\r"), KeyMap.alt("\n"));
    return reader;
  }

  /** The message that was typed: without the marks that joined its lines. */
  static String message(String typed) {
    String text = typed.strip();
    if (text.startsWith(QUOTES) && text.endsWith(QUOTES) && text.length() >= 2 * QUOTES.length()) {
      return text.substring(QUOTES.length(), text.length() - QUOTES.length()).strip();
    }
    return typed.replace("\\\n", "\n");
  }

  /** Whether what was typed so far goes on in the next line. */
  static boolean goesOn(String typed) {
    String text = typed.strip();
    if (text.startsWith(QUOTES)) {
      return text.length() < 2 * QUOTES.length() || !text.endsWith(QUOTES);
    }
    return typed.endsWith("\\");
  }

  /** Asks for another line while the message is not whole; completes as words. */
  private static final class Lines implements Parser {
    private final DefaultParser words = new DefaultParser().eofOnUnclosedQuote(false);

    @Override
    public ParsedLine parse(String line, int cursor, ParseContext context) {
      boolean reading = context != ParseContext.COMPLETE;
      if (reading && goesOn(line)) throw new EOFError(-1, -1, "the message goes on");
      return words.parse(line, cursor, ParseContext.COMPLETE);
    }
  }
}
