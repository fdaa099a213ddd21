package io.otium.lm.text.jinja;

import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** The methods of Python's str that templates use. */
final class StringMethods {
  private StringMethods() {}

  static @Nullable Callable of(String s, String name) {
    return switch (name) {
      case "strip" -> (args, b) -> strip(s, args, true, true);
      case "lstrip" -> (args, b) -> strip(s, args, true, false);
      case "rstrip" -> (args, b) -> strip(s, args, false, true);
      case "split", "rsplit" ->
          (args, b) -> {
            b.items(s.length() >> 3);
            Object separator = args.get(0, "sep", None.NONE);
            List<Object> parts =
                PyStrings.split(
                    s,
                    separator == None.NONE ? null : args.text(0, "sep"),
                    args.number(1, "maxsplit", -1),
                    name.equals("rsplit"));
            b.items(parts.size());
            return parts;
          };
      case "splitlines" ->
          (args, b) -> {
            b.items(s.length() >> 3);
            return PyStrings.lines(s, args.flag(0, "keepends", false));
          };
      case "startswith" -> (args, b) -> affix(args, true, s);
      case "endswith" -> (args, b) -> affix(args, false, s);
      case "upper" -> (args, b) -> made(s.toUpperCase(Locale.ROOT), b);
      case "lower", "casefold" -> (args, b) -> made(s.toLowerCase(Locale.ROOT), b);
      case "title" -> (args, b) -> made(PyStrings.title(s), b);
      case "capitalize" -> (args, b) -> made(PyStrings.capitalize(s), b);
      case "replace" ->
          (args, b) ->
              replace(s, args.text(0, "old"), args.text(1, "new"), args.number(2, "count", -1), b);
      case "find" -> (args, b) -> PyStrings.indexOf(s, args.text(0, "sub"), false);
      case "rfind" -> (args, b) -> PyStrings.indexOf(s, args.text(0, "sub"), true);
      case "index" ->
          (args, b) -> {
            long i = PyStrings.indexOf(s, args.text(0, "sub"), false);
            if (i < 0) {
              throw new TemplateException(
                  "the chat template asks where a text has what it has not");
            }
            return i;
          };
      case "count" ->
          (args, b) -> {
            String part = args.text(0, "sub");
            return part.isEmpty()
                ? PyStrings.length(s) + 1L
                : PyStrings.split(s, part, -1, false).size() - 1L;
          };
      case "join" ->
          (args, b) -> {
            var out = new StringBuilder();
            String separator = "";
            for (Object item : Values.items(args.get(0, "iterable"), b)) {
              if (!(item instanceof String t)) {
                throw new TemplateException(
                    "the chat template joins a " + Values.typeName(item) + " as if it were a text");
              }
              b.text(
                  out.length() + (long) separator.length() + t.length() > 1 << 24
                      ? Long.MAX_VALUE
                      : t.length());
              out.append(separator).append(t);
              separator = s;
            }
            return out.toString();
          };
      case "format" -> (args, b) -> Formats.braces(s, args, b);
      case "removeprefix" ->
          (args, b) -> {
            String p = args.text(0, "prefix");
            return s.startsWith(p) ? s.substring(p.length()) : s;
          };
      case "removesuffix" ->
          (args, b) -> {
            String p = args.text(0, "suffix");
            return s.endsWith(p) ? s.substring(0, s.length() - p.length()) : s;
          };
      case "partition", "rpartition" ->
          (args, b) -> {
            String p = args.text(0, "sep");
            boolean last = name.equals("rpartition");
            int i = last ? s.lastIndexOf(p) : s.indexOf(p);
            return i >= 0
                ? new Tuple(s.substring(0, i), p, s.substring(i + p.length()))
                : last ? new Tuple("", "", s) : new Tuple(s, "", "");
          };
      case "ljust", "rjust", "center", "zfill" -> (args, b) -> pad(s, name, args, b);
      case "isdigit", "isdecimal", "isnumeric" -> (args, b) -> all(s, Character::isDigit);
      case "isalpha" -> (args, b) -> all(s, Character::isLetter);
      case "isalnum" -> (args, b) -> all(s, Character::isLetterOrDigit);
      case "isspace" -> (args, b) -> !s.isEmpty() && PyStrings.isSpace(s, 0);
      case "isupper" ->
          (args, b) ->
              !s.equals(s.toLowerCase(Locale.ROOT)) && s.equals(s.toUpperCase(Locale.ROOT));
      case "islower" ->
          (args, b) ->
              !s.equals(s.toUpperCase(Locale.ROOT)) && s.equals(s.toLowerCase(Locale.ROOT));
      default -> null;
    };
  }

  private static String made(String s, Budget budget) {
    budget.text(s.length());
    return s;
  }

  private static String strip(String s, Args args, boolean left, boolean right) {
    if (args.get(0, "chars", None.NONE) != None.NONE) {
      return PyStrings.strip(s, args.text(0, "chars"), left, right);
    }
    String out = right ? PyStrings.rstrip(s) : s;
    return left ? PyStrings.lstrip(out) : out;
  }

  private static boolean affix(Args args, boolean start, String s) {
    Object affixes = args.get(0, "affix");
    List<Object> list = affixes instanceof Tuple t ? Values.castItems(t) : List.of(affixes);
    for (Object o : list) {
      if (!(o instanceof String affix)) {
        throw new TemplateException(
            "the chat template asks whether a text starts or ends with a " + Values.typeName(o));
      }
      if (start ? s.startsWith(affix) : s.endsWith(affix)) {
        return true;
      }
    }
    return false;
  }

  static String replace(String s, String from, String to, long most, Budget budget) {
    long times = from.isEmpty() ? s.length() + 1L : s.length() / from.length();
    if (to.length() > from.length() && times * to.length() > 1 << 20) {
      // The bound is coarse; count where it matters.
      times = from.isEmpty() ? times : PyStrings.split(s, from, -1, false).size() - 1L;
      budget.text(s.length() + times * (to.length() - from.length()));
    }
    budget.text(s.length());
    if (most < 0) {
      return s.replace(from, to);
    }
    var out = new StringBuilder();
    int at = 0;
    for (; most > 0; most--) {
      int i = s.indexOf(from, at);
      if (i < 0) {
        break;
      }
      int end = from.isEmpty() ? Math.min(s.length(), i + 1) : i + from.length();
      out.append(s, at, i).append(to);
      if (from.isEmpty()) {
        out.append(s, i, end);
        if (i == s.length()) {
          return out.toString();
        }
      }
      at = end;
    }
    return out.append(s, at, s.length()).toString();
  }

  static String pad(String s, String how, Args args, Budget budget) {
    long width = args.number(0, "width", 0);
    long blanks = width - PyStrings.length(s);
    if (blanks <= 0) {
      return s;
    }
    budget.text(Math.max(width, s.length()));
    String fill = how.equals("zfill") ? "0" : args.text(1, "fillchar", " ");
    if (PyStrings.length(fill) != 1) {
      throw new TemplateException("the chat template fills with '" + fill + "', not one character");
    }
    int n = (int) blanks;
    if (how.equals("zfill") && (s.startsWith("-") || s.startsWith("+"))) {
      return s.charAt(0) + fill.repeat(n) + s.substring(1);
    }
    return switch (how) {
      case "ljust" -> s + fill.repeat(n);
      case "rjust", "zfill" -> fill.repeat(n) + s;
      default -> {
        int left = n / 2 + (n & (int) width & 1);
        yield fill.repeat(left) + s + fill.repeat(n - left);
      }
    };
  }

  private static boolean all(String s, IntPredicate test) {
    return !s.isEmpty() && s.codePoints().allMatch(test);
  }
}
