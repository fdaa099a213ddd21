package io.otium.papers.datastates;

import static org.assertj.core.api.Assertions.assertThat;

import io.otium.core.run.Runs;
import io.otium.papers.Experiment.Claim;
import io.otium.papers.Reproduction;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a small model: what depends on no clock. */
class DataStatesTest {
  @TempDir Path home;

  @Test
  void checkpointsChangeNoLossAndAreWhole() {
    DataStates small = new DataStates(new SmallTransformer.Size(256, 128, 2, 16), 0.01);
    Reproduction result = Reproduction.of(small, 1, true, new Runs(home.resolve("runs")));
    List<Claim> timeless =
        result.outcome().claims().stream()
            .filter(claim -> claim.name().startsWith("losses") || claim.name().contains("torn"))
            .toList();
    assertThat(timeless).hasSize(5).allMatch(Claim::holds);
    assertThat(result.outcome().arms())
        .extracting(arm -> arm.name())
        .containsExactly(
            "sync k=3",
            "snapshot-then-flush k=3",
            "lazy k=3",
            "sync k=1",
            "snapshot-then-flush k=1",
            "lazy k=1",
            "none");
    assertThat(home.resolve("runs").resolve(result.run()).resolve("checkpoints")).doesNotExist();
  }

  @Test
  void hasEightMillionParameters() {
    try (SmallTransformer model = new SmallTransformer(SmallTransformer.Size.EIGHT_MILLION, 1, 0)) {
      assertThat(model.stateBytes()).isBetween(94_000_000L, 98_000_000L);
    }
  }
}
