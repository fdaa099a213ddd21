package io.otium.app.cli;

import io.otium.lm.FoundModel;
import io.otium.lm.LanguageModel;
import io.otium.lm.SharedModels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** How the command line finds models. */
final class Loading {
  private Loading() {}

  static FoundModel find(Cli.LoadRequest request, Cli cli) {
    fetch(request.model(), cli);
    try {
      SharedModels among = request.among();
      var progress = new PullProgress(cli);
      return among == null
          ? LanguageModel.find(request.model(), request.options(), progress)
          : among.find(request.model(), request.options(), progress);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Fetches a model that is not here yet, and has the launcher learn how one is loaded. */
  private static void fetch(String model, Cli cli) {
    if (cli.models().find(model).isPresent()) return;
    Path _ = cli.resolve(model);
    StartCache.remake(model);
  }
}
