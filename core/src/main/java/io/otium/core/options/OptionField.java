package io.otium.core.options;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One option, described: what a form, a flag or a reference page needs to know.
 *
 * @param name key in JSON and YAML, e.g. {@code keep_last}
 * @param flag name on the command line without prefix, e.g. {@code keep-last}
 * @param defaultValue as JSON; JSON's null for an unset optional one
 * @param min least allowed value, of each item for lists and maps; null where there is no limit
 * @param minOpen whether {@code min} itself is excluded
 * @param choices what a {@link OptionType#CHOICE} chooses from, else empty
 * @param optional whether it may be unset
 * @param share whether it is a share of one, for which percentages may be written
 */
public record OptionField(
    String name,
    String flag,
    OptionType type,
    JsonNode defaultValue,
    String doc,
    @Nullable Double min,
    @Nullable Double max,
    boolean minOpen,
    boolean maxOpen,
    List<String> choices,
    boolean optional,
    boolean share) {

  public OptionField {
    choices = List.copyOf(choices);
  }

  /** What a value must be, in words: {@code a whole number from 1 to 8}. */
  @JsonIgnore
  public String allowed() {
    String what =
        switch (type) {
          case INT, LONG -> "a whole number" + range();
          case FLOAT, DOUBLE -> "a number" + range();
          case BOOLEAN -> "true or false";
          case STRING -> "text";
          case CHOICE -> "one of " + String.join(", ", choices);
          case STRINGS -> "a list of texts";
          case INTS -> "a list of whole numbers" + each();
          case DOUBLES -> "a list of numbers" + each();
          case INT_TO_FLOAT -> "a map from whole numbers to numbers" + each();
        };
    return share ? what + " or a percentage" : what;
  }

  /** What an item must be, where this is a list or a map. */
  String allowedItem() {
    return switch (type.item()) {
      case INT -> "a whole number" + range();
      case DOUBLE, FLOAT -> "a number" + range();
      default -> allowed();
    };
  }

  private String each() {
    String range = range();
    return range.isEmpty() ? "" : ", each" + range;
  }

  private String range() {
    String least = min == null ? "" : number(min);
    String most = max == null ? "" : number(max);
    if (min != null && max != null && !minOpen && !maxOpen) {
      return " from " + least + " to " + most;
    }
    String lower = min == null ? "" : (minOpen ? " above " : " of at least ") + least;
    String upper = max == null ? "" : (maxOpen ? " below " : " of at most ") + most;
    return lower + (lower.isEmpty() || upper.isEmpty() ? "" : " and") + upper;
  }

  boolean contains(double value) {
    boolean above = min == null || (minOpen ? value > min : value >= min);
    boolean below = max == null || (maxOpen ? value < max : value <= max);
    return above && below;
  }

  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}
