package io.otium.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.core.options.OptionException;
import io.otium.lm.ModelInfo;
import io.otium.lm.engine.SequenceHook;
import java.util.List;
import java.util.Map;

/** What a request asked of lazy inference: one method of each registry, with its options. */
public record LazyInference(Chosen<?, PrefillPolicy> prefill, Chosen<?, KvPolicy> kv) {

  /** Plain inference. */
  public static LazyInference full() {
    return new LazyInference(Methods.prefill().standard(), Methods.kv().standard());
  }

  /**
   * Reads a request's {@code "otium"} object: {@code {"prefill": {"method": "full"}, "kv":
   * {"method": "full"}}}, each optional.
   *
   * @throws OptionException naming keys such as {@code otium.kv.budget}
   */
  public static LazyInference fromJson(JsonNode otium) {
    return fromJson(otium, full());
  }

  /**
   * The same, where what the request leaves out is {@code standard}'s: the server's own flags.
   *
   * @throws OptionException naming keys such as {@code otium.kv.budget}
   */
  public static LazyInference fromJson(JsonNode otium, LazyInference standard) {
    if (!otium.isObject()) {
      throw OptionException.refused("otium", "must be an object with prefill or kv");
    }
    Chosen<?, PrefillPolicy> prefill = standard.prefill;
    Chosen<?, KvPolicy> kv = standard.kv;
    for (Map.Entry<String, JsonNode> entry : otium.properties()) {
      String key = entry.getKey();
      JsonNode value = entry.getValue();
      if (!key.equals("prefill") && !key.equals("kv")) {
        throw OptionException.unknown(key, List.of("prefill", "kv")).under("otium");
      }
      if (key.equals("prefill") && !value.isNull()) {
        prefill = Methods.prefill().fromJson(value, "otium.prefill");
      } else if (!value.isNull()) {
        kv = Methods.kv().fromJson(value, "otium.kv");
      }
    }
    return new LazyInference(prefill, kv);
  }

  /**
   * Reads command-line words {@code --prefill NAME --prefill.key value --kv NAME --kv.key value}
   * and leaves other words alone.
   */
  public static LazyInference fromArguments(List<String> words) {
    return new LazyInference(
        Methods.prefill().fromArguments(words), Methods.kv().fromArguments(words));
  }

  /**
   * What the engine is to call for one sequence; {@link SequenceHook#NONE} where both methods are
   * full, so that plain inference pays nothing.
   *
   * @throws OptionException if the options do not fit the model
   */
  public SequenceHook newHook(ModelInfo model) {
    return PolicyHook.of(prefill.create(model), kv.create(model));
  }

  /** As a request would write it, every option resolved. */
  public ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.set("prefill", prefill.toJson());
    json.set("kv", kv.toJson());
    return json;
  }
}
