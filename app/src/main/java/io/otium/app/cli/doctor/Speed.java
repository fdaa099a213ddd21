package io.otium.app.cli.doctor;

import io.otium.lm.LanguageModel;
import io.otium.lm.Model;
import io.otium.lm.engine.GenerateOptions;
import io.otium.lm.engine.GenerationListener;
import io.otium.lm.engine.GenerationRequest;
import io.otium.lm.engine.GenerationResult.GenerationStats;
import io.otium.lm.engine.LongPromptKernel;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import jdk.incubator.vector.FloatVector;
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
      describe(facts, loaded);
    } catch (RuntimeException e) {
      facts.failure(
          "the default model does not run: " + e.getMessage(),
          "./otium complete --verbose \"Hello\" shows where");
      facts.line("not measured");
    }
    return facts.found();
  }

  private static void describe(Facts facts, LanguageModel model) {
    Optional<LongPromptKernel> wide = Optional.empty();
    if (model instanceof Model real) {
      real.warmUp();
      wide = real.longPromptKernel();
    }
    var stats = fastest(model);
    String weights = model.info().weights();
    int bits = FloatVector.SPECIES_PREFERRED.vectorBitSize();
    double streamed = stats.tokensPerSecond() * model.stats().weightBytes() / 1e9;
    facts.json.put("weights", weights);
    facts.json.put("promptTokensPerSecond", Math.round(stats.promptTokensPerSecond()));
    facts.json.put("tokensPerSecond", Math.round(stats.tokensPerSecond() * 10) / 10.0);
    facts
        .json
        .putObject("singleTokens")
        .put("kernel", "java")
        .put("weights", weights)
        .put("vectorBits", bits)
        .put("gigabytesPerSecond", Math.round(streamed * 10) / 10.0);
    var longPrompts =
        facts
            .json
            .putObject("longPrompts")
            .put("kernel", wide.isPresent() ? "libtorch" : "java")
            .put("numbers", wide.map(LongPromptKernel::numbers).orElse(weights));
    wide.ifPresent(
        kernel -> {
          longPrompts.put("fromRows", kernel.fromRows());
          longPrompts.put("measured", kernel.measured().toString());
          kernel.milliseconds().forEach(longPrompts.putObject("milliseconds")::put);
        });
    facts.line("%s at %s", model.info().id(), weights);
    facts.line(
        "writes %s tokens/s: Java's vectors of %d bits, which take %s GB/s of weights",
        String.format(Locale.ROOT, "%.1f", stats.tokensPerSecond()),
        bits,
        String.format(Locale.ROOT, "%.1f", streamed));
    facts.line(
        "reads %s tokens/s: %s",
        String.format(Locale.ROOT, "%.0f", stats.promptTokensPerSecond()),
        wide.map(kernel -> "libtorch in " + kernel.numbers() + ", the fastest here")
            .orElse("the same kernels"));
    wide.ifPresent(kernel -> facts.line("chosen %s", why(kernel)));
  }

  private static String why(LongPromptKernel kernel) {
    String timed =
        kernel.milliseconds().entrySet().stream()
            .sorted(Map.Entry.comparingByValue())
            .map(e -> String.format(Locale.ROOT, "%s %.1f ms", e.getKey(), e.getValue()))
            .collect(Collectors.joining(", "));
    return "%s for %d rows and more: %s (--measure does so again)"
        .formatted(kernel.measured().toString().substring(0, 10), kernel.fromRows(), timed);
  }

  /** The quicker of two answers: others use the machine too. */
  private static GenerationStats fastest(LanguageModel model) {
    var first = model.submit(request(model)).await().stats();
    var second = model.submit(request(model)).await().stats();
    return first.tokensPerSecond() > second.tokensPerSecond() ? first : second;
  }

  private static GenerationRequest request(LanguageModel model) {
    int words = model.tokenizer().vocabularySize();
    int[] prompt = new int[Math.min(PROMPT, model.info().context() / 2)];
    // Varied, and new each time, so that no prefix cache answers.
    long salt = System.nanoTime();
    Arrays.setAll(prompt, i -> (int) Math.floorMod(salt + 7919L * i * i, (long) words));
    GenerateOptions greedy = GenerateOptions.greedy(Math.min(ANSWER, model.info().context() / 4));
    return new GenerationRequest(prompt, greedy, GenerationListener.NONE);
  }
}
