package io.otium.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ScheduleRefiningTest {
  @TempDir Path folder;

  private Run run(String... args) {
    return new Run.Setting(folder).run(args);
  }

  private String recording(int steps) throws IOException {
    Path file = folder.resolve("norms.csv");
    var lines = new StringBuilder("step,l1,l2\n");
    // large at first: a warm-up is due
    IntStream.rangeClosed(1, steps)
        .forEach(t -> lines.append(t + "," + (t < steps / 5 ? 4 : 1) + "," + 1 + "\n"));
    Files.writeString(file, lines);
    return file.toString();
  }

  @Test
  void printsAScheduleItsWarmUpAndItsPolynomial() throws IOException {
    Path plot = folder.resolve("schedule.png");
    Run refined = run("schedule", "refine", recording(100), "--plot", plot.toString());
    assertThat(refined.code()).isZero();
    assertThat(refined.out())
        .containsPattern("(?m)^ +100  0\\.0000  $")
        .containsPattern("warm-up: (19|2\\d) % of the steps; nearest polynomial: warm-up");
    assertThat(plot).isNotEmptyFile();
  }

  @Test
  void euclideanNormsThatAreConstantGiveLinearDecay() throws IOException {
    Run refined =
        run("schedule", "refine", recording(100), "--norm", "l2", "--steps", "5", "--json");
    for (int i = 0; i < 5; i++) {
      assertThat(refined.json().path("factors").path(i).asDouble())
          .isCloseTo(1 - i / 4.0, within(1e-12));
    }
  }

  @Test
  void whatCannotBeUsedIsSaid() throws IOException {
    assertThat(run("schedule").err()).contains("say refine and a recording");
    assertThat(run("schedule", "refine", recording(5)).err()).contains("at least 10 steps, not 5");
    assertThat(run("schedule", "refine", recording(20), "--norm", "l3").err())
        .contains("--norm is l1 or l2, not l3");
    assertThat(run("schedule", "refine", recording(20), "--tau", "2").err())
        .contains("tau must be from 0 to 1");
    Run missing = run("schedule", "refine", "20200101-000000-train");
    assertThat(missing.code()).isNotZero();
    assertThat(missing.err()).contains("20200101-000000-train");
  }
}
