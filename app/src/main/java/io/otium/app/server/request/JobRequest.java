package io.otium.app.server.request;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A fine-tuning job that is asked for.
 *
 * @param epochs passes over the data; null for the recipe's own, as with the following two
 * @param multiplier of the recipe's learning rate
 * @param recipe further keys of a recipe
 */
public record JobRequest(
    String model,
    String trainingFile,
    @Nullable String validationFile,
    String suffix,
    @Nullable Long seed,
    @Nullable Integer epochs,
    @Nullable Integer batchSize,
    @Nullable Double multiplier,
    Map<String, String> metadata,
    ObjectNode recipe) {}
