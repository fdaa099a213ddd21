package io.otium.app.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.lm.LanguageModel;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;

/** {@code otium embed}: texts as vectors of length 1. */
@Command(
    description = {
      "Prints each text's vector of length 1, one JSON array a line: the mean of a model's last"
          + " states, or what a sentence encoder's files ask for."
    },
    footer = {
      "Examples:",
      "  ./otium embed \"a cat on a mat\" \"a dog in the fog\"",
      "  ./otium embed --json < lines.txt",
      "  ./otium embed --model hf:sentence-transformers/all-MiniLM-L6-v2 \"a cat on a mat\""
    })
final class Embed implements Verb {
  private final Cli cli;

  @Parameters(
      paramLabel = "TEXT",
      arity = "0..*",
      description = "one text a word (quote it); without any, each line of standard input")
  List<String> texts = new ArrayList<>();

  @Mixin ModelFlags model;
  @Mixin Common common;

  Embed(Cli cli) {
    this.cli = cli;
  }

  @Override
  public void describe(CommandSpec spec) {
    model.addTo(spec);
  }

  @Override
  public Integer call() {
    List<String> inputs = texts.isEmpty() ? lines() : texts;
    for (int i = 0; i < inputs.size(); i++) {
      if (inputs.get(i).isBlank())
        throw new Usage("text %d of %d is empty".formatted(i + 1, inputs.size()));
    }
    try (LanguageModel loaded = cli.load(model)) {
      ObjectNode whole = Json.MAPPER.createObjectNode().put("model", loaded.info().id());
      var list = whole.putArray("embeddings");
      for (String text : inputs) {
        int[] tokens = loaded.tokenizer().encode(text, true, false);
        JsonNode vector = Json.MAPPER.valueToTree(loaded.embed(tokens));
        if (common.json) {
          list.addObject().put("text", text).put("tokens", tokens.length).set("vector", vector);
        } else {
          cli.out().println(Json.line(vector));
        }
      }
      if (common.json) Json.print(cli, whole);
      return 0;
    }
  }

  private List<String> lines() {
    if (cli.typing()) throw new Usage("no text: write some behind the command, or pipe lines in");
    List<String> lines = cli.readInput().lines().filter(line -> !line.isBlank()).toList();
    if (lines.isEmpty()) throw new Usage("standard input has no text");
    return lines;
  }
}
