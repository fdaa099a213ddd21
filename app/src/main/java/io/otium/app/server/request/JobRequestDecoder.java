package io.otium.app.server.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.app.server.ApiException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads a request to {@code /v1/fine_tuning/jobs}. */
public final class JobRequestDecoder {
  /** OpenAI's own bounds on metadata. */
  private static final int MOST_METADATA = 16;

  private static final int LONGEST_METADATA = 512;

  private JobRequestDecoder() {}

  /** The three that both places of hyperparameters have; null for {@code "auto"}. */
  private record Hyperparameters(
      @Nullable Integer epochs, @Nullable Integer batchSize, @Nullable Double multiplier) {
    static final Hyperparameters AUTO = new Hyperparameters(null, null, null);

    static Hyperparameters decode(JsonNode node, String path) {
      var fields = new RequestFields(node, path);
      Long epochs = whole(fields, "n_epochs", 50);
      Long batch = whole(fields, "batch_size", 256);
      JsonNode rate = fields.take("learning_rate_multiplier");
      Double multiplier = null;
      if (rate != null && !isAuto(rate)) {
        double number = rate.doubleValue();
        String at = fields.path("learning_rate_multiplier");
        if (!rate.isNumber() || !(number > 0 && number <= 1e6)) {
          throw RequestFields.wrong(at, "auto or a number above 0", rate);
        }
        multiplier = number;
      }
      fields.end();
      return new Hyperparameters(
          epochs == null ? null : Math.toIntExact(epochs),
          batch == null ? null : Math.toIntExact(batch),
          multiplier);
    }

    private static @Nullable Long whole(RequestFields fields, String name, int most) {
      JsonNode value = fields.take(name);
      if (value == null || isAuto(value)) return null;
      return RequestFields.integer(value, fields.path(name), 1, most);
    }

    private static boolean isAuto(JsonNode value) {
      return value.isTextual() && value.textValue().equals("auto");
    }
  }

  /**
   * @throws ApiException 400 for anything that is not understood in full
   */
  public static JobRequest decode(JsonNode body) {
    var fields = new RequestFields(body, "");
    String model = required(fields, "model");
    String training = required(fields, "training_file");
    String validation = fields.text("validation_file");
    String suffix = fields.text("suffix");
    if (suffix != null && !suffix.matches("[A-Za-z0-9._-]{1,64}")) {
      throw ApiException.invalid(
          "suffix", "suffix must be 1 to 64 letters, digits, dots, dashes and underscores");
    }
    JsonNode seed = fields.take("seed");
    Long seeded =
        seed == null
            ? null
            : Long.valueOf(RequestFields.integer(seed, "seed", Long.MIN_VALUE, Long.MAX_VALUE));
    Hyperparameters chosen = hyperparameters(fields);
    refuseIntegrations(fields);
    Map<String, String> metadata = metadata(fields);
    JsonNode recipe = fields.take("otium");
    if (recipe != null && !recipe.isObject()) {
      throw RequestFields.wrong("otium", "an object of recipe keys", recipe);
    }
    fields.end();
    return new JobRequest(
        model,
        training,
        validation,
        suffix == null ? "" : suffix,
        seeded,
        chosen.epochs(),
        chosen.batchSize(),
        chosen.multiplier(),
        metadata,
        recipe == null ? JsonNodeFactory.instance.objectNode() : (ObjectNode) recipe);
  }

  private static String required(RequestFields fields, String name) {
    String value = fields.text(name);
    if (value == null) throw ApiException.invalid(name, name + " is missing");
    return value;
  }

  private static Hyperparameters hyperparameters(RequestFields fields) {
    JsonNode old = fields.take("hyperparameters");
    JsonNode method = fields.take("method");
    if (method == null) {
      return old == null ? Hyperparameters.AUTO : Hyperparameters.decode(old, "hyperparameters");
    }
    if (old != null) {
      throw ApiException.invalid(
          "hyperparameters", "hyperparameters are given twice: leave those of method alone");
    }
    var inner = new RequestFields(method, "method");
    String type = inner.text("type");
    if (type != null && !type.equals("supervised")) {
      throw ApiException.unsupported(
          "method.type", "method.type must be supervised: no other method is supported here yet");
    }
    inner.refuse("dpo", "is not supported here yet; the method is supervised");
    inner.refuse("reinforcement", "is not supported here yet; the method is supervised");
    JsonNode supervised = inner.take("supervised");
    inner.end();
    if (supervised == null) return Hyperparameters.AUTO;
    var kind = new RequestFields(supervised, "method.supervised");
    JsonNode chosen = kind.take("hyperparameters");
    kind.end();
    return chosen == null
        ? Hyperparameters.AUTO
        : Hyperparameters.decode(chosen, "method.supervised.hyperparameters");
  }

  private static void refuseIntegrations(RequestFields fields) {
    JsonNode integrations = fields.take("integrations");
    if (integrations != null && !integrations.isEmpty()) {
      throw ApiException.unsupported(
          "integrations",
          "integrations are not supported: metrics stay on this machine, in the run's folder");
    }
  }

  private static Map<String, String> metadata(RequestFields fields) {
    JsonNode metadata = fields.take("metadata");
    if (metadata == null) return Map.of();
    if (!metadata.isObject()) throw RequestFields.wrong("metadata", "an object", metadata);
    if (metadata.size() > MOST_METADATA) {
      throw ApiException.invalid(
          "metadata", "metadata has more than %d entries".formatted(MOST_METADATA));
    }
    Map<String, String> texts = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : metadata.properties()) {
      String value = RequestFields.text(entry.getValue(), "metadata." + entry.getKey());
      if (value.length() > LONGEST_METADATA) {
        throw ApiException.invalid(
            "metadata",
            "a value of metadata is longer than %d characters".formatted(LONGEST_METADATA));
      }
      texts.put(entry.getKey(), value);
    }
    return texts;
  }
}
