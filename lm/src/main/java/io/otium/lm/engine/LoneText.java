package io.otium.lm.engine;

import io.otium.lm.engine.kernel.Elementwise;
import io.otium.lm.model.ModelConfig;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A text read alone from its first token to its last, for what it says about the text itself:
 * embeddings, and the distributions that follow each token. Runs on the scheduler's thread.
 */
final class LoneText {
  /** Rows whose logits are wanted at once: each is as long as the vocabulary. */
  private static final int SCORED_ROWS = 64;

  private final ModelConfig config;
  private final EngineOptions options;
  private final Transformer transformer;
  private final PagePool pool;
  private final PromptCache prompt;
  private final PrefixCache prefixes;

  LoneText(
      ModelConfig config,
      EngineOptions options,
      Transformer transformer,
      PagePool pool,
      PromptCache prompt,
      PrefixCache prefixes) {
    this.config = config;
    this.options = options;
    this.transformer = transformer;
    this.pool = pool;
    this.prompt = prompt;
    this.prefixes = prefixes;
  }

  /** Reads the tokens from {@code at} on; the cache holds those before. */
  @FunctionalInterface
  private interface Chunk {
    void read(SequenceCache cache, int[] tokens, int at);
  }

  /** Mean of the final hidden states, scaled to length 1: {@code [width]}. */
  float[] embed(int[] tokens, @Nullable AdapterWeights adapter) {
    float[] mean = new float[config.width()];
    read(
        tokens,
        options.chunk(),
        (cache, chunk, at) -> {
          float[] states = transformer.hiddenStates(cache, adapter, chunk, prompt.length() + at);
          for (int r = 0; r < chunk.length; r++) {
            Elementwise.add(mean, 0, states, r * transformer.hiddenStride(), config.width());
          }
        });
    float length = (float) Math.sqrt(Elementwise.dot(mean, 0, mean, 0, mean.length));
    if (length > 0) Elementwise.scale(mean, 0, mean.length, 1 / length);
    return mean;
  }

  /** Logarithms of the probabilities after each token: {@code [tokens][vocabulary]}. */
  float[][] logProbs(int[] tokens, @Nullable AdapterWeights adapter) {
    float[][] rows = new float[tokens.length][];
    read(
        tokens,
        Math.min(options.chunk(), SCORED_ROWS),
        (cache, chunk, at) -> {
          float[] logits = transformer.logits(cache, adapter, chunk, prompt.length() + at);
          for (int r = 0; r < chunk.length; r++) {
            int from = r * transformer.logitStride();
            rows[at + r] = logSoftmax(Arrays.copyOfRange(logits, from, from + config.vocabulary()));
          }
        });
    return rows;
  }

  private void read(int[] tokens, int rows, Chunk chunk) {
    SequenceCache cache = prompt.begin(false);
    try {
      for (int at = 0; at < tokens.length; at += rows) {
        int n = Math.min(rows, tokens.length - at);
        prefixes.makeRoom(cache.pagesToGrow(n));
        if (pool.freePages() < cache.pagesToGrow(n)) {
          throw new IllegalStateException("the cache is full of running requests; try again later");
        }
        chunk.read(cache, Arrays.copyOfRange(tokens, at, at + n), at);
      }
    } finally {
      cache.release();
    }
  }

  /** In double precision: differences of these are what experiments look at. */
  private static float[] logSoftmax(float[] logits) {
    float max = Elementwise.max(logits, 0, logits.length);
    double sum = 0;
    for (float logit : logits) sum += Math.exp(logit - max);
    double normaliser = max + Math.log(sum);
    for (int v = 0; v < logits.length; v++) logits[v] = (float) (logits[v] - normaliser);
    return logits;
  }
}
