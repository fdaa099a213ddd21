package io.otium.app.cli;

import io.otium.app.bench.OwnFidelity;
import io.otium.app.bench.OwnSpeed;
import io.otium.app.bench.Speeds;
import io.otium.lm.LanguageModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** Otium's own side of {@code bench prefill}, {@code decode} and {@code fidelity}: one round. */
@Command(hidden = true, description = "measures a model in this process, for ./otium bench")
final class BenchWorker implements Verb {
  private final Cli cli;

  @Option(names = "--tokens", split = ",", description = "sizes of prompts, or of the answer")
  List<Integer> tokens = new ArrayList<>();

  @Option(names = "--after", split = ",", description = "sizes of what stands before the answer")
  List<Integer> after = new ArrayList<>();

  @Option(names = "--repeats", description = "timed runs")
  int repeats = 3;

  @Option(names = "--passages", description = "measure fidelity, on so many passages")
  int passages;

  @Option(names = "--text", description = "file of the passages")
  @Nullable Path text;

  @Option(names = "--warm", description = "fidelity of the kernels for prompts")
  boolean warm;

  @Mixin ModelFlags model;
  @Mixin Common common;

  BenchWorker(Cli cli) {
    this.cli = cli;
  }

  @Override
  public void describe(CommandSpec spec) {
    model.addTo(spec);
  }

  @Override
  public Integer call() throws IOException {
    if (text != null) {
      Path path = Path.of(model.request().model());
      cli.out().println(OwnFidelity.meanKl(path, model.options(), warm, passages, text));
      return 0;
    }
    try (LanguageModel loaded = cli.load(model)) {
      var own = new OwnSpeed(loaded);
      List<Speeds.Speed> speeds =
          after.isEmpty()
              ? own.prefill(tokens, repeats)
              : own.decode(tokens.getFirst(), after, repeats);
      cli.out().println(Speeds.write(speeds));
      return 0;
    }
  }
}
