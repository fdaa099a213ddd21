package io.otium.app.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.core.options.Options;
import io.otium.lm.LanguageModel;
import io.otium.lm.ModelInfo;
import io.otium.lm.engine.GenerateOptions;
import io.otium.lm.engine.Generation;
import io.otium.lm.engine.GenerationListener;
import io.otium.lm.engine.GenerationRequest;
import io.otium.lm.engine.GenerationResult;
import io.otium.lm.engine.SequenceHook;
import io.otium.lm.engine.TokenInfo;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One answer of a model on the command line: streamed as it comes, then its figures. */
final class Answering {
  private Answering() {}

  /**
   * The options of an answer, with the command line's defaults: cool enough for a small model to
   * stay on the subject (SmolLM2's own advice), and an end.
   */
  static Options<GenerateOptions> options(int maxTokens) {
    return Options.describe(
        GenerateOptions.class,
        new GenerateOptions(
            maxTokens, 0.2f, 0.9f, 0, 0f, 1f, 0f, 0f, Map.of(), List.of(), -1, -1, false, false));
  }

  /**
   * The options for a prompt: a default length shrinks to what the context has room for; a length
   * that was asked for is refused where it does not fit.
   *
   * @param given what was typed, by flag
   */
  static GenerateOptions fitting(
      GenerateOptions options, Map<String, String> given, LanguageModel model, int[] prompt) {
    return given.containsKey("max-tokens")
        ? options
        : options.within(model.info().context(), prompt.length);
  }

  /** Waits for an answer and prints it as it comes; silent if {@code --json} was given. */
  static GenerationResult answer(
      Cli cli,
      LanguageModel model,
      int[] prompt,
      GenerateOptions options,
      SequenceHook hook,
      boolean silent) {
    var running = new AtomicReference<@Nullable Generation>();
    GenerationListener listener =
        silent
            ? GenerationListener.NONE
            : new GenerationListener() {
              @Override
              public void onText(String text, List<TokenInfo> tokens) {
                cli.out().print(text);
                cli.out().flush();
                Generation generation = running.get();
                // Who read along has gone (a closed pipe): nobody needs the rest.
                if (cli.out().checkError() && generation != null) generation.cancel();
              }
            };
    Generation generation = model.submit(new GenerationRequest(prompt, options, hook, listener));
    running.set(generation);
    GenerationResult result = generation.await();
    if (!silent) {
      if (!result.text().endsWith("\n")) cli.out().println();
      cli.out().flush();
    }
    return result;
  }

  /** A result as JSON. */
  static ObjectNode toJson(ModelInfo model, GenerationResult result) {
    ObjectNode node = Json.MAPPER.createObjectNode();
    node.put("model", model.id());
    node.put("text", result.text());
    node.set("tokens", Json.MAPPER.<JsonNode>valueToTree(result.tokens()));
    node.put("finish", result.finish().name().toLowerCase(Locale.ROOT));
    node.putObject("usage")
        .put("prompt_tokens", result.promptTokens())
        .put("cached_tokens", result.cachedTokens())
        .put("completion_tokens", result.tokens().length)
        .put("total_tokens", result.promptTokens() + result.tokens().length);
    node.set("stats", Json.MAPPER.<JsonNode>valueToTree(result.stats()));
    return node;
  }

  /** A result's figures as a line. */
  static String figures(GenerationResult result) {
    var stats = result.stats();
    return String.format(
        Locale.ROOT,
        "%d prompt tokens at %.0f tokens/s, first token after %.0f ms, %d tokens at %.1f tokens/s",
        result.promptTokens(),
        stats.promptTokensPerSecond(),
        stats.ttftMs(),
        result.tokens().length,
        stats.tokensPerSecond());
  }
}
