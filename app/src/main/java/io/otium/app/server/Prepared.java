package io.otium.app.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.otium.app.server.request.Delivery;
import io.otium.core.options.OptionException;
import io.otium.lm.LanguageModel;
import io.otium.lm.engine.GenerateOptions;
import io.otium.lm.engine.GenerationListener;
import io.otium.lm.engine.GenerationRequest;
import io.otium.lm.engine.SequenceHook;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A request that was found good for its model: {@code delivery.n} answers to each prompt, in order
 * of the prompts.
 *
 * @param prompts token ids
 */
record Prepared(
    LanguageModel model,
    List<int[]> prompts,
    GenerateOptions options,
    Delivery delivery,
    Supplier<SequenceHook> hooks) {

  /**
   * Checks what only the model can tell.
   *
   * @param param the field that the prompts came from
   * @throws ApiException 400 for token ids outside the vocabulary, too long a prompt, methods that
   *     are not known
   */
  static Prepared check(
      LanguageModel model,
      List<int[]> prompts,
      GenerateOptions options,
      Delivery delivery,
      MethodParser methods,
      String param) {
    int vocabulary = model.tokenizer().vocabularySize();
    for (int token : options.logitBias().keySet()) {
      if (token >= vocabulary) {
        throw ApiException.invalid(
            "logit_bias",
            "logit_bias has token %d; this model's ids end at %d".formatted(token, vocabulary - 1));
      }
    }
    int context = model.info().context();
    for (int[] prompt : prompts) {
      if (prompt.length == 0) throw ApiException.invalid(param, param + " is empty: no token");
      checkIds(prompt, vocabulary, param);
      // Up to the context's end still means at least one token.
      long asked = (long) prompt.length + (options.maxTokens() < 0 ? 1 : options.maxTokens());
      if (asked > context) throw ApiException.contextTooLong(param, context, asked);
    }
    return new Prepared(model, prompts, options, delivery, hooks(model, delivery.otium(), methods));
  }

  static void checkIds(int[] tokens, int vocabulary, String param) {
    for (int token : tokens) {
      if (token < 0 || token >= vocabulary) {
        throw ApiException.invalid(
            param,
            "%s has token id %d; this model's ids end at %d"
                .formatted(param, token, vocabulary - 1));
      }
    }
  }

  private static Supplier<SequenceHook> hooks(
      LanguageModel model, @Nullable JsonNode otium, MethodParser methods) {
    try {
      return otium == null ? methods.standard(model.info()) : methods.parse(otium, model.info());
    } catch (OptionException refused) {
      OptionException placed = refused.key().startsWith("otium") ? refused : refused.under("otium");
      throw ApiException.invalid(placed.key(), String.valueOf(placed.getMessage()));
    } catch (IllegalArgumentException refused) {
      throw ApiException.invalid("otium", "otium: " + refused.getMessage());
    }
  }

  int size() {
    return prompts.size() * delivery.n();
  }

  int[] prompt(int index) {
    return prompts.get(index / delivery.n());
  }

  /** The request of one answer; answers to one prompt differ by their seed. */
  GenerationRequest request(int index, GenerationListener listener) {
    int repeat = index % delivery.n();
    GenerateOptions drawn =
        options.seed() == -1 || repeat == 0 ? options : reseeded(options.seed() + repeat);
    return new GenerationRequest(prompt(index), drawn, hooks.get(), listener);
  }

  private GenerateOptions reseeded(long seed) {
    // -1 would draw a fresh seed, and the answer could not be had again.
    long fixed = seed == -1 ? Long.MIN_VALUE : seed;
    return new GenerateOptions(
        options.maxTokens(),
        options.temperature(),
        options.topP(),
        options.topK(),
        options.minP(),
        options.repetitionPenalty(),
        options.presencePenalty(),
        options.frequencyPenalty(),
        options.logitBias(),
        options.stop(),
        fixed,
        options.logprobs(),
        options.echo(),
        options.ignoreEos());
  }
}
