package io.otium.app.console.train;

import io.otium.app.console.chat.SettingsForm.Field;
import io.otium.core.options.OptionException;
import io.otium.core.options.OptionField;
import io.otium.lm.train.Recipe;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The form of a training run, derived from {@link Recipe}: an option described there appears here.
 *
 * @param first what most people choose, in this order
 * @param rest everything else, in the record's order
 */
public record RecipeForm(List<Field> first, List<Field> rest) {
  private static final String PREFIX = "recipe.";

  private static final List<String> FIRST =
      List.of(
          "method",
          "epochs",
          "steps",
          "learning_rate",
          "lora_rank",
          "row_length",
          "batch_rows",
          "sample_every");

  /** The page has places of its own for these. */
  private static final Set<String> ELSEWHERE = Set.of("model", "data", "validation");

  /** An empty form. */
  public static RecipeForm empty() {
    List<Field> first = new ArrayList<>();
    for (String name : FIRST) first.add(field(Recipe.OPTIONS.field(name)));
    List<Field> rest = new ArrayList<>();
    for (OptionField option : Recipe.OPTIONS.fields()) {
      if (!FIRST.contains(option.name()) && !ELSEWHERE.contains(option.name())) {
        rest.add(field(option));
      }
    }
    return new RecipeForm(first, rest);
  }

  private static Field field(OptionField option) {
    return new Field(option, PREFIX + option.name(), "");
  }

  /**
   * The recipe that a submitted form means.
   *
   * @param parameters the form's; those of other names are ignored
   * @param fixed what the page chose otherwise, by key
   * @throws OptionException for a value that is not allowed
   */
  public static Recipe read(Map<String, String> parameters, Map<String, String> fixed) {
    Map<String, String> values = new LinkedHashMap<>();
    RecipeForm form = empty();
    for (List<Field> part : List.of(form.first(), form.rest())) {
      for (Field field : part) {
        String value = parameters.getOrDefault(field.name(), "").strip();
        if (!value.isEmpty()) values.put(field.option().name(), field.typed(value));
      }
    }
    values.putAll(fixed);
    return Recipe.OPTIONS.fromText(values, "");
  }
}
