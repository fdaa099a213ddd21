package io.otium.app.server.request;

import com.fasterxml.jackson.databind.JsonNode;
import io.otium.app.server.ApiException;
import io.otium.lm.engine.GenerateOptions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The fields that chat and completion requests share: how tokens are drawn. */
final class SamplingFields {
  /** OpenAI allows 4 stop texts; here more are welcome, but each costs a look at every token. */
  static final int MOST_STOPS = 64;

  static final int LONGEST_STOP = 1000;
  static final int MOST_BIASES = 1024;

  private SamplingFields() {}

  static GenerateOptions decode(RequestFields fields, int maxTokens, int logprobs, boolean echo) {
    float temperature = fields.number("temperature", 1, 0, 2);
    float topP = fields.number("top_p", 1, 0, 1);
    // vLLM's clients say -1 for "all".
    int topK = Math.max(0, fields.integer("top_k", 0, -1, Integer.MAX_VALUE));
    float minP = fields.number("min_p", 0, 0, 1);
    float repetition = fields.number("repetition_penalty", 1, 0.01, 100);
    float presence = fields.number("presence_penalty", 0, -2, 2);
    float frequency = fields.number("frequency_penalty", 0, -2, 2);
    long seed = fields.integer("seed", -1L, Long.MIN_VALUE, Long.MAX_VALUE);
    boolean ignoreEos = fields.flag("ignore_eos", false);
    return new GenerateOptions(
        maxTokens,
        temperature,
        topP,
        topK,
        minP,
        repetition,
        presence,
        frequency,
        logitBias(fields.take("logit_bias")),
        stop(fields.take("stop")),
        seed,
        logprobs,
        echo,
        ignoreEos);
  }

  /** Fields that name the caller or the bill, and change no answer. */
  static void ignoreHarmless(RequestFields fields) {
    fields.ignore("user", "safety_identifier", "metadata", "store");
    fields.ignore("prompt_cache_key", "prompt_cache_retention");
    JsonNode tier = fields.take("service_tier");
    if (tier != null && !List.of("auto", "default").contains(tier.asText())) {
      throw ApiException.unsupported(
          "service_tier", "service_tier must be auto or default; there is one tier here");
    }
  }

  private static List<String> stop(@Nullable JsonNode value) {
    if (value == null) return List.of();
    if (value.isTextual()) return List.of(stopText(value, "stop"));
    if (!value.isArray()) throw RequestFields.wrong("stop", "a string or a list of them", value);
    if (value.size() > MOST_STOPS) {
      throw ApiException.invalid(
          "stop", "stop has " + value.size() + " texts; at most " + MOST_STOPS + " are allowed");
    }
    return IntStream.range(0, value.size())
        .mapToObj(i -> stopText(value.get(i), "stop[" + i + "]"))
        .toList();
  }

  private static String stopText(JsonNode value, String path) {
    String text = RequestFields.text(value, path);
    if (text.isEmpty() || text.length() > LONGEST_STOP) {
      throw ApiException.invalid(
          path,
          "%s must have 1 to %d characters, not %d".formatted(path, LONGEST_STOP, text.length()));
    }
    return text;
  }

  private static Map<Integer, Float> logitBias(@Nullable JsonNode value) {
    if (value == null) return Map.of();
    if (!value.isObject()) {
      throw RequestFields.wrong("logit_bias", "an object of token ids and numbers", value);
    }
    if (value.size() > MOST_BIASES) {
      throw ApiException.invalid(
          "logit_bias",
          "logit_bias has " + value.size() + " tokens; at most " + MOST_BIASES + " are allowed");
    }
    var biases = new HashMap<Integer, Float>();
    for (Map.Entry<String, JsonNode> bias : value.properties()) {
      String path = "logit_bias";
      // A token has one name only, or the same one could be given twice.
      if (!bias.getKey().matches("0|[1-9][0-9]{0,8}")) {
        throw ApiException.invalid(path, "the keys of logit_bias must be token ids");
      }
      biases.put(
          Integer.valueOf(bias.getKey()),
          RequestFields.number(bias.getValue(), path + "." + bias.getKey(), -100, 100));
    }
    return biases;
  }
}
