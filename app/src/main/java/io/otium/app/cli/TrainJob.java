package io.otium.app.cli;

import io.otium.core.run.Run;
import io.otium.core.run.RunInfo;
import io.otium.core.train.TrainCallback;
import io.otium.lm.hub.OtiumHome;
import io.otium.lm.hub.ProgressListener;
import io.otium.lm.train.FineTuning;
import io.otium.lm.train.Recipe;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CancellationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * {@code otium train-job}: the process of a server's training run. It ends when the server does:
 * its standard input is a pipe that closes then.
 */
@Command(description = "Trains a run of the server's queue; started by the server.")
final class TrainJob implements Verb {
  private final Cli cli;

  @Parameters(paramLabel = "ID", description = "a run in the queue")
  String id;

  TrainJob(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() {
    Thread.ofPlatform().daemon().name("server-watch").start(TrainJob::endWithTheServer);
    RunInfo info = cli.runs().show(id);
    Recipe recipe = Recipe.OPTIONS.fromJson(info.description().path("options"));
    int processors = Runtime.getRuntime().availableProcessors();
    try (Run run = cli.runs().begin(id, FineTuning.lastStep(info.folder()))) {
      try {
        run.log("reading model and data");
        try (FineTuning tuning =
            FineTuning.open(
                recipe,
                info.folder(),
                new OtiumHome(cli.home()),
                ProgressListener.NONE,
                processors)) {
          run.checkCancelled();
          tuning.run(run, true, new TrainCallback() {});
        }
        run.done();
        return 0;
      } catch (CancellationException cancelled) {
        return 0;
      } catch (IOException | RuntimeException | OutOfMemoryError failure) {
        run.failed(failure);
        return 1;
      }
    }
  }

  /** A run that ends so goes on when the server is there again. */
  private static void endWithTheServer() {
    try (InputStream pipe = System.in) {
      while (pipe.read() >= 0) {
        Thread.onSpinWait();
      }
    } catch (IOException broken) {
      // As good as its end.
    }
    Runtime.getRuntime().halt(1);
  }
}
