package io.otium.app.cli;

import io.otium.core.options.OptionFlag;
import io.otium.serve.LazyInference;
import io.otium.serve.Method;
import io.otium.serve.Methods;
import io.otium.serve.Registry;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The methods of lazy inference as flags, {@code --kv NAME --kv.KEY VALUE}, by their registries.
 */
final class LazyFlags {
  /** The words as they were typed, for {@link LazyInference#fromArguments}. */
  private final List<String> words = new ArrayList<>();

  void addTo(CommandSpec spec) {
    ArgGroupSpec.Builder group =
        ArgGroupSpec.builder().validate(false).heading("%nLazy inference:%n").order(20);
    add(group, Methods.prefill());
    add(group, Methods.kv());
    spec.addArgGroup(group.build());
  }

  private void add(ArgGroupSpec.Builder group, Registry<?> registry) {
    String flag = "--" + registry.kind();
    String choices = String.join(", ", registry.ids());
    group.addArg(
        option(
            flag,
            "METHOD",
            registry.ids(),
            "%s: %s (default: %s)".formatted(registry.doc(), choices, registry.ids().getFirst())));
    Set<String> seen = new HashSet<>();
    for (Method<?, ?> method : registry.methods()) {
      for (OptionFlag own : method.options().flags(registry.kind())) {
        // Methods may share a name; the chosen one says what it means.
        if (!seen.add(own.flag())) continue;
        group.addArg(
            option(
                own.flag(),
                own.placeholder().isEmpty() ? "true|false" : own.placeholder(),
                own.placeholder().isEmpty() ? List.of("true", "false") : own.field().choices(),
                "%s: %s (default: %s)".formatted(method.id(), own.doc(), own.defaultText())));
      }
    }
  }

  private OptionSpec option(
      String flag, String placeholder, List<String> choices, String description) {
    return OptionSpec.builder(flag)
        .type(String.class)
        .arity("1")
        .paramLabel(placeholder)
        .completionCandidates(choices)
        .description(description.replace("%", "%%"))
        .setter(keep(flag))
        .build();
  }

  private ISetter keep(String flag) {
    return new ISetter() {
      @Override
      public <T> T set(T value) {
        if (value != null) words.addAll(List.of(flag, value.toString()));
        return value;
      }
    };
  }

  /**
   * The methods chosen.
   *
   * @throws io.otium.core.options.OptionException for unknown methods, options and values
   */
  LazyInference read() {
    return LazyInference.fromArguments(words);
  }
}
