package io.otium.app.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.otium.app.bench.BenchReport.Row;
import io.otium.app.bench.BenchReport.Verdict;
import io.otium.app.bench.Workload.Better;
import io.otium.lm.ModelFiles;
import io.otium.lm.text.ModelText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Benchmarks of training with the tiny committed model. No peer is needed. */
final class TrainingBenchTest {
  private static final Path TINY =
      Path.of("..", "lm", "src", "test", "resources", "models", "tiny-chat");

  @TempDir Path home;

  private BenchReport quick(String name) throws IOException {
    var options =
        new BenchOptions(
            List.of(), List.of(), 2, List.of(), 1, 1, List.of("none"), "", "", List.of(), true);
    return new Benchmark(name, options, new PeersFolder(home))
        .run("tiny", TINY, home, "1", any -> {});
  }

  private static ModelText text() throws IOException {
    ModelFiles files = ModelFiles.open(TINY);
    files.closeWeights();
    return files.text();
  }

  @Test
  void everyPartOfTrainingHasItsRows() throws IOException {
    BenchReport report = quick("train");
    assertThat(report.rows())
        .allSatisfy(row -> assertThat(row.value()).isPositive())
        .extracting(Row::workload, Row::system, Row::unit)
        .extracting(row -> String.join(" | ", row.toList().stream().map(String::valueOf).toList()))
        .containsExactly(
            "full fine-tuning, 2 × 32 | otium bf16 | tokens/s",
            "full fine-tuning, 2 × 32 | otium fp32 | tokens/s",
            "full fine-tuning, 2 × 32, peak memory | otium bf16 | MiB",
            "full fine-tuning, 2 × 32, peak memory | otium fp32 | MiB",
            "LoRA r = 16, 2 × 32 | otium bf16 | tokens/s",
            "LoRA r = 16, 2 × 32 | otium fp32 | tokens/s",
            "LoRA r = 16, 2 × 32, peak memory | otium bf16 | MiB",
            "LoRA r = 16, 2 × 32, peak memory | otium fp32 | MiB",
            "SFT on chats of 12 to 110 | otium bf16 | tokens/s",
            "SFT on chats of 12 to 110 | otium fp32 | tokens/s",
            "SFT on chats of 12 to 110, peak memory | otium bf16 | MiB",
            "SFT on chats of 12 to 110, peak memory | otium fp32 | MiB",
            "MLP 784-256-10, 1 thread | otium fp32 | steps/s",
            "loss curve, 5 updates, the last | otium fp32 | nats");
  }

  @Test
  void aCheckpointIsComparedWithTheSameStateWrittenAtOnce() throws IOException {
    BenchReport report = quick("checkpoint");
    assertThat(report.rows())
        .extracting(Row::system)
        .containsExactly("otium fp32", "otium fp32, synchronous");
    assertThat(report.verdicts())
        .singleElement()
        .satisfies(
            verdict -> {
              assertThat(verdict.against()).isEqualTo("otium fp32, synchronous");
              assertThat(verdict.target().asked()).isCloseTo(0.1, within(1e-9));
            });
    try (var left = Files.list(home)) {
      assertThat(left.filter(path -> path.getFileName().toString().startsWith("checkpoints-")))
          .isEmpty();
    }
  }

  @Test
  void chatsHaveTheirLengthsAndWhatIsLearnt() throws IOException {
    TrainingSize size = TrainingPart.CHATS.size(true);
    TrainingData data = TrainingData.of(size, text());
    assertThat(data.sequences())
        .allSatisfy(chat -> assertThat(chat.length).isBetween(size.shortest(), size.longest()))
        .anySatisfy(chat -> assertThat(IntStream.of(chat)).anyMatch(token -> token >= 0))
        .allSatisfy(chat -> assertThat(chat[0]).isNegative());
    TrainingData read = TrainingData.read(data.write(home.resolve("data.json")));
    assertThat(read.sequences().getFirst()).isEqualTo(data.sequences().getFirst());
    assertThat(read.learningRate()).isEqualTo(data.learningRate());
  }

  @Test
  void rowsOfTextAreFullAndTheSameEachTime() throws IOException {
    TrainingSize size = TrainingPart.FULL.size(true);
    TrainingData data = TrainingData.of(size, text());
    assertThat(data.sequences())
        .hasSize(size.rows() * (size.warmUps() + size.updates()))
        .allSatisfy(row -> assertThat(row).hasSize(size.rowLength()));
    assertThat(TrainingData.of(size, text()).sequences().getLast())
        .isEqualTo(data.sequences().getLast());
  }

  @Test
  void theFigureAskedIsThatAgainstTheBestPeer() throws IOException {
    var size = TrainingPart.FULL.size(true);
    String speed = TrainingPart.FULL.label(size);
    String memory = TrainingPart.FULL.memoryLabel(size);
    BenchReport report =
        contest(
            TrainingPart.FULL,
            arm("otium bf16", true, Map.of(speed, 120.0, memory, 70.0)),
            arm("slow", false, Map.of(speed, 50.0, memory, 100.0)),
            arm("fast", false, Map.of(speed, 110.0, memory, 200.0)));
    assertThat(report.verdicts())
        .extracting(Verdict::workload, Verdict::against, Verdict::holds)
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple(speed, "fast", false),
            org.assertj.core.groups.Tuple.tuple(memory, "slow", true));
    assertThat(report.ratios()).hasSize(4);
    assertThat(report.ratios())
        .filteredOn(ratio -> ratio.workload().equals(memory))
        .allSatisfy(ratio -> assertThat(ratio.better()).isEqualTo(Better.LOWER));
  }

  private static Arm arm(String system, boolean own, Map<String, Double> rows) {
    return new Arm(system, "1", own, Set.of("bf16"), () -> rows);
  }

  private BenchReport contest(TrainingPart part, Arm... arms) throws IOException {
    var files = new SameWeights(TINY, new PeersFolder(home), any -> {});
    var setting =
        new Setting("model", files, List.of("bf16"), 2, true, home, "1", any -> home, any -> {});
    return new Contest(new Workload.Train(part, true), setting)
        .run(List.of(new Fixed(List.of(arms))), 1);
  }

  /** Arms that need no starting. */
  private record Fixed(List<Arm> arms) implements Contestant {
    @Override
    public String name() {
      return "fixed";
    }

    @Override
    public boolean measures(Workload workload) {
      return true;
    }

    @Override
    public java.util.Optional<Missing> missing() {
      return java.util.Optional.empty();
    }

    @Override
    public List<Arm> arms(Workload workload, Setting setting) {
      return arms;
    }
  }

  @Test
  void curvesDifferByTheirLargestDistance() {
    var one = new TrainingFigures(1, 1, List.of(3.0, 2.0, 1.0));
    var other = new TrainingFigures(1, 1, List.of(3.0, 2.25, 0.9));
    assertThat(one.differenceTo(other)).isCloseTo(0.25, within(1e-12));
    assertThat(TrainingFigures.read("a program", "loading\n" + one.write() + "\n")).isEqualTo(one);
    assertThatThrownBy(() -> one.differenceTo(new TrainingFigures(1, 1, List.of(1.0))))
        .isInstanceOf(BenchException.class)
        .hasMessage("two loss curves have 3 and 1 updates");
    assertThatThrownBy(() -> TrainingFigures.read("a program", "oh no"))
        .isInstanceOf(BenchException.class)
        .hasMessage("a program printed no figures but: oh no");
  }
}
