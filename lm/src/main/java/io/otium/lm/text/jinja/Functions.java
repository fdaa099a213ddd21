package io.otium.lm.text.jinja;

import java.time.LocalDateTime;
import java.util.AbstractList;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Functions that every template finds. */
final class Functions {
  /** As Jinja's sandbox has it. */
  private static final long MAX_RANGE = 100_000;

  private Functions() {}

  static @Nullable Callable named(String name) {
    return switch (name) {
      case "range" -> (args, budget) -> range(args);
      case "namespace" ->
          (args, budget) -> {
            var out = new Namespace();
            if (!args.positional().isEmpty()
                && args.positional().getFirst() instanceof Map<?, ?> m) {
              m.forEach((k, v) -> out.fields.put(String.valueOf(k), v));
            }
            out.fields.putAll(args.named());
            return out;
          };
      case "dict" ->
          (args, budget) -> {
            var out = new LinkedHashMap<Object, Object>();
            if (!args.positional().isEmpty()
                && args.positional().getFirst() instanceof Map<?, ?> m) {
              m.forEach((k, v) -> out.put(Values.key(k), v));
            }
            out.putAll(args.named());
            return out;
          };
      case "raise_exception" ->
          (args, budget) -> {
            throw new TemplateException(Values.text(args.get(0, "message"), budget));
          };
      case "joiner" ->
          (args, budget) -> {
            String separator = args.text(0, "sep", ", ");
            boolean[] used = {false};
            return (Callable)
                (a, b) -> {
                  boolean first = !used[0];
                  used[0] = true;
                  return first ? "" : separator;
                };
          };
      default -> null;
    };
  }

  static Callable strftime(LocalDateTime now) {
    return (args, budget) -> Strftime.format(args.text(0, "format"), now, budget);
  }

  private static Object range(Args args) {
    boolean one = args.positional().size() == 1;
    long start = one ? 0 : args.number(0, "start", 0);
    long stop = one ? args.number(0, "stop", 0) : args.number(1, "stop", 0);
    long step = args.number(2, "step", 1);
    if (step == 0) {
      throw new TemplateException("the chat template counts in steps of 0");
    }
    if (Math.abs((double) start) > 1e15 || Math.abs((double) stop) > 1e15) {
      throw new TemplateException("the chat template counts from " + start + " to " + stop);
    }
    long size =
        Math.max(
            0, step > 0 ? Math.ceilDiv(stop - start, step) : Math.ceilDiv(start - stop, -step));
    if (size > MAX_RANGE) {
      throw new TemplateException(
          "the chat template counts over "
              + size
              + " numbers; at most "
              + MAX_RANGE
              + " are allowed");
    }
    return new AbstractList<Object>() {
      @Override
      public Object get(int index) {
        java.util.Objects.checkIndex(index, size());
        return start + index * step;
      }

      @Override
      public int size() {
        return (int) size;
      }
    };
  }
}
