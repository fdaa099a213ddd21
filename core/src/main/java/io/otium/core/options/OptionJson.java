package io.otium.core.options;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One option's value from JSON and back. Strict where a slip could hide: numbers are no texts and
 * texts no numbers (percentages of a share apart), NaN and infinities are refused, {@code 3.0} is a
 * whole number and {@code 3.5} none, a single item may stand for a list of one.
 */
final class OptionJson {
  static final ObjectMapper MAPPER =
      new ObjectMapper(
              JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  static final ObjectMapper YAML =
      new ObjectMapper(
          YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build());

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final double EXACT = 9007199254740992.0; // 2^53: whole doubles are exact below it

  private OptionJson() {}

  /** The Java value, or an {@link OptionException} that names the field. */
  static Object read(OptionField field, Class<?> javaType, JsonNode node) {
    return switch (field.type()) {
      case STRINGS, INTS, DOUBLES -> list(field, node);
      case INT_TO_FLOAT -> map(field, node);
      case CHOICE -> choice(field, javaType, node);
      default -> scalar(field, field.type(), field.name(), node, field.allowed());
    };
  }

  private static Object scalar(
      OptionField field, OptionType type, String key, JsonNode node, String allowed) {
    return switch (type) {
      case BOOLEAN -> {
        require(node.isBoolean(), key, node, allowed);
        yield node.booleanValue();
      }
      case STRING -> {
        require(node.isTextual(), key, node, allowed);
        yield node.textValue();
      }
      case INT -> {
        long value = whole(field, key, node, allowed);
        require((int) value == value, key, node, allowed);
        yield (int) value;
      }
      case LONG -> whole(field, key, node, allowed);
      case FLOAT -> {
        double value = fractional(field, key, node, allowed);
        require(Float.isFinite((float) value), key, node, allowed);
        yield (float) value;
      }
      case DOUBLE -> fractional(field, key, node, allowed);
      default -> throw new AssertionError(type);
    };
  }

  private static long whole(OptionField field, String key, JsonNode node, String allowed) {
    long value;
    if (node.isIntegralNumber()) {
      require(node.canConvertToLong(), key, node, allowed);
      value = node.longValue();
    } else if (node.isBigDecimal()) {
      // The size first: all the digits of 1e999999999 would fill the memory.
      BigDecimal decimal = node.decimalValue();
      require(Math.abs(decimal.doubleValue()) < 1e19, key, node, allowed);
      require(decimal.stripTrailingZeros().scale() <= 0, key, node, allowed);
      require(decimal.toBigIntegerExact().bitLength() <= 63, key, node, allowed);
      value = decimal.longValueExact();
    } else {
      require(node.isNumber(), key, node, allowed);
      double number = node.doubleValue();
      require(number == Math.rint(number) && Math.abs(number) <= EXACT, key, node, allowed);
      value = (long) number;
    }
    require(field.contains(value), key, node, allowed);
    return value;
  }

  private static double fractional(OptionField field, String key, JsonNode node, String allowed) {
    double value;
    if (field.share() && node.isTextual() && node.textValue().strip().endsWith("%")) {
      String digits = node.textValue().strip();
      JsonNode percent = percent(digits.substring(0, digits.length() - 1).strip());
      require(percent.isNumber(), key, node, allowed);
      value = percent.doubleValue();
    } else {
      require(node.isNumber(), key, node, allowed);
      // A float's own shortest decimal: 0.9f is within a range that ends at 0.9.
      value =
          node.isFloat()
              ? Double.parseDouble(Float.toString(node.floatValue()))
              : node.doubleValue();
    }
    require(Double.isFinite(value) && field.contains(value), key, node, allowed);
    return value;
  }

  private static JsonNode percent(String digits) {
    if (digits.matches("[+-]?[0-9]{1,20}([.][0-9]{1,20})?")) {
      return JSON.numberNode(new BigDecimal(digits).movePointLeft(2));
    }
    return JSON.missingNode();
  }

  private static Object choice(OptionField field, Class<?> javaType, JsonNode node) {
    require(node.isTextual(), field.name(), node, field.allowed());
    String wanted = OptionName.kebab(node.textValue().strip());
    for (Object constant : javaType.getEnumConstants()) {
      if (OptionName.kebab(((Enum<?>) constant).name()).equals(wanted)) {
        return constant;
      }
    }
    throw OptionException.invalid(field.name(), show(node), field.allowed());
  }

  private static List<Object> list(OptionField field, JsonNode node) {
    List<Object> items = new ArrayList<>();
    if (!node.isArray()) {
      require(node.isValueNode() && !node.isNull(), field.name(), node, field.allowed());
      items.add(scalar(field, field.type().item(), field.name(), node, field.allowed()));
      return List.copyOf(items);
    }
    for (int i = 0; i < node.size(); i++) {
      String key = field.name() + "[" + i + "]";
      String allowed = field.type() == OptionType.STRINGS ? "text" : field.allowedItem();
      items.add(scalar(field, field.type().item(), key, node.get(i), allowed));
    }
    return List.copyOf(items);
  }

  private static Map<Integer, Object> map(OptionField field, JsonNode node) {
    require(node.isObject(), field.name(), node, field.allowed());
    Map<Integer, Object> map = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      String typed = entry.getKey();
      String key = field.name() + "." + OptionException.shorten(typed);
      int number;
      try {
        number = Integer.parseInt(typed);
      } catch (NumberFormatException e) {
        throw OptionException.refused(
            key, "is no whole number; " + field.name() + " must be " + field.allowed());
      }
      Object value = scalar(field, OptionType.FLOAT, key, entry.getValue(), field.allowedItem());
      if (map.put(number, value) != null) {
        throw OptionException.refused(key, "is given twice");
      }
    }
    return Map.copyOf(map);
  }

  private static void require(boolean holds, String key, JsonNode node, String allowed) {
    if (!holds) {
      throw OptionException.invalid(key, show(node), allowed);
    }
  }

  /** The value as a user would recognise it: texts in quotes, so that "3" is seen to be no 3. */
  private static String show(JsonNode node) {
    if (node.isObject()) {
      return "an object";
    } else if (node.isArray()) {
      return "a list";
    }
    return node.isTextual() ? "\"" + node.textValue() + "\"" : node.asText();
  }

  /** A value as JSON, so that {@link #read} gives it back. */
  static JsonNode write(@Nullable Object value) {
    return switch (value) {
      case null -> JSON.nullNode();
      case Integer number -> JSON.numberNode(number.intValue());
      case Long number -> JSON.numberNode(number.longValue());
      case Float number -> JSON.numberNode(number.floatValue());
      case Double number -> JSON.numberNode(number.doubleValue());
      case Boolean flag -> JSON.booleanNode(flag);
      case String text -> JSON.textNode(text);
      case Enum<?> choice -> JSON.textNode(OptionName.kebab(choice.name()));
      case List<?> list -> {
        ArrayNode array = JSON.arrayNode();
        list.forEach(item -> array.add(write(item)));
        yield array;
      }
      case Map<?, ?> map -> {
        ObjectNode object = JSON.objectNode();
        // In order, so that the same options always give the same text.
        new TreeMap<>(map).forEach((key, item) -> object.set(String.valueOf(key), write(item)));
        yield object;
      }
      default -> throw new IllegalArgumentException("no option type: " + value.getClass());
    };
  }
}
