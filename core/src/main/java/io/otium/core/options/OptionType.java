package io.otium.core.options;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Map;

/** The types that an option may have, each with the words a user reads for it. */
public enum OptionType {
  INT("whole number"),
  LONG("whole number"),
  FLOAT("number"),
  DOUBLE("number"),
  BOOLEAN("true or false"),
  STRING("text"),
  /** A Java enum, spelled in kebab-case. */
  CHOICE("choice"),
  STRINGS("list of texts"),
  INTS("list of whole numbers"),
  DOUBLES("list of numbers"),
  /** {@code Map<Integer, Float>}, e.g. token id to bias. */
  INT_TO_FLOAT("map from whole number to number");

  private final String words;

  OptionType(String words) {
    this.words = words;
  }

  public String words() {
    return words;
  }

  public boolean isFractional() {
    return this == FLOAT || this == DOUBLE || this == DOUBLES || this == INT_TO_FLOAT;
  }

  public boolean isList() {
    return this == STRINGS || this == INTS || this == DOUBLES;
  }

  /** The type of one item of a list, or the type itself. */
  OptionType item() {
    return switch (this) {
      case STRINGS -> STRING;
      case INTS -> INT;
      case DOUBLES -> DOUBLE;
      case INT_TO_FLOAT -> FLOAT;
      default -> this;
    };
  }

  static OptionType of(RecordComponent component) {
    Class<?> type = component.getType();
    if (type == int.class || type == Integer.class) {
      return INT;
    } else if (type == long.class || type == Long.class) {
      return LONG;
    } else if (type == float.class || type == Float.class) {
      return FLOAT;
    } else if (type == double.class || type == Double.class) {
      return DOUBLE;
    } else if (type == boolean.class || type == Boolean.class) {
      return BOOLEAN;
    } else if (type == String.class) {
      return STRING;
    } else if (type.isEnum()) {
      return CHOICE;
    } else if (component.getGenericType() instanceof ParameterizedType generic) {
      List<Type> arguments = List.of(generic.getActualTypeArguments());
      if (type == List.class && arguments.equals(List.of(String.class))) {
        return STRINGS;
      } else if (type == List.class && arguments.equals(List.of(Integer.class))) {
        return INTS;
      } else if (type == List.class && arguments.equals(List.of(Double.class))) {
        return DOUBLES;
      } else if (type == Map.class && arguments.equals(List.of(Integer.class, Float.class))) {
        return INT_TO_FLOAT;
      }
    }
    throw new IllegalArgumentException(
        "option "
            + component.getDeclaringRecord().getSimpleName()
            + "."
            + component.getName()
            + " has type "
            + component.getGenericType().getTypeName()
            + "; an option is an int, long, float, double, boolean, String, enum, List<String>,"
            + " List<Integer>, List<Double> or Map<Integer, Float>");
  }
}
