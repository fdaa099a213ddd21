package io.otium.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A training killed again and again ends with the same bits as one that was left alone. */
class CrashTest {
  private static final int KILLS = 20;

  @TempDir Path folder;

  @Test
  void continuesToTheBitAfterTwentyKills() throws Exception {
    List<String> reference = reference();
    Path checkpoints = folder.resolve("checkpoints");
    Random random = new Random(2406);
    long resumed = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      // From before anything was written to the middle of a copy, a write or a commit.
      int exit = train(checkpoints, random.nextInt(40), random.nextInt(20_000));
      assertThat(exit).as("exit code: halted, or done").isIn(99, 0);
      resumed += check(checkpoints, reference);
    }
    assertThat(resumed).as("kills that left a checkpoint").isPositive();
    assertThat(train(checkpoints, -1, 0)).isZero();
    assertThat(check(checkpoints, reference)).isEqualTo(1);
    try (LoadedCheckpoint last = new Checkpoints(checkpoints).loadNewest().orElseThrow()) {
      assertThat(last.version()).isEqualTo(CrashTraining.ITERATIONS);
    }
  }

  /** What an uninterrupted run holds after each iteration. */
  private static List<String> reference() {
    List<String> hashes = new ArrayList<>();
    try (Arena arena = Arena.ofShared()) {
      CrashTraining training = new CrashTraining(arena);
      hashes.add(training.hash());
      while (training.iteration() < CrashTraining.ITERATIONS) {
        training.forward();
        training.update();
        hashes.add(training.hash());
      }
    }
    return hashes;
  }

  /** Whether there is a checkpoint; if so, it is the reference's state of its iteration. */
  private static int check(Path checkpoints, List<String> reference) {
    Optional<LoadedCheckpoint> newest = new Checkpoints(checkpoints).loadNewest();
    if (newest.isEmpty()) {
      return 0;
    }
    try (LoadedCheckpoint loaded = newest.get();
        Arena arena = Arena.ofShared()) {
      assertThat(loaded.passedOver()).isEmpty();
      CrashTraining training = new CrashTraining(arena);
      training.restore(loaded.state());
      assertThat(training.iteration()).isEqualTo(loaded.version());
      assertThat(training.hash()).isEqualTo(reference.get((int) loaded.version()));
      return 1;
    }
  }

  private int train(Path checkpoints, int haltAfter, int micros)
      throws IOException, InterruptedException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String classes =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    Process process =
        new ProcessBuilder(
                java,
                "--add-modules=jdk.incubator.vector",
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-cp",
                classes,
                CrashTraining.class.getName(),
                checkpoints.toString(),
                Integer.toString(haltAfter),
                Integer.toString(micros))
            .redirectErrorStream(true)
            .redirectOutput(new File(folder.toFile(), "output"))
            .start();
    return process.waitFor();
  }
}
