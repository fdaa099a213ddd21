package io.otium.lm.engine;

import io.otium.core.options.Doc;
import io.otium.core.options.Range;
import java.util.List;
import java.util.Map;

/**
 * How an answer is drawn. The defaults are greedy-free OpenAI defaults: temperature 1, no
 * truncation.
 */
public record GenerateOptions(
    @Doc("most tokens to generate; 0 only scores the prompt; -1 up to the context's end")
        @Range(min = -1)
        int maxTokens,
    @Doc("softmax temperature; 0 takes the likeliest token") @Range(min = 0, max = 100)
        float temperature,
    @Doc("keep the likeliest tokens whose probabilities sum to this") @Range(min = 0, max = 1)
        float topP,
    @Doc("keep this many likeliest tokens; 0 keeps all") @Range(min = 0) int topK,
    @Doc("drop tokens below this share of the likeliest token's probability")
        @Range(min = 0, max = 1)
        float minP,
    @Doc("divide the logits of tokens seen in prompt or answer by this")
        @Range(min = 0.01, max = 100)
        float repetitionPenalty,
    @Doc("subtract from the logits of tokens already in the answer") @Range(min = -2, max = 2)
        float presencePenalty,
    @Doc("subtract from a token's logit for each time it stands in the answer")
        @Range(min = -2, max = 2)
        float frequencyPenalty,
    @Doc("add to the logits of these token ids") Map<Integer, Float> logitBias,
    @Doc("texts that end the answer; they are not part of it") List<String> stop,
    @Doc("seed of the draws; the same seed gives the same answer; -1 draws a fresh one") long seed,
    @Doc("how many likeliest tokens to report beside each token; -1 reports no log-probabilities")
        @Range(min = -1, max = 20)
        int logprobs,
    @Doc("report the prompt and its log-probabilities too") boolean echo,
    @Doc("go on after an end token") boolean ignoreEos) {

  public GenerateOptions {
    logitBias = Map.copyOf(logitBias);
    stop = List.copyOf(stop);
  }

  public static GenerateOptions defaults() {
    return new GenerateOptions(
        -1, 1f, 1f, 0, 0f, 1f, 0f, 0f, Map.of(), List.of(), -1, -1, false, false);
  }

  /**
   * The same, but up to the context's end where prompt and {@code maxTokens} together exceed it:
   * for a bound that nobody asked for.
   */
  public GenerateOptions within(int context, int promptTokens) {
    if ((long) promptTokens + maxTokens <= context) return this;
    return new GenerateOptions(
        -1,
        temperature,
        topP,
        topK,
        minP,
        repetitionPenalty,
        presencePenalty,
        frequencyPenalty,
        logitBias,
        stop,
        seed,
        logprobs,
        echo,
        ignoreEos);
  }

  public static GenerateOptions greedy(int maxTokens) {
    return new GenerateOptions(
        maxTokens, 0f, 1f, 0, 0f, 1f, 0f, 0f, Map.of(), List.of(), -1, -1, false, false);
  }
}
