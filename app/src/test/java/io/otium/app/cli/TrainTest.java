package io.otium.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.otium.core.run.RunInfo;
import io.otium.core.run.RunState;
import io.otium.core.run.Runs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training by its command, in processes of its own that are killed. */
class TrainTest {
  private static final int STEPS = 60;
  private static final int KILLS = 20;

  @TempDir Path folder;

  @Test
  void aProcessThatIsKilledAtRandomMomentsGivesTheSameLosses() throws Exception {
    Path recipe = recipe();
    Process whole = start("whole", "train", recipe.toString());
    assertThat(ended(whole)).isEqualTo(0);
    List<Double> expected = losses(only("whole"));
    assertThat(expected).hasSize(STEPS);

    Random random = new Random(20);
    Process process = start("broken", "train", recipe.toString());
    String id = waitForRun("broken");
    for (int kill = 0; kill < KILLS; kill++) {
      // a moment told in steps, since a busy machine is slow
      int until = Math.min(lines("broken", id) + random.nextInt(4), STEPS - 2);
      while (process.isAlive() && lines("broken", id) < until) Thread.onSpinWait();
      assertThat(process.isAlive()).as("there is something left to do").isTrue();
      process.destroyForcibly().waitFor();
      assertThat(only("broken").state()).isEqualTo(RunState.INTERRUPTED);
      process = start("broken", "runs", "resume", id);
      waitForState("broken", process);
    }
    assertThat(ended(process)).as("the last process").isEqualTo(0);
    assertThat(losses(only("broken"))).isEqualTo(expected);
    assertThat(only("broken").state()).isEqualTo(RunState.DONE);
  }

  @Test
  void aRecipeThatCannotBeFollowedIsASentence() throws Exception {
    Path recipe = folder.resolve("wrong.yaml");
    Files.writeString(recipe, "learning_rat: 1e-3\n");
    Run run = new Run.Setting(folder).run("train", recipe.toString());
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("learning_rat", "learning_rate");
  }

  private Process start(String home, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--add-modules", "jdk.incubator.vector"));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add("io.otium.app.cli.Main");
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("OTIUM_HOME", folder.resolve(home).toString());
    builder.redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("out.txt").toFile()));
    return builder.start();
  }

  private int ended(Process process) throws Exception {
    process.waitFor();
    if (process.exitValue() != 0) System.out.println(Files.readString(folder.resolve("out.txt")));
    return process.exitValue();
  }

  private String waitForRun(String home) {
    while (runs(home).list().isEmpty()) Thread.onSpinWait();
    return only(home).id();
  }

  private void waitForState(String home, Process process) {
    while (process.isAlive() && only(home).state() != RunState.RUNNING) Thread.onSpinWait();
  }

  private Runs runs(String home) {
    return new Runs(folder.resolve(home).resolve("runs"));
  }

  private RunInfo only(String home) {
    return runs(home).list().getFirst();
  }

  private int lines(String home, String id) {
    return losses(runs(home).show(id)).size();
  }

  private static List<Double> losses(RunInfo run) {
    return run.metrics().stream()
        .filter(line -> line.has("loss"))
        .map(line -> line.get("loss").asDouble())
        .toList();
  }

  private Path recipe() throws IOException {
    StringBuilder data = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      data.append("{\"prompt\": \"Hello ")
          .append(i)
          .append("\", \"completion\": \"How can I help?\"}\n");
    }
    Files.writeString(folder.resolve("data.jsonl"), data);
    Path recipe = folder.resolve("recipe.yaml");
    Files.writeString(
        recipe,
        """
        model: %s
        data: data.jsonl
        steps: %d
        batch_rows: 1
        row_length: 64
        lora_dropout: 0.1
        checkpoint_every: 1
        """
            .formatted(SmallModels.folder("tiny-chat"), STEPS));
    return recipe;
  }
}
