package io.otium.app.server.tuning;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.app.server.ApiException;
import io.otium.app.server.Quote;
import io.otium.app.server.request.JobRequest;
import io.otium.core.options.OptionException;
import io.otium.lm.train.Recipe;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The recipe that a job's request means: OpenAI's few hyperparameters and the key otium. */
final class JobRecipe {
  private static final String OTIUM = "otium";

  /** Keys that the API has names of its own for. */
  private static final Map<String, String> ELSEWHERE =
      Map.of(
          "model", "model",
          "data", "training_file",
          "validation", "validation_file",
          "seed", "seed");

  private JobRecipe() {}

  /**
   * @param context most tokens that the model reads; null where that is not known yet
   * @param validated whether there is a file to evaluate on
   * @throws ApiException 400 for a key or value that is not allowed
   */
  static Recipe of(JobRequest request, @Nullable Integer context, boolean validated) {
    ObjectNode keys = plain(request.recipe());
    put(keys, "epochs", request.epochs(), "n_epochs");
    put(keys, "batch_rows", request.batchSize(), "batch_size");
    Double multiplier = request.multiplier();
    put(
        keys,
        "learning_rate",
        multiplier == null ? null : multiplier * Recipe.DEFAULTS.learningRate(),
        "learning_rate_multiplier");
    Long seed = request.seed();
    if (seed != null) keys.put("seed", seed.longValue());
    if (context != null && !keys.has("row_length") && context < Recipe.DEFAULTS.rowLength()) {
      keys.put("row_length", context.intValue());
    }
    if (validated) {
      // Only now is it known to the recipe that there is something to evaluate.
      keys.put("validation", "file");
      if (!keys.has("evaluate_every")) {
        int every = keys.path("checkpoint_every").asInt(Recipe.DEFAULTS.checkpointEvery());
        keys.put("evaluate_every", every);
      }
    }
    try {
      return Recipe.OPTIONS.fromJson(keys, OTIUM);
    } catch (OptionException refused) {
      throw ApiException.invalid(refused.key(), String.valueOf(refused.getMessage()));
    }
  }

  /** The keys, spelled in one way, without those that have other places. */
  private static ObjectNode plain(ObjectNode given) {
    ObjectNode keys = given.objectNode();
    given
        .properties()
        .forEach(
            entry -> {
              String name = name(entry.getKey());
              String other = ELSEWHERE.get(name);
              if (other != null) {
                throw ApiException.invalid(
                    OTIUM + "." + name,
                    "otium.%s is said by %s in this API".formatted(name, other));
              }
              if (keys.has(name)) {
                throw ApiException.invalid(
                    OTIUM + "." + name, "otium.%s is given twice".formatted(name));
              }
              keys.set(name, entry.getValue());
            });
    return keys;
  }

  private static String name(String key) {
    try {
      return Recipe.OPTIONS.field(key).name();
    } catch (OptionException unknown) {
      throw new ApiException(
          400,
          "invalid_request_error",
          OTIUM + "." + Quote.of(key),
          "unknown_parameter",
          String.valueOf(unknown.under(OTIUM).getMessage()));
    }
  }

  private static void put(
      ObjectNode keys, String key, @Nullable Number value, String hyperparameter) {
    if (value == null) return;
    if (keys.has(key)) {
      throw ApiException.invalid(
          OTIUM + "." + key,
          "otium.%s and the hyperparameter %s say the same: give one of them"
              .formatted(key, hyperparameter));
    }
    if (value instanceof Integer whole) {
      keys.put(key, whole.intValue());
    } else {
      keys.put(key, value.doubleValue());
    }
  }
}
