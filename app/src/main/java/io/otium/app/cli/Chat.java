package io.otium.app.cli;

import io.otium.lm.LanguageModel;
import io.otium.lm.LoadOptions;
import io.otium.lm.engine.GenerateOptions;
import io.otium.lm.engine.GenerationResult;
import io.otium.lm.text.ChatMessage;
import io.otium.serve.LazyInference;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code otium chat}: a conversation at a terminal; one answer in a pipe. */
@Command(
    description = {
      "Talks to a model. With a message, or one piped in, it answers once; else you talk.",
      "While you talk, /help lists the commands; Ctrl-C stops an answer, Ctrl-D leaves."
    },
    footer = {
      "Examples:",
      "  ./otium chat",
      "  ./otium chat \"What is a monad?\"",
      "  cat notes.txt | ./otium chat \"Summarise this:\" -",
      "  echo \"Name three colours\" | ./otium chat --json"
    })
final class Chat implements Verb {
  /** Answers end by themselves; this ends one that does not. */
  private static final int MAX_TOKENS = 1024;

  private final Cli cli;
  private final OptionFlags<GenerateOptions> flags =
      new OptionFlags<>(Answering.options(MAX_TOKENS), "");
  private final LazyFlags lazy = new LazyFlags();

  @Parameters(
      paramLabel = "MESSAGE",
      arity = "0..*",
      description =
          "answer this and stop; without it, all of standard input if that is piped; - among words"
              + " stands for standard input")
  List<String> words = new ArrayList<>();

  @Option(
      names = "--system",
      paramLabel = "TEXT",
      description = "what the model is told before the conversation")
  @Nullable String system;

  @Mixin ModelFlags model;
  @Mixin Common common;

  Chat(Cli cli) {
    this.cli = cli;
  }

  @Override
  public void describe(CommandSpec spec) {
    flags.addTo(spec, "How answers are drawn");
    lazy.addTo(spec);
    model.addTo(spec);
  }

  @Override
  public Integer call() {
    GenerateOptions options = flags.read();
    LazyInference methods = lazy.read();
    if (words.isEmpty() && cli.typing() && cli.watching() && !common.json) return talk(methods);
    String message = Input.text(cli, words, "message");
    try (LanguageModel loaded = cli.load(model)) {
      requireTemplate(loaded);
      List<ChatMessage> messages = new ArrayList<>();
      if (system != null) messages.add(ChatMessage.system(system));
      messages.add(ChatMessage.user(message));
      int[] prompt = loaded.chatPrompt(messages);
      GenerationResult result =
          Answering.answer(
              cli,
              loaded,
              prompt,
              Answering.fitting(options, flags.given(), loaded, prompt),
              methods.newHook(loaded.info()),
              common.json);
      if (common.json) Json.print(cli, Answering.toJson(loaded.info(), result));
      if (common.verbose) cli.err().println(Answering.figures(result));
      return 0;
    }
  }

  private int talk(LazyInference methods) {
    LoadOptions options = model.options();
    LanguageModel first = cli.load(model);
    try (var session =
        new ChatSession(
            first,
            name -> cli.load(new Cli.LoadRequest(name, options)),
            Answering.options(MAX_TOKENS),
            flags.given(),
            methods)) {
      requireTemplate(first);
      if (system != null) session.tell(system);
      return new ChatTerminal(session, cli.home().resolve("chat_history")).run();
    }
  }

  private static void requireTemplate(LanguageModel model) {
    if (!model.canGenerate()) {
      throw new Usage(
          "%s is an encoder and writes no text; use ./otium embed, or another --model"
              .formatted(model.info().id()));
    }
    if (!model.canChat()) {
      throw new Usage(
          "%s has no chat template; use ./otium complete, or another --model"
              .formatted(model.info().id()));
    }
  }
}
