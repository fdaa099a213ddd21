package io.otium.app.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.otium.lm.ModelInfo;
import io.otium.lm.engine.SequenceHook;
import io.otium.serve.LazyInference;
import java.util.function.Supplier;

/**
 * The methods of lazy inference, by their registries.
 *
 * @param standard what the server was started with: it holds for whatever a request leaves out
 */
public record LazyMethods(LazyInference standard) implements MethodParser {
  @Override
  public Supplier<SequenceHook> parse(JsonNode methods, ModelInfo model) {
    return hooks(LazyInference.fromJson(methods, standard), model);
  }

  @Override
  public Supplier<SequenceHook> standard(ModelInfo model) {
    return hooks(standard, model);
  }

  private static Supplier<SequenceHook> hooks(LazyInference chosen, ModelInfo model) {
    // Options that do not fit the model are refused now, not in the middle of a list of prompts.
    chosen.newHook(model);
    return () -> chosen.newHook(model);
  }
}
