package io.otium.app.cli;

import io.otium.lm.LanguageModel;
import io.otium.lm.engine.GenerateOptions;
import io.otium.lm.engine.GenerationResult;
import io.otium.serve.LazyInference;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code otium complete}: goes on with a text, as it stands. */
@Command(
    description = "Goes on with a text. (To ask a question, use ./otium chat.)",
    footer = {
      "Examples:",
      "  ./otium complete \"The capital of France is\"",
      "  ./otium complete --max-tokens 20 --temperature 0 < story.txt",
      "  echo \"Once upon a time\" | ./otium complete --json"
    })
final class Complete implements Verb {
  private static final int MAX_TOKENS = 128;

  private final Cli cli;
  private final OptionFlags<GenerateOptions> flags =
      new OptionFlags<>(Answering.options(MAX_TOKENS), "");
  private final LazyFlags lazy = new LazyFlags();

  @Parameters(
      paramLabel = "TEXT",
      arity = "0..*",
      description = "the text; without it, standard input; - among words stands for standard input")
  List<String> words = new ArrayList<>();

  @Option(
      names = "--special",
      description = "read special tokens that the text spells, such as <|im_start|>")
  boolean special;

  @Mixin ModelFlags model;
  @Mixin Common common;

  Complete(Cli cli) {
    this.cli = cli;
  }

  @Override
  public void describe(CommandSpec spec) {
    flags.addTo(spec, "How the text is drawn");
    lazy.addTo(spec);
    model.addTo(spec);
  }

  @Override
  public Integer call() {
    GenerateOptions options = flags.read();
    LazyInference methods = lazy.read();
    String text = Input.text(cli, words, "text");
    try (LanguageModel loaded = cli.load(model)) {
      int[] prompt = loaded.tokenizer().encode(text, true, special);
      if (options.echo() && !common.json) cli.out().print(text);
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
}
