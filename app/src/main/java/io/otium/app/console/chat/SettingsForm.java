package io.otium.app.console.chat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.core.options.OptionException;
import io.otium.core.options.OptionField;
import io.otium.core.options.OptionType;
import io.otium.core.options.Options;
import io.otium.lm.ModelInfo;
import io.otium.lm.engine.GenerateOptions;
import io.otium.lm.engine.GenerationListener;
import io.otium.lm.engine.GenerationRequest;
import io.otium.serve.LazyInference;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a conversation, as a form: derived from {@link GenerateOptions}, so that an
 * option described there appears here. Only what differs from the defaults is kept.
 */
public final class SettingsForm {
  /**
   * Cooler than the API's defaults, as on the command line, so that a small model stays on the
   * subject; and of bounded length.
   */
  static final GenerateOptions DEFAULTS =
      new GenerateOptions(
          1024, 0.2f, 0.9f, 0, 0f, 1.1f, 0f, 0f, Map.of(), List.of(), -1, -1, false, false);

  private static final String MAX_TOKENS = "max_tokens";

  /** Options whose effect a conversation does not show. */
  private static final Set<String> HIDDEN = Set.of("logit_bias", "logprobs", "echo", "ignore_eos");

  /** The key that a request has for methods of lazy inference; stored settings have it too. */
  private static final String METHODS = "otium";

  private static final JsonMapper JSON = new JsonMapper();

  private final Options<GenerateOptions> options =
      Options.describe(GenerateOptions.class, DEFAULTS);

  /**
   * One row of the form.
   *
   * @param name of the form's parameter
   * @param value as text; empty where it is the default
   */
  public record Field(OptionField option, String name, String value) {
    public String label() {
      String words = option.name().replace('_', ' ');
      return Character.toUpperCase(words.charAt(0)) + words.substring(1);
    }

    public boolean isText() {
      return option.type() == OptionType.STRINGS || option.type() == OptionType.STRING;
    }

    /** Whether each of its texts stands on a line. */
    public boolean isLines() {
      return option.type() == OptionType.STRINGS;
    }

    /** A submitted value as options are read from text. */
    public String typed(String submitted) {
      return SettingsForm.typed(option, submitted);
    }

    public boolean isChoice() {
      return option.type() == OptionType.CHOICE || option.type() == OptionType.BOOLEAN;
    }

    public List<String> choices() {
      return option.type() == OptionType.BOOLEAN ? List.of("true", "false") : option.choices();
    }

    public String defaultText() {
      return text(option, option.defaultValue());
    }

    public String step() {
      return option.type().isFractional() ? "any" : "1";
    }

    /** A limit for the browser's own check, or null. */
    public @Nullable String min() {
      return option.min() == null || option.minOpen() ? null : number(option.min());
    }

    public @Nullable String max() {
      return option.max() == null || option.maxOpen() ? null : number(option.max());
    }

    private static String number(double value) {
      return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
  }

  /** The form filled with stored settings. */
  public List<Field> fields(String settings) {
    ObjectNode stored = stored(settings);
    List<Field> fields = new ArrayList<>();
    for (OptionField option : options.fields()) {
      if (!HIDDEN.contains(option.name())) {
        JsonNode value = stored.get(option.name());
        fields.add(
            new Field(option, "set." + option.name(), value == null ? "" : text(option, value)));
      }
    }
    return fields;
  }

  /**
   * What a submitted form says, to be stored.
   *
   * @param parameters the form's parameters; those of other names are ignored
   * @throws OptionException for a value that is not allowed
   */
  public String read(Map<String, String> parameters) {
    Map<String, String> values = new LinkedHashMap<>();
    for (Field field : fields("{}")) {
      String value = parameters.getOrDefault(field.name(), "").strip();
      if (!value.isEmpty()) {
        values.put(field.option().name(), typed(field.option(), value));
      }
    }
    ObjectNode chosen = options.toJson(options.fromText(values, ""));
    ObjectNode defaults = options.toJson(DEFAULTS);
    chosen.properties().removeIf(entry -> entry.getValue().equals(defaults.get(entry.getKey())));
    ObjectNode methods = MethodForm.read(parameters);
    if (!methods.isEmpty()) {
      chosen.set(METHODS, methods);
    }
    return chosen.toString();
  }

  /** A request drawn by stored settings. */
  GenerationRequest request(
      String settings, int[] prompt, ModelInfo model, GenerationListener listener) {
    ObjectNode stored = stored(settings);
    JsonNode methods = stored.remove(METHODS);
    LazyInference inference =
        methods == null ? LazyInference.full() : LazyInference.fromJson(methods);
    GenerateOptions chosen = options.fromJson(stored);
    // A length that nobody chose shrinks to what the context has room for.
    GenerateOptions fitting =
        stored.has(MAX_TOKENS) ? chosen : chosen.within(model.context(), prompt.length);
    return new GenerationRequest(prompt, fitting, inference.newHook(model), listener);
  }

  /** The choice of methods, filled with stored settings. */
  public List<MethodForm> methods(String settings) {
    return MethodForm.of(stored(settings).path(METHODS));
  }

  private static ObjectNode stored(String settings) {
    try {
      return (ObjectNode) JSON.readTree(settings);
    } catch (JsonProcessingException | ClassCastException e) {
      return JSON.createObjectNode();
    }
  }

  /** Texts stand one a line in the form, and as a JSON array where options are read. */
  static String typed(OptionField option, String value) {
    if (option.type() != OptionType.STRINGS) {
      return value;
    }
    var array = JSON.createArrayNode();
    value.lines().filter(line -> !line.isEmpty()).forEach(array::add);
    return array.toString();
  }

  static String text(OptionField option, JsonNode value) {
    if (option.type() == OptionType.STRINGS) {
      List<String> lines = new ArrayList<>();
      value.forEach(item -> lines.add(item.asText()));
      return String.join("\n", lines);
    }
    // 0.0002 says more in a form than 2.0E-4.
    return value.isDouble()
        ? BigDecimal.valueOf(value.doubleValue()).stripTrailingZeros().toPlainString()
        : value.asText().replaceFirst("\\.0$", "").replaceFirst("^null$", "");
  }
}
