package io.otium.app.cli;

import io.otium.lm.hub.InstalledModel;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code otium pull}: fetches a model into the store. */
@Command(
    description = {
      "Fetches a model: hf:ORG/NAME[@REVISION][:FILE.gguf], pip:NAME[==VERSION], file:PATH, or the"
          + " name of a well-known one. A pull that was cut off goes on where it stopped.",
      "HF_ENDPOINT, HF_TOKEN, HTTPS_PROXY and NO_PROXY are respected."
    },
    footer = {
      "Examples:",
      "  ./otium pull smollm2-135m-instruct",
      "  ./otium pull hf:Qwen/Qwen2.5-0.5B-Instruct",
      "  ./otium pull file:~/models/some.gguf"
    })
final class Pull implements Verb {
  private final Cli cli;

  @Parameters(
      paramLabel = "MODEL",
      arity = "0..1",
      description = "what to fetch (default: " + ModelFlags.DEFAULT_MODEL + ")")
  @Nullable String model;

  @Mixin Common common;

  Pull(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() {
    String ref = model == null ? ModelFlags.DEFAULT_MODEL : model;
    InstalledModel installed;
    try (var progress = new PullProgress(cli)) {
      installed = cli.models().pull(ref, progress);
    }
    StartCache.remake(ref);
    if (common.json) {
      Json.print(cli, ModelListing.toJson(installed));
    } else {
      cli.out()
          .printf(
              "%s is here: %s, %s%n",
              installed.id(),
              PullProgress.megabytes(installed.manifest().bytes()),
              installed.folder());
    }
    return 0;
  }
}
