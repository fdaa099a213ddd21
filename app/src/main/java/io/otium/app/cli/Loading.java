package io.otium.app.cli;

import java.util.List;

/** How the command line finds and loads models. */
final class Loading {
  static final List<String> WEIGHTS = List.of("auto", "fp32", "bf16", "int8", "int4");

  static final Cli.ModelLoader LOADER =
      (request, cli) -> {
        throw new IllegalStateException(
            "this build has no engine yet to load '%s' with".formatted(request.model()));
      };

  private Loading() {}
}
