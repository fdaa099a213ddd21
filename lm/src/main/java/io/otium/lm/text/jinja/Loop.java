package io.otium.lm.text.jinja;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The variable {@code loop} inside a loop; called, it runs a recursive loop on other items. */
final class Loop implements Callable {
  private final List<Object> items;
  private final int depth;
  private final @Nullable Function<Object, String> recurse;
  private @Nullable Object lastChanged;
  int index;

  Loop(List<Object> items, int depth, @Nullable Function<Object, String> recurse) {
    this.items = items;
    this.depth = depth;
    this.recurse = recurse;
  }

  Object attribute(String name) {
    return switch (name) {
      case "index" -> index + 1L;
      case "index0" -> (long) index;
      case "revindex" -> (long) items.size() - index;
      case "revindex0" -> items.size() - index - 1L;
      case "first" -> index == 0;
      case "last" -> index == items.size() - 1;
      case "length" -> (long) items.size();
      case "depth" -> depth + 1L;
      case "depth0" -> (long) depth;
      case "previtem" ->
          index == 0 ? new Undefined("there is no previous item") : items.get(index - 1);
      case "nextitem" ->
          index == items.size() - 1 ? new Undefined("there is no next item") : items.get(index + 1);
      case "cycle" ->
          (Callable)
              (args, budget) -> {
                if (args.positional().isEmpty()) {
                  throw new TemplateException("the chat template cycles through nothing");
                }
                return args.positional().get(index % args.positional().size());
              };
      case "changed" ->
          (Callable)
              (args, budget) -> {
                Object now = new Tuple(args.positional());
                boolean changed = lastChanged == null || !Values.equal(lastChanged, now, budget);
                lastChanged = now;
                return changed;
              };
      default -> new Undefined("'loop' has no attribute '" + name + "'");
    };
  }

  @Override
  public Object call(Args args, Budget budget) {
    if (recurse == null) {
      throw new TemplateException("the chat template calls a loop that is not recursive");
    }
    return recurse.apply(args.get(0, "iterable"));
  }
}
