package io.otium.lm.text.jinja;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What stands after {@code is}. */
final class Tests {
  private Tests() {}

  static boolean test(String name, Object value, Args args, Budget budget) {
    return switch (name) {
      case "defined" -> !(value instanceof Undefined);
      case "undefined" -> value instanceof Undefined;
      case "none" -> value == None.NONE;
      case "string" -> value instanceof String;
      case "number" -> Values.isNumber(value);
      case "integer" -> value instanceof Long;
      case "float" -> value instanceof Double;
      case "boolean" -> value instanceof Boolean;
      case "true" -> value.equals(true);
      case "false" -> value.equals(false);
      case "mapping" -> value instanceof Map<?, ?>;
      case "sequence", "iterable" ->
          value instanceof List<?>
              || value instanceof String
              || value instanceof Map<?, ?>
              || value instanceof Undefined;
      case "callable" -> value instanceof Callable;
      case "eq", "equalto", "==" -> Values.equal(value, args.get(0, "other"), budget);
      case "ne", "!=" -> !Values.equal(value, args.get(0, "other"), budget);
      case "lt", "lessthan", "<" -> Values.compare(value, args.get(0, "other"), budget) < 0;
      case "le", "<=" -> Values.compare(value, args.get(0, "other"), budget) <= 0;
      case "gt", "greaterthan", ">" -> Values.compare(value, args.get(0, "other"), budget) > 0;
      case "ge", ">=" -> Values.compare(value, args.get(0, "other"), budget) >= 0;
      case "in" -> Values.contains(args.get(0, "seq"), value, budget);
      case "odd" -> Math.floorMod(Values.integer(value), 2L) == 1;
      case "even" -> Math.floorMod(Values.integer(value), 2L) == 0;
      case "divisibleby" -> {
        long by = args.number(0, "num", 0);
        if (by == 0) {
          throw new TemplateException("the chat template divides by 0");
        }
        yield Values.integer(value) % by == 0;
      }
      case "sameas" -> {
        Object other = args.get(0, "other");
        yield value == other || (value instanceof Boolean && value.equals(other));
      }
      case "lower" ->
          value instanceof String s
              && !s.equals(s.toUpperCase(Locale.ROOT))
              && s.equals(s.toLowerCase(Locale.ROOT));
      case "upper" ->
          value instanceof String s
              && !s.equals(s.toLowerCase(Locale.ROOT))
              && s.equals(s.toUpperCase(Locale.ROOT));
      default ->
          throw new TemplateException(
              "the chat template uses the test '" + name + "', which is not known");
    };
  }
}
