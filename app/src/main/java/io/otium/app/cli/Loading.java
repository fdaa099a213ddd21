package io.otium.app.cli;

import io.otium.lm.FoundModel;
import io.otium.lm.LanguageModel;
import io.otium.lm.SharedModels;
import io.otium.lm.hub.KnownModels;
import io.otium.lm.hub.PullException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** How the command line finds models. */
final class Loading {
  private Loading() {}

  static FoundModel find(Cli.LoadRequest request, Cli cli) {
    String model = fetched(request, cli);
    try {
      SharedModels among = request.among();
      var progress = new PullProgress(cli);
      return among == null
          ? LanguageModel.find(model, request.options(), progress)
          : among.find(model, request.options(), progress);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Fetches a model that is not here yet, and has the launcher learn how one is loaded.
   *
   * @return its name, or where the model lies that takes its place
   */
  private static String fetched(Cli.LoadRequest request, Cli cli) {
    String model = request.model();
    if (cli.models().find(model).isPresent()) return model;
    try {
      Path _ = cli.resolve(model);
      StartCache.remake(model);
      return model;
    } catch (PullException unreachable) {
      if (!request.orOwn()) throw unreachable;
      cli.err()
          .printf(
              "%s%nIn its place runs %s, the model that Otium comes with: it knows a small world,"
                  + " and little else (docs/models/%2$s.md).%n",
              unreachable.getMessage(), KnownModels.OWN);
      return cli.resolve(KnownModels.OWN).toString();
    }
  }
}
