package io.otium.app.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.otium.lm.ModelInfo;
import io.otium.lm.engine.SequenceHook;
import java.util.function.Supplier;

/**
 * Turns the {@code "otium"} key of a request, such as {@code {"kv": {"method": "lazy-eviction"}}},
 * into the methods that it names.
 */
@FunctionalInterface
public interface MethodParser {
  /** Knows no method: allows only an empty object, which asks for figures alone. */
  MethodParser NONE =
      (methods, model) -> {
        if (!methods.isEmpty()) {
          throw new IllegalArgumentException(
              "'"
                  + methods.fieldNames().next()
                  + "' is not known here; this server has no methods");
        }
        return () -> SequenceHook.NONE;
      };

  /**
   * @param methods the value of the key, an object
   * @return makes the state of one sequence; called once for every answer of the request
   * @throws IllegalArgumentException for unknown methods, keys and values, saying what is allowed
   */
  Supplier<SequenceHook> parse(JsonNode methods, ModelInfo model);

  /** What holds for a request without the key: plain inference, unless the server says more. */
  default Supplier<SequenceHook> standard(ModelInfo model) {
    return () -> SequenceHook.NONE;
  }
}
