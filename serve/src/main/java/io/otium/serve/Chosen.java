package io.otium.serve;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.core.options.OptionException;
import io.otium.lm.ModelInfo;

/**
 * A method with its options read: what a request asked for.
 *
 * @param path where it was written, for errors: {@code otium.kv}
 */
public record Chosen<O extends Record, P>(Method<O, P> method, O options, String path) {

  /**
   * The state of one sequence.
   *
   * @throws OptionException if the options do not fit the model
   */
  public P create(ModelInfo model) {
    try {
      return method.factory().create(options, model);
    } catch (OptionException e) {
      throw e.under(path);
    }
  }

  /** As a request would write it, every option resolved. */
  public ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("method", method.id());
    json.setAll(method.options().toJson(options));
    return json;
  }
}
