package io.otium.core.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunsTest {
  private static final ObjectNode OPTIONS = JsonNodeFactory.instance.objectNode().put("rate", 0.1);

  @TempDir Path home;
  private Runs runs;

  @BeforeEach
  void open() {
    runs = new Runs(home.resolve("runs"));
  }

  @Test
  void aRunKeepsWhatItWasAskedAndMeasured() throws IOException {
    Run run = runs.start("train", OPTIONS, 7);
    run.metric(0, Map.of("loss", 2.5));
    run.metric(1, Map.of("loss", 1.5, "accuracy", 0.5));
    Files.writeString(run.artifact("note.txt"), "made");
    run.done();

    RunInfo info = runs.show(run.id());
    assertThat(info.state()).isEqualTo(RunState.DONE);
    assertThat(info.verb()).isEqualTo("train");
    assertThat(info.description().path("options")).isEqualTo(OPTIONS);
    assertThat(info.description().path("seed").asLong()).isEqualTo(7);
    assertThat(info.description().path("machine").path("cores").asInt()).isPositive();
    assertThat(info.metrics()).hasSize(2);
    assertThat(info.toJson().at("/metrics/loss").asDouble()).isEqualTo(1.5);
    assertThat(info.folder().resolve("artifacts/note.txt")).hasContent("made");
    assertThat(info.toJson().fieldNames())
        .toIterable()
        .containsExactly("id", "verb", "state", "started", "seconds", "metrics");
  }

  @Test
  void aRunUnderWayIsRunningAndItsMetricsCanBeRead() {
    try (Run run = runs.start("train", OPTIONS, 7)) {
      run.metric(0, Map.of("loss", 2.5));
      assertThat(runs.show(run.id()).state()).isEqualTo(RunState.RUNNING);
      assertThat(runs.show(run.id()).metrics()).hasSize(1);
    }
  }

  @Test
  void aQueuedRunBeginsOnceAndIsPutThereAgainWhereItBroke() {
    RunInfo queued =
        runs.queue("train", OPTIONS, 7, id -> Map.of("name", OPTIONS.textNode("of " + id)));
    assertThat(queued.state()).isEqualTo(RunState.QUEUED);
    assertThat(queued.isWaiting()).isTrue();
    assertThat(queued.description().path("name").asText()).isEqualTo("of " + queued.id());
    Run run = runs.begin(queued.id(), 0);
    assertThatThrownBy(() -> runs.begin(queued.id(), 0)).hasMessageContaining("running");
    run.steps(20);
    run.metric(1, Map.of("loss", 2.5));
    run.metric(2, Map.of("loss", 2.0));
    run.close();

    assertThat(runs.requeue(queued.id()).state()).isEqualTo(RunState.QUEUED);
    try (Run again = runs.begin(queued.id(), 1)) {
      RunInfo info = runs.show(again.id());
      assertThat(info.metrics()).hasSize(1);
      assertThat(info.steps()).isEqualTo(20);
      assertThat(info.description().has("error")).isFalse();
      again.done();
    }
    assertThat(runs.show(queued.id()).log())
        .extracting(line -> line.path("message").asText())
        .containsExactly("ended before it was done", "done");
    assertThatThrownBy(() -> runs.requeue(queued.id())).hasMessageContaining("is done");
  }

  @Test
  void aQueuedRunThatIsCancelledNeverBegins() {
    RunInfo queued = runs.queue("train", OPTIONS, 7, id -> Map.of());
    runs.cancel(queued.id());
    assertThat(runs.show(queued.id()).state()).isEqualTo(RunState.CANCELLED);
    assertThatThrownBy(() -> runs.begin(queued.id(), 0)).hasMessageContaining("cancelled");
  }

  @Test
  void aRunClosedBeforeItIsDoneHasFailed() {
    Run run = runs.start("train", OPTIONS, 7);
    run.close();
    assertThat(runs.show(run.id()).state()).isEqualTo(RunState.FAILED);
    run.done();
    assertThat(runs.show(run.id()).state()).isEqualTo(RunState.FAILED);
  }

  @Test
  void aFailureIsKeptWithItsSentence() {
    Run run = runs.start("train", OPTIONS, 7);
    run.failed(new IllegalStateException("the loss is NaN"));
    assertThat(runs.show(run.id()).description().path("error").asText())
        .isEqualTo("the loss is NaN");
  }

  @Test
  void aCancelledRunEndsAtItsNextCheck() {
    Run run = runs.start("train", OPTIONS, 7);
    run.checkCancelled();
    new Runs(home.resolve("runs")).cancel(run.id());
    assertThatThrownBy(run::checkCancelled).isInstanceOf(CancellationException.class);
    assertThat(runs.show(run.id()).state()).isEqualTo(RunState.CANCELLED);
    assertThatThrownBy(() -> runs.cancel(run.id()))
        .hasMessage("run " + run.id() + " does not run; it is cancelled");
  }

  @Test
  void aRunWhoseProcessDiedIsInterrupted() {
    Run run = runs.start("train", OPTIONS, 7);
    Path file = run.folder().resolve("run.json");
    // No process has this id: Linux gives out at most 2^22.
    RunFiles.write(file, RunFiles.read(file).put("pid", 1L << 40));
    assertThat(runs.show(run.id()).state()).isEqualTo(RunState.INTERRUPTED);
  }

  @Test
  void aProcessIdThatWentToAnotherProcessDoesNotCount() {
    Run run = runs.start("train", OPTIONS, 7);
    Path file = run.folder().resolve("run.json");
    RunFiles.write(file, RunFiles.read(file).put("processStarted", 12345));
    assertThat(runs.show(run.id()).state()).isEqualTo(RunState.INTERRUPTED);
  }

  @Test
  void aTornLastLineIsLeftOut() throws IOException {
    Run run = runs.start("train", OPTIONS, 7);
    run.metric(0, Map.of("loss", 2.5));
    run.done();
    Files.write(
        run.folder().resolve("metrics.jsonl"),
        new byte[] {'{', '"', 's', (byte) 0xC3},
        StandardOpenOption.APPEND);
    assertThat(runs.show(run.id()).metrics()).hasSize(1);
  }

  @Test
  void aDivergedLossIsKeptAsText() {
    Run run = runs.start("train", OPTIONS, 7);
    run.metric(0, Map.of("loss", Double.NaN));
    run.done();
    assertThat(runs.show(run.id()).toJson().at("/metrics/loss").asText()).isEqualTo("NaN");
  }

  @Test
  void runsOfTheSameSecondHaveTheirOwnFoldersAndTheNewestIsFirst() {
    Instant noon = Instant.parse("2026-01-02T12:00:00Z");
    Runs then = new Runs(home.resolve("runs"), Clock.fixed(noon, ZoneOffset.UTC));
    then.start("train", OPTIONS, 1).done();
    then.start("train", OPTIONS, 2).done();
    runs.start("label", OPTIONS, 3).done();
    assertThat(runs.list()).hasSize(3);
    assertThat(runs.list().getFirst().verb()).isEqualTo("label");
    assertThat(runs.list().get(1).id()).isEqualTo("20260102-120000-train-2");
    assertThat(runs.list().get(2).id()).isEqualTo("20260102-120000-train");
  }

  @Test
  void whatIsNoRunIsNotListed() throws IOException {
    Files.createDirectories(home.resolve("runs/stray"));
    Files.createDirectories(home.resolve("runs/broken"));
    Files.writeString(home.resolve("runs/broken/run.json"), "{\"verb\":");
    assertThat(runs.list()).isEmpty();
    assertThat(new Runs(home.resolve("none")).list()).isEmpty();
  }

  @Test
  void anUnknownIdIsRefusedAndLeadsNowhereElse() throws IOException {
    Files.writeString(home.resolve("run.json"), "{}");
    assertThatThrownBy(() -> runs.show("../")).hasMessageStartingWith("there is no run ../");
    assertThatThrownBy(() -> runs.show("nine")).hasMessageStartingWith("there is no run nine");
  }

  @Test
  void aFolderThatCannotBeMadeIsSaidInASentence() throws IOException {
    Files.writeString(home.resolve("file"), "");
    assertThatThrownBy(() -> new Runs(home.resolve("file")).start("train", OPTIONS, 1))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("cannot be written");
  }

  @Test
  void aFullDiskIsSaidInASentence() {
    IOException full = new IOException("No space left on device");
    assertThat(RunFiles.failed(Path.of("x"), full))
        .hasMessage("the disk of x is full; free some space or set OTIUM_HOME elsewhere");
  }

  @Test
  void theCommitOfACheckoutIsRead() throws IOException {
    Path git = Files.createDirectories(home.resolve("checkout/.git/refs/heads"));
    Files.writeString(home.resolve("checkout/.git/HEAD"), "ref: refs/heads/main\n");
    Files.writeString(git.resolve("main"), "abc123\n");
    Path inside = Files.createDirectories(home.resolve("checkout/module/src"));
    assertThat(Runs.gitCommit(inside)).contains("abc123");
  }
}
