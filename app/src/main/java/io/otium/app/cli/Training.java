package io.otium.app.cli;

import io.otium.core.run.Run;
import io.otium.core.train.TrainCallback;
import io.otium.core.train.TrainStep;
import io.otium.core.train.Trainer;
import io.otium.lm.train.FineTuning;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.CancellationException;

/** A training run in the terminal: a line of progress, and what came of it. */
final class Training {
  private static final long EVERY_NANOS = 1_000_000_000;

  private final Cli cli;
  private final boolean json;

  Training(Cli cli, boolean json) {
    this.cli = cli;
    this.json = json;
  }

  /** Trains; the exit code. */
  int run(FineTuning tuning, Run run, boolean resume) throws IOException {
    if (cli.noticing()) {
      cli.err()
          .printf(
              Locale.ROOT,
              "%s: %,d documents, %,d tokens, %,d updates (Ctrl-C ends it; ./otium runs resume %s"
                  + " goes on)%n",
              run.id(),
              tuning.documents(),
              tuning.tokens(),
              tuning.steps(),
              run.id());
    }
    Progress progress = new Progress(tuning.steps());
    try (run) {
      tuning.run(run, resume, progress);
      run.done();
    } catch (CancellationException cancelled) {
      cli.err().println(cancelled.getMessage());
      return 1;
    } catch (IOException | RuntimeException failure) {
      run.failed(failure);
      throw failure;
    }
    if (json) {
      Json.print(
          cli,
          Json.MAPPER
              .createObjectNode()
              .put("run", run.id())
              .put("model", "run:" + run.id())
              .put("loss", progress.loss));
    } else {
      cli.out().printf("run:%s is ready: ./otium chat --model run:%s%n", run.id(), run.id());
    }
    return 0;
  }

  /** Loss, speed, memory and time left, on one line that is written over. */
  private final class Progress implements TrainCallback {
    private final long steps;
    private final long begun = System.nanoTime();
    private long first = -1;
    private long shown;
    private double loss = Double.NaN;

    Progress(long steps) {
      this.steps = steps;
    }

    @Override
    public void step(Trainer<?> trainer, TrainStep step) {
      if (first < 0) first = step.step() - 1;
      // the mean of the last ten or so: a single batch says little
      loss = Double.isNaN(loss) ? step.loss() : loss + 0.1 * (step.loss() - loss);
      long now = System.nanoTime();
      boolean last = step.step() == steps;
      if (!cli.noticing() || now - shown < EVERY_NANOS && !last) return;
      shown = now;
      double seconds = (now - begun) / 1e9 / (step.step() - first) * (steps - step.step());
      cli.err()
          .printf(
              Locale.ROOT,
              "\rstep %,d/%,d · loss %.4f · %,.0f tokens/s · %s · %s left   %s",
              step.step(),
              steps,
              loss,
              step.rate(),
              memory(),
              time(seconds),
              last ? "\n" : "");
      cli.err().flush();
    }
  }

  private static String time(double seconds) {
    long s = Math.round(seconds);
    return s < 100
        ? s + " s"
        : s < 6000 ? s / 60 + " min" : s / 3600 + " h " + s / 60 % 60 + " min";
  }

  /** Of this process, in RAM. */
  private static String memory() {
    try (var lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .map(line -> line.replaceAll("\\D", ""))
          .map(kib -> "%.1f GB".formatted(Long.parseLong(kib) / 1e6))
          .findFirst()
          .orElse("");
    } catch (IOException elsewhere) {
      return "";
    }
  }
}
