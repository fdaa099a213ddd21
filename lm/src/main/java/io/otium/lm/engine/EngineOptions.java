package io.otium.lm.engine;

import io.otium.core.options.Doc;
import io.otium.core.options.Range;

/** How the engine divides the machine among its requests. */
public record EngineOptions(
    @Doc("worker threads; 0 takes one for each core") @Range(min = 0, max = 1024) int threads,
    @Doc("most tokens of prompt and answer together; 0 takes the model's own") @Range(min = 0)
        int context,
    @Doc(
            "tokens that the KV cache holds, of all requests together; 0 takes twice the context,"
                + " 16,384 at most")
        @Range(min = 0)
        int cacheTokens,
    @Doc("keep keys and values at 16 bits (bf16) instead of 32") boolean halfCache,
    @Doc("requests that generate at the same time") @Range(min = 1, max = 4096) int maxRunning,
    @Doc("requests that may wait; more are refused") @Range(min = 0, max = 1_000_000)
        int maxWaiting,
    @Doc("prompt tokens of one step while other requests generate") @Range(min = 1, max = 65536)
        int chunk,
    @Doc("let requests take over the cache of earlier ones that began alike") boolean prefixCache) {

  public static EngineOptions defaults() {
    return new EngineOptions(0, 0, 0, true, 64, 256, 256, true);
  }

  /** Most tokens of a sequence of a model that allows so many. */
  public int contextOf(int model) {
    return context == 0 ? model : Math.min(context, model);
  }

  /** Tokens that the cache of a model holds that allows so many in a sequence. */
  public int cacheTokensOf(int model) {
    int most = contextOf(model);
    return cacheTokens == 0 ? Math.max(most, Math.min(2 * most, 16_384)) : cacheTokens;
  }

  public EngineOptions withHalfCache(boolean half) {
    return new EngineOptions(
        threads, context, cacheTokens, half, maxRunning, maxWaiting, chunk, prefixCache);
  }
}
