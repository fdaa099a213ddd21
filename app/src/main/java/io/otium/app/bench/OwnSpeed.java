package io.otium.app.bench;

import io.otium.app.bench.Speeds.Speed;
import io.otium.lm.LanguageModel;
import io.otium.lm.Model;
import io.otium.lm.engine.GenerateOptions;
import io.otium.lm.engine.GenerationListener;
import io.otium.lm.engine.GenerationRequest;
import io.otium.lm.engine.GenerationResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Measures a loaded model in this process, once it runs at a steady speed. Prompts are drawn anew
 * for every run, so that the prefix cache knows none of them.
 */
public final class OwnSpeed {
  /** Two runs in a row that differ by no more are steady. */
  private static final double STEADY = 0.05;

  private static final int MOST_WARM_UPS = 8;

  private final LanguageModel model;
  private final SplittableRandom random = new SplittableRandom(20_260_101);

  public OwnSpeed(LanguageModel model) {
    this.model = model;
    if (model instanceof Model real) real.warmUp();
  }

  /**
   * Tokens a second through prompts, up to and with the first token.
   *
   * @param repeats timed runs, of which the median counts
   */
  public List<Speed> prefill(List<Integer> tokens, int repeats) {
    List<Speed> speeds = new ArrayList<>();
    for (int size : tokens) {
      double speed =
          steady(
              () -> {
                long start = System.nanoTime();
                GenerationResult result = answer(size, 1);
                return perSecond(size, System.nanoTime() - start, result);
              },
              repeats);
      speeds.add(new Speed(size, 0, speed));
    }
    return speeds;
  }

  /**
   * Tokens a second of answers, after the first token.
   *
   * @param after lengths of the prompts
   */
  public List<Speed> decode(int tokens, List<Integer> after, int repeats) {
    List<Speed> speeds = new ArrayList<>();
    for (int size : after) {
      double speed = steady(() -> answer(size, tokens + 1).stats().tokensPerSecond(), repeats);
      speeds.add(new Speed(tokens, size, speed));
    }
    return speeds;
  }

  private static double perSecond(int tokens, long nanoseconds, GenerationResult result) {
    if (result.cachedTokens() > 0) {
      throw new IllegalStateException(
          result.cachedTokens() + " tokens of a new prompt came from the cache");
    }
    return tokens / (nanoseconds * 1e-9);
  }

  private GenerationResult answer(int promptTokens, int tokens) {
    int vocabulary = model.tokenizer().vocabularySize();
    int[] prompt = random.ints(promptTokens, 0, vocabulary).toArray();
    var options =
        new GenerateOptions(
            tokens, 0f, 1f, 0, 0f, 1f, 0f, 0f, Map.of(), List.of(), -1, -1, false, true);
    return model.submit(new GenerationRequest(prompt, options, GenerationListener.NONE)).await();
  }

  /** One timed run. */
  private interface Timed {
    double perSecond();
  }

  private static double steady(Timed run, int repeats) {
    double last = run.perSecond();
    for (int i = 0; i < MOST_WARM_UPS; i++) {
      double next = run.perSecond();
      boolean same = Math.abs(next - last) <= STEADY * last;
      last = next;
      if (same) break;
    }
    double[] samples = new double[repeats];
    for (int i = 0; i < repeats; i++) samples[i] = run.perSecond();
    return Median.of(samples);
  }
}
