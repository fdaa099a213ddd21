package io.otium.lm.text.jinja;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Filters that work on lists. */
final class ListFilters {
  private ListFilters() {}

  static Object apply(String name, Object value, Args args, Budget budget) {
    return switch (name) {
      case "first" -> {
        List<Object> items = Values.items(value, budget);
        yield items.isEmpty() ? new Undefined("a list without a first item") : items.getFirst();
      }
      case "last" -> {
        List<Object> items = Values.items(value, budget);
        yield items.isEmpty() ? new Undefined("a list without a last item") : items.getLast();
      }
      case "list" -> copy(Values.items(value, budget), budget);
      case "join" -> join(value, args, budget);
      case "reverse" ->
          value instanceof String s
              ? new StringBuilder(s).reverse().toString()
              : copy(Values.items(value, budget).reversed(), budget);
      case "map" -> map(value, args, budget);
      case "select", "reject" -> select(value, args, 0, x -> x, name.equals("select"), budget);
      case "selectattr", "rejectattr" ->
          select(value, args, 1, path(args.get(0, "attribute")), name.equals("selectattr"), budget);
      case "sort" -> sort(value, args, budget);
      case "unique" -> unique(value, args, budget);
      case "min", "max" -> {
        var items = copy(Values.items(value, budget), budget);
        var order =
            order(
                args.flag(0, "case_sensitive", false),
                path(args.get(1, "attribute", None.NONE)),
                budget);
        yield items.isEmpty()
            ? new Undefined("the " + name + " of nothing")
            : name.equals("min")
                ? java.util.Collections.min(items, order)
                : java.util.Collections.max(items, order);
      }
      case "sum" -> {
        Object total = args.get(1, "start", 0L);
        Function<Object, Object> path = path(args.get(0, "attribute", None.NONE));
        for (Object item : Values.items(value, budget)) {
          total = Arithmetic.apply("+", total, path.apply(item), budget);
        }
        yield total;
      }
      case "batch", "slice" -> chunks(value, args, name.equals("batch"), budget);
      case "groupby" -> groupBy(value, args, budget);
      default ->
          throw new TemplateException(
              "the chat template uses the filter '" + name + "', which is not known");
    };
  }

  /** Those filters that take None, and all else that is empty, for an empty list. */
  private static List<Object> itemsOrNone(Object value, Budget budget) {
    return Values.truth(value) ? Values.items(value, budget) : List.of();
  }

  private static List<Object> copy(List<Object> items, Budget budget) {
    budget.items(items.size());
    return new ArrayList<>(items);
  }

  /** {@code a.b.0} as a function; none gives the value itself. */
  private static Function<Object, Object> path(@Nullable Object attribute) {
    if (attribute == null || attribute == None.NONE) {
      return x -> x;
    }
    if (attribute instanceof Long index) {
      return x -> Access.item(x, index);
    }
    String[] parts = String.valueOf(attribute).split("\\.", -1);
    return x -> {
      Object out = x;
      for (String part : parts) {
        boolean index =
            !part.isEmpty() && part.length() < 10 && part.chars().allMatch(Character::isDigit);
        out = Access.item(out, index ? (Object) Long.parseLong(part) : part);
      }
      return out;
    };
  }

  private static String join(Object value, Args args, Budget budget) {
    String separator = args.text(0, "d", "");
    Function<Object, Object> path = path(args.get(1, "attribute", None.NONE));
    var out = new StringBuilder();
    boolean first = true;
    for (Object item : Values.items(value, budget)) {
      String text = Values.text(path.apply(item), budget);
      long grown = (first ? 0 : separator.length()) + (long) text.length();
      budget.text(out.length() + grown > 1 << 24 ? Long.MAX_VALUE : grown);
      out.append(first ? "" : separator).append(text);
      first = false;
    }
    return out.toString();
  }

  private static List<Object> map(Object value, Args args, Budget budget) {
    var out = new ArrayList<Object>();
    if (args.positional().isEmpty()) {
      Function<Object, Object> path = path(args.get(0, "attribute"));
      Object otherwise = args.named().get("default");
      for (Object item : itemsOrNone(value, budget)) {
        Object found = path.apply(item);
        out.add(found instanceof Undefined && otherwise != null ? otherwise : found);
      }
      return out;
    }
    String filter = args.text(0, "filter");
    var rest = new Args(args.positional().subList(1, args.positional().size()), args.named());
    for (Object item : itemsOrNone(value, budget)) {
      out.add(Filters.apply(filter, item, rest, budget));
    }
    return out;
  }

  private static List<Object> select(
      Object value, Args args, int at, Function<Object, Object> path, boolean keep, Budget budget) {
    boolean tested = args.positional().size() > at;
    var rest =
        tested
            ? new Args(args.positional().subList(at + 1, args.positional().size()), args.named())
            : Args.NONE;
    var out = new ArrayList<Object>();
    for (Object item : itemsOrNone(value, budget)) {
      budget.step();
      Object subject = path.apply(item);
      boolean holds =
          tested ? Tests.test(args.text(at, "test"), subject, rest, budget) : Values.truth(subject);
      if (holds == keep) {
        out.add(item);
      }
    }
    return out;
  }

  private static Comparator<Object> order(
      boolean caseSensitive, Function<Object, Object> path, Budget budget) {
    return (a, b) ->
        Values.compare(
            fold(path.apply(a), caseSensitive), fold(path.apply(b), caseSensitive), budget);
  }

  private static Object fold(Object value, boolean caseSensitive) {
    return value instanceof String s && !caseSensitive ? s.toLowerCase(Locale.ROOT) : value;
  }

  private static List<Object> sort(Object value, Args args, Budget budget) {
    List<Object> items = copy(Values.items(value, budget), budget);
    var order =
        order(
            args.flag(1, "case_sensitive", false),
            path(args.get(2, "attribute", None.NONE)),
            budget);
    try {
      items.sort(order);
    } catch (IllegalArgumentException e) {
      if (e instanceof TemplateException) {
        throw e;
      }
      throw new TemplateException("the chat template sorts values that have no order");
    }
    return args.flag(0, "reverse", false) ? items.reversed() : items;
  }

  private static List<Object> unique(Object value, Args args, Budget budget) {
    boolean caseSensitive = args.flag(0, "case_sensitive", false);
    Function<Object, Object> path = path(args.get(1, "attribute", None.NONE));
    var seen = new ArrayList<Object>();
    var out = new ArrayList<Object>();
    for (Object item : Values.items(value, budget)) {
      Object key = fold(path.apply(item), caseSensitive);
      if (!Values.contains(seen, key, budget)) {
        seen.add(key);
        out.add(item);
      }
    }
    return out;
  }

  private static List<Object> chunks(Object value, Args args, boolean batch, Budget budget) {
    List<Object> items = Values.items(value, budget);
    int n = (int) args.number(0, batch ? "linecount" : "slices", 0);
    if (n < 1 || n > 1 << 20) {
      throw new TemplateException("the chat template cuts a list by " + n);
    }
    Object fill = args.get(1, "fill_with", None.NONE);
    var out = new ArrayList<Object>();
    int count = batch ? (items.size() + n - 1) / n : n;
    budget.items((long) items.size() + (batch ? n : count));
    for (int i = 0, at = 0; i < count; i++) {
      int size = batch ? n : items.size() / n + (i < items.size() % n ? 1 : 0);
      int end = Math.min(items.size(), at + size);
      var chunk = new ArrayList<Object>(items.subList(at, end));
      int full = batch || items.size() % n == 0 || i < items.size() % n ? size : size + 1;
      while (fill != None.NONE && chunk.size() < full) {
        chunk.add(fill);
      }
      out.add(chunk);
      at = end;
    }
    return out;
  }

  private static List<Object> groupBy(Object value, Args args, Budget budget) {
    Function<Object, Object> path = path(args.get(0, "attribute"));
    var named = new java.util.LinkedHashMap<String, Object>();
    named.put("attribute", args.get(0, "attribute"));
    var out = new ArrayList<Object>();
    Object key = null;
    List<Object> group = List.of();
    for (Object item : sort(value, new Args(List.of(), named), budget)) {
      Object now = path.apply(item);
      if (key == null || !Values.equal(fold(key, false), fold(now, false), budget)) {
        key = now;
        group = new ArrayList<>();
        out.add(new Tuple(now, group));
      }
      group.add(item);
    }
    return out;
  }
}
