package io.otium.lm.text.jinja;

import java.util.ArrayList;
import java.util.List;

/** {@code + - * / // % ** ~} on Python's values. */
final class Arithmetic {
  private Arithmetic() {}

  static Object apply(String operator, Object left, Object right, Budget budget) {
    if (operator.equals("~")) {
      return concat(Values.text(left, budget), Values.text(right, budget), budget);
    }
    Values.refuseUndefined(left, right);
    if (Values.isNumber(left) && Values.isNumber(right)) {
      try {
        return left instanceof Double || right instanceof Double || operator.equals("/")
            ? real(operator, Values.real(left), Values.real(right))
            : whole(operator, Values.integer(left), Values.integer(right));
      } catch (ArithmeticException e) {
        throw new TemplateException(
            "the chat template computes " + left + " " + operator + " " + right + ", which fails");
      }
    }
    return switch (operator) {
      case "+" -> {
        if (left instanceof String s && right instanceof String t) {
          yield concat(s, t, budget);
        }
        if (left instanceof List<?> x
            && right instanceof List<?> y
            && (x instanceof Tuple) == (y instanceof Tuple)) {
          budget.items((long) x.size() + y.size());
          var both = new ArrayList<Object>(x);
          both.addAll(y);
          yield x instanceof Tuple ? new Tuple(both) : both;
        }
        throw unfit(operator, left, right);
      }
      case "*" -> {
        if (left instanceof String s && Values.isNumber(right)) {
          yield repeat(s, Values.integer(right), budget);
        }
        if (right instanceof String s && Values.isNumber(left)) {
          yield repeat(s, Values.integer(left), budget);
        }
        if (left instanceof List<?> l && Values.isNumber(right)) {
          long times = Math.max(0, Values.integer(right));
          budget.items(
              l.isEmpty()
                  ? 0
                  : Math.multiplyHigh(l.size(), times) != 0 ? Long.MAX_VALUE : l.size() * times);
          var out = new ArrayList<Object>();
          for (long i = 0; i < times && !l.isEmpty(); i++) {
            out.addAll(l);
          }
          yield out;
        }
        throw unfit(operator, left, right);
      }
      case "%" -> {
        if (left instanceof String s) {
          yield Formats.percent(
              s, right instanceof Tuple t ? Values.castItems(t) : List.of(right), budget);
        }
        throw unfit(operator, left, right);
      }
      default -> throw unfit(operator, left, right);
    };
  }

  private static TemplateException unfit(String operator, Object left, Object right) {
    return new TemplateException(
        "the chat template computes "
            + Values.typeName(left)
            + " "
            + operator
            + " "
            + Values.typeName(right)
            + ", which means nothing");
  }

  static String concat(String s, String t, Budget budget) {
    budget.text((long) s.length() + t.length());
    return s.concat(t);
  }

  private static String repeat(String s, long times, Budget budget) {
    if (times <= 0 || s.isEmpty()) {
      return "";
    }
    budget.text(times > 1L << 32 ? Long.MAX_VALUE : s.length() * times);
    return s.repeat((int) times);
  }

  private static Object whole(String operator, long a, long b) {
    return switch (operator) {
      case "+" -> Math.addExact(a, b);
      case "-" -> Math.subtractExact(a, b);
      case "*" -> Math.multiplyExact(a, b);
      case "//" -> Math.floorDiv(a, b);
      case "%" -> Math.floorMod(a, b);
      default -> {
        if (b < 0) {
          yield Math.pow(a, b);
        }
        if (b > 63 && Math.abs(a) > 1) {
          throw new ArithmeticException("too large");
        }
        long power = 1;
        for (long i = 0; i < b && power != 0 && a != 1; i++) {
          power = Math.multiplyExact(power, a);
          if (a == 0 || a == -1) {
            yield a == 0 ? 0L : b % 2 == 0 ? 1L : -1L;
          }
        }
        yield power;
      }
    };
  }

  private static Object real(String operator, double a, double b) {
    if (b == 0 && (operator.equals("/") || operator.equals("//") || operator.equals("%"))) {
      throw new ArithmeticException("division by zero");
    }
    return switch (operator) {
      case "+" -> a + b;
      case "-" -> a - b;
      case "*" -> a * b;
      case "/" -> a / b;
      case "//" -> Math.floor(a / b);
      case "%" -> a - b * Math.floor(a / b);
      default -> Math.pow(a, b);
    };
  }
}
