package io.otium.app.cli.doctor;

import io.otium.lm.LanguageModel;
import io.otium.lm.engine.GenerateOptions;
import io.otium.lm.engine.GenerationListener;
import io.otium.lm.engine.GenerationRequest;
import io.otium.lm.engine.GenerationResult;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The kernels at work: how fast the default model reads and writes on this machine. */
public final class Speed {
  private static final int PROMPT = 256;
  private static final int ANSWER = 48;

  private Speed() {}

  /**
   * @param model loads the model, or returns null if it is not installed; null to measure nothing
   */
  public static Finding kernels(@Nullable Supplier<@Nullable LanguageModel> model) {
    var facts = new Facts("kernels");
    if (model == null) {
      facts.line("not measured");
      return facts.found();
    }
    try (LanguageModel loaded = model.get()) {
      if (loaded == null) {
        facts.line("not measured: the default model is not installed");
        return facts.found();
      }
      GenerationResult result = loaded.submit(request()).await();
      result = loaded.submit(request()).await();
      var stats = result.stats();
      facts.json.put("weights", loaded.info().weights());
      facts.json.put("promptTokensPerSecond", Math.round(stats.promptTokensPerSecond()));
      facts.json.put("tokensPerSecond", Math.round(stats.tokensPerSecond() * 10) / 10.0);
      facts.line(
          "%s at %s: reads %s tokens/s, writes %s tokens/s",
          loaded.info().id(),
          loaded.info().weights(),
          String.format(Locale.ROOT, "%.0f", stats.promptTokensPerSecond()),
          String.format(Locale.ROOT, "%.1f", stats.tokensPerSecond()));
    } catch (RuntimeException e) {
      facts.failure(
          "the default model does not run: " + e.getMessage(),
          "./otium complete --verbose \"Hello\" shows where");
      facts.line("not measured");
    }
    return facts.found();
  }

  private static GenerationRequest request() {
    int[] prompt = new int[PROMPT];
    // Varied, and new each time, so that no prefix cache answers.
    long salt = System.nanoTime();
    Arrays.setAll(prompt, i -> 300 + Math.floorMod(salt + 7919L * i * i, 20_000));
    GenerateOptions greedy = GenerateOptions.greedy(ANSWER);
    return new GenerationRequest(prompt, greedy, GenerationListener.NONE);
  }
}
