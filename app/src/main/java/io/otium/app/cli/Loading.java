package io.otium.app.cli;

import io.otium.lm.FoundModel;
import io.otium.lm.LanguageModel;
import io.otium.lm.hub.Models;
import io.otium.lm.hub.OtiumHome;
import java.io.IOException;
import java.io.UncheckedIOException;

/** How the command line finds models. */
final class Loading {
  private Loading() {}

  static FoundModel find(Cli.LoadRequest request, Cli cli) {
    fetch(request.model(), cli);
    try {
      return LanguageModel.find(request.model(), request.options(), new PullProgress(cli));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Fetches a model that is not here yet, and has the launcher learn how one is loaded. */
  private static void fetch(String model, Cli cli) {
    Models models = Models.at(new OtiumHome(cli.home()));
    if (models.find(model).isPresent()) return;
    try (var progress = new PullProgress(cli)) {
      var ignored = models.resolve(model, progress);
    }
    StartCache.remake(model);
  }
}
