package io.otium.papers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.otium.core.data.DataCatalogue;
import io.otium.core.data.DataMissingException;
import io.otium.core.options.OptionException;
import io.otium.core.run.RunInfo;
import io.otium.core.run.RunState;
import io.otium.core.run.Runs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReproductionTest {
  private static final String TEXT = "a text of its own, read again and again. ".repeat(60);

  @TempDir Path home;
  private Runs runs;

  @BeforeEach
  void open() {
    runs = new Runs(home.resolve("runs"));
  }

  private static WeightsFidelity fidelity() {
    return new WeightsFidelity(new ToyModel(), () -> TEXT);
  }

  @Test
  void fewerBitsDivergeMoreAndFp32NotAtAll() {
    Reproduction result = Reproduction.of(fidelity(), 1, true, runs);
    List<Double> kl =
        result.outcome().arms().stream().map(a -> a.metrics().getOrDefault("kl", -1.0)).toList();
    assertThat(kl.get(0)).isZero();
    assertThat(kl.get(1)).isPositive().isLessThan(kl.get(2));
    assertThat(kl.get(2)).isLessThan(kl.get(3));
    assertThat(result.outcome().arms().getFirst().metrics()).containsEntry("tokens", 510.0);
    assertThat(result.holds()).isTrue();
  }

  @Test
  void theSameSeedsGiveTheSameNumbers() {
    JsonNode first = Reproduction.of(fidelity(), 2, true, runs).toJson();
    JsonNode second = Reproduction.of(fidelity(), 2, true, runs).toJson();
    assertThat(first.path("arms")).isEqualTo(second.path("arms"));
    JsonNode other = Reproduction.of(fidelity(), 1, true, runs).toJson();
    assertThat(other.path("arms")).isNotEqualTo(first.path("arms"));
  }

  @Test
  void aRunKeepsResultMetricsAndFigure() throws IOException {
    Reproduction result = Reproduction.of(fidelity(), 1, true, runs);
    RunInfo run = runs.show(result.run());
    assertThat(run.state()).isEqualTo(RunState.DONE);
    JsonNode kept =
        new ObjectMapper().readTree(Files.readString(run.folder().resolve("result.json")));
    assertThat(kept.fieldNames())
        .toIterable()
        .containsExactly("id", "seeds", "quick", "claims", "arms", "holds", "seconds", "run");
    assertThat(kept.path("claims").get(0).fieldNames())
        .toIterable()
        .containsExactly("name", "published", "measured", "threshold", "holds");
    assertThat(run.metrics()).hasSize(6);
    assertThat(ImageIO.read(run.folder().resolve("artifacts/figure.png").toFile()).getWidth())
        .isEqualTo(800);
    assertThat(run.folder().resolve("artifacts/figure.svg")).content().contains("<svg");
  }

  @Test
  void theTableNamesArmsAndVerdict() {
    String table = Reproduction.of(fidelity(), 1, true, runs).table();
    assertThat(table)
        .contains("arm ", "int8", "sameTop", "holds: int4 mean KL to fp32", "The claims hold.");
  }

  @Test
  void aClaimThatDoesNotHoldIsSaid() {
    Experiment.Claim claim = Experiment.Claim.atMost("kl", "none", Double.NaN, 1);
    assertThat(claim.holds()).isFalse();
    assertThat(Experiment.Claim.atLeast("x", "none", 1, 1).holds()).isTrue();
    Experiment fails =
        new FixedExperiment("lazyllm", Experiment.Claim.atMost("speed", "2", Double.NaN, 1));
    Reproduction result = Reproduction.of(fails, 1, false, runs);
    assertThat(result.holds()).isFalse();
    assertThat(result.toJson().at("/claims/0/measured").isNull()).isTrue();
    assertThat(result.table()).contains("fails: speed: –", "Not every claim holds.");
  }

  @Test
  void theCatalogueShowsTheLatestRun() {
    Reproduction.of(
        new FixedExperiment("lazyllm", Experiment.Claim.atLeast("speed-up", "2.34", 1.5, 2)),
        1,
        false,
        runs);
    int place = Catalogue.papers().stream().map(Paper::id).toList().indexOf("lazyllm");
    JsonNode row = Catalogue.toJson(runs).get(place);
    assertThat(row.path("measured").asText()).isEqualTo("speed-up 1.500");
    assertThat(row.path("holds").asBoolean()).isFalse();
    assertThat(row.path("run").asText()).isEqualTo(runs.list().getFirst().id());
    assertThat(row.path("state").asText()).isEqualTo("planned");
  }

  @Test
  void missingDataFailTheRunAndNameTheSource() {
    Experiment experiment =
        WeightsFidelity.onWikipedia(new ToyModel(), new DataCatalogue(List.of(home)));
    assertThatThrownBy(() -> Reproduction.of(experiment, 1, true, runs))
        .isInstanceOf(DataMissingException.class)
        .hasMessageContaining("github.com/clinc/oos-eval");
    assertThat(runs.list().getFirst().state()).isEqualTo(RunState.FAILED);
  }

  @Test
  void aCancelledExperimentIsCancelledNotFailed() {
    Experiment experiment =
        new WeightsFidelity(
            new ToyModel(),
            () -> {
              runs.cancel(runs.list().getFirst().id());
              return TEXT;
            });
    assertThatThrownBy(() -> Reproduction.of(experiment, 1, true, runs))
        .isInstanceOf(CancellationException.class);
    assertThat(runs.list().getFirst().state()).isEqualTo(RunState.CANCELLED);
  }

  @Test
  void tooShortATextIsRefused() {
    Experiment experiment = new WeightsFidelity(new ToyModel(), () -> "short");
    assertThatThrownBy(() -> Reproduction.of(experiment, 1, true, runs))
        .hasMessage("the text has 5 tokens; at least 512 are needed");
  }

  @Test
  void theDivergenceIsKullbackAndLeiblers() {
    float[] p = {(float) Math.log(0.5), (float) Math.log(0.5), Float.NEGATIVE_INFINITY};
    float[] q = {(float) Math.log(0.25), (float) Math.log(0.25), (float) Math.log(0.5)};
    assertThat(WeightsFidelity.divergence(p, q)).isCloseTo(Math.log(2), within(1e-6));
  }

  @Test
  void anUnknownExperimentIsRefusedAndAPaperIsSaidToBePlanned() {
    Experiments.Materials materials =
        new Experiments.Materials(ToyModel::new, new DataCatalogue(List.of()));
    assertThat(Experiments.create("weights-fidelity", materials).id())
        .isEqualTo("weights-fidelity");
    assertThatThrownBy(() -> Experiments.create("lazyllm", materials))
        .isInstanceOf(OptionException.class)
        .hasMessage(
            "lazyllm is planned: it has no experiment yet (there is "
                + String.join(", ", Experiments.ids())
                + ")");
    assertThatThrownBy(() -> Experiments.create("nine", materials))
        .hasMessage(
            "experiment must be one of " + String.join(", ", Experiments.ids()) + ", not \"nine\"");
  }

  private record FixedExperiment(String id, Experiment.Claim claim) implements Experiment {
    @Override
    public String title() {
      return id;
    }

    @Override
    public Outcome run(Setting setting) {
      return new Outcome(
          List.of(claim),
          List.of(new Arm("only", Map.of("speed", claim.measured()))),
          new Figure("speed", "speed", "times"));
    }
  }
}
