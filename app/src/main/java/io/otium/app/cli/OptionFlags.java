package io.otium.app.cli;

import io.otium.core.options.OptionException;
import io.otium.core.options.OptionFlag;
import io.otium.core.options.OptionType;
import io.otium.core.options.Options;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;

/** A record's options as flags of a verb, read back into the record. */
final class OptionFlags<T extends Record> {
  private final Options<T> options;
  private final String prefix;
  private final Map<String, String> given = new LinkedHashMap<>();

  OptionFlags(Options<T> options, String prefix) {
    this.options = options;
    this.prefix = prefix;
  }

  /** Adds the flags under a heading of the help text. */
  void addTo(CommandSpec spec, String heading) {
    ArgGroupSpec.Builder group =
        ArgGroupSpec.builder().validate(false).heading("%n" + heading + ":%n").order(10);
    for (OptionFlag flag : options.flags(prefix)) {
      OptionSpec.Builder option =
          OptionSpec.builder(flag.flag())
              .description(description(flag))
              .setter(keep(flag.field().flag()));
      if (flag.field().type() == OptionType.BOOLEAN) {
        boolean on = flag.field().defaultValue().asBoolean();
        option.type(Boolean.class).arity("0").negatable(on);
      } else {
        option
            .type(String.class)
            .arity("1")
            .paramLabel(flag.placeholder())
            .completionCandidates(flag.field().choices());
      }
      group.addArg(option.build());
    }
    spec.addArgGroup(group.build());
  }

  private ISetter keep(String key) {
    return new ISetter() {
      @Override
      @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals", "NullAway"})
      public <V> V set(V value) {
        // picocli resets every option to null before it reads the arguments.
        return (V) (value == null ? given.remove(key) : given.put(key, value.toString()));
      }
    };
  }

  /** Doc and default; picocli takes percent signs for formats. */
  private static String description(OptionFlag flag) {
    boolean plain = flag.defaultText().isEmpty() || flag.field().type() == OptionType.BOOLEAN;
    String text = flag.doc() + (plain ? "" : " (default: " + flag.defaultText() + ")");
    return text.replace("%", "%%");
  }

  /** What was typed, by flag without dashes. */
  Map<String, String> given() {
    return Map.copyOf(given);
  }

  /**
   * The record.
   *
   * @throws Usage for a value that is not allowed, naming the flag as it is typed
   */
  T read() {
    try {
      return options.fromText(given, prefix);
    } catch (OptionException e) {
      String rest = String.valueOf(e.getMessage()).substring(e.key().length());
      throw new Usage((e.key().isEmpty() ? "" : "--" + e.key().replace('_', '-')) + rest);
    }
  }
}
