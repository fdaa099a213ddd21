package io.otium.app.cli;

import java.util.List;

/** The text of a prompt: the words given, a dash among them for what is piped in. */
final class Input {
  private Input() {}

  /**
   * The words joined by spaces, or standard input where there are none. A word {@code -} stands for
   * standard input; without it, words are all there is, and nothing waits for a pipe.
   *
   * @throws Usage if there is no text and a person sits at the keyboard
   */
  static String text(Cli cli, List<String> words, String what) {
    String text;
    if (words.isEmpty()) {
      if (cli.typing()) {
        throw new Usage("no %s: write it behind the command, or pipe it in".formatted(what));
      }
      text = cli.readInput();
    } else if (words.contains("-")) {
      String piped = cli.readInput();
      text =
          String.join(
                  " ", words.stream().map(word -> word.equals("-") ? "\n" + piped : word).toList())
              .strip();
    } else {
      text = String.join(" ", words);
    }
    if (text.isBlank()) throw new Usage("the %s is empty".formatted(what));
    return text;
  }
}
