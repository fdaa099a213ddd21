package io.otium.papers.datastates;

import io.otium.core.checkpoint.CheckpointOptions;
import io.otium.core.checkpoint.Checkpoints;
import io.otium.core.checkpoint.LoadedCheckpoint;
import io.otium.core.checkpoint.StateTensor;
import io.otium.papers.Experiment.Claim;
import io.otium.papers.Experiment.Setting;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Whether checkpoints hold what they should: each version the state of its iteration, though the
 * copy outlasts the backward pass (and not without the barrier, which shows that the test can
 * fail); a training that continues from one gives the same losses; a ring smaller than the state
 * does, too.
 *
 * @param torn versions that differ from a blocking copy
 * @param tornWithoutBarrier the same, with updates that do not wait
 * @param resumedDiffering losses after a restart that differ from those without
 * @param smallRingDiffering losses with a ring of 0.6 S that differ, or versions that are missing
 */
record Safety(long torn, long tornWithoutBarrier, long resumedDiffering, long smallRingDiffering) {
  private static final int ITERATIONS = 6;

  static Safety of(SmallTransformer.Size size, int batch, Setting setting, Path folder) {
    double pass = passSeconds(size, batch, setting);
    long torn = torn(size, batch, setting, folder, pass, true);
    long without = torn(size, batch, setting, folder, pass, false);
    long resumed = resumed(size, batch, setting, folder);
    long small = smallRing(size, batch, setting, folder);
    return new Safety(torn, without, resumed, small);
  }

  private static double passSeconds(SmallTransformer.Size size, int batch, Setting setting) {
    try (SmallTransformer model = new SmallTransformer(size, batch, 7)) {
      return TrainingRun.plain(model, 1, 3, setting.run()).passSeconds();
    }
  }

  List<Claim> claims() {
    String published = "not published; follows from the method";
    return List.of(
        Claim.atMost("versions torn, with the barrier", published, torn, 0),
        Claim.atLeast("versions torn, without the barrier", published, tornWithoutBarrier, 1),
        Claim.atMost("losses that differ after a restart", published, resumedDiffering, 0),
        Claim.atMost(
            "losses that differ with a ring of 0.6 of the state",
            published,
            smallRingDiffering,
            0));
  }

  private static long torn(
      SmallTransformer.Size size,
      int batch,
      Setting setting,
      Path folder,
      double passSeconds,
      boolean barrier) {
    Map<Long, Map<String, String>> expected = new HashMap<>();
    try (SmallTransformer model = new SmallTransformer(size, batch, 7)) {
      // So slow that the copy outlasts the pass by far.
      double rate = Math.min(100e6, model.stateBytes() / (0.1 + 4 * passSeconds));
      CheckpointOptions options =
          CheckpointOptions.every(1)
              .with(Map.of("fsync", false, "throttle_copy", (long) rate, "keep_last", 99));
      TrainingRun.checkpointed(
          model,
          ITERATIONS,
          options,
          folder,
          barrier,
          version -> expected.put(version, hashes(model.state())),
          setting.run());
      long torn = 0;
      for (Map.Entry<Long, Map<String, String>> version : expected.entrySet()) {
        try (LoadedCheckpoint loaded = new Checkpoints(folder).load(version.getKey())) {
          torn += hashes(loaded.state()).equals(version.getValue()) ? 0 : 1;
        }
      }
      return torn;
    } finally {
      Folders.delete(folder);
    }
  }

  private static long resumed(SmallTransformer.Size size, int batch, Setting setting, Path folder) {
    try (SmallTransformer model = new SmallTransformer(size, batch, 8);
        SmallTransformer other = new SmallTransformer(size, batch, 9)) {
      CheckpointOptions options =
          CheckpointOptions.every(ITERATIONS / 2).with(Map.of("keep_last", 9));
      TrainingRun whole =
          TrainingRun.checkpointed(
              model, ITERATIONS, options, folder, true, v -> {}, setting.run());
      try (LoadedCheckpoint loaded = new Checkpoints(folder).load(ITERATIONS / 2)) {
        other.restore(loaded);
      }
      TrainingRun rest = TrainingRun.plain(other, ITERATIONS / 2 + 1, ITERATIONS, setting.run());
      return DataStates.differing(
          rest.losses(), whole.losses().subList(ITERATIONS / 2, ITERATIONS));
    } finally {
      Folders.delete(folder);
    }
  }

  private static long smallRing(
      SmallTransformer.Size size, int batch, Setting setting, Path folder) {
    try (SmallTransformer plain = new SmallTransformer(size, batch, 10);
        SmallTransformer model = new SmallTransformer(size, batch, 10)) {
      CheckpointOptions options =
          CheckpointOptions.every(1)
              .with(
                  Map.of(
                      "fsync",
                      false,
                      "staging_bytes",
                      model.stateBytes() * 6 / 10,
                      "keep_last",
                      99));
      TrainingRun run =
          TrainingRun.checkpointed(
              model, ITERATIONS, options, folder, true, v -> {}, setting.run());
      long missing = ITERATIONS - new Checkpoints(folder).list().size();
      TrainingRun without = TrainingRun.plain(plain, 1, ITERATIONS, setting.run());
      return missing + DataStates.differing(run.losses(), without.losses());
    } finally {
      Folders.delete(folder);
    }
  }

  /** SHA-256 of each tensor, by its path. */
  private static Map<String, String> hashes(Object state) {
    Map<String, String> hashes = new TreeMap<>();
    collect("", state, hashes);
    return hashes;
  }

  private static void collect(String path, Object value, Map<String, String> into) {
    if (value instanceof Map<?, ?> map) {
      map.forEach((key, item) -> collect(path + "/" + key, item, into));
    } else if (value instanceof StateTensor tensor) {
      ByteBuffer bytes = tensor.data().asSlice(0, tensor.bytes()).asByteBuffer();
      try {
        byte[] digest = digest(bytes);
        into.put(path, HexFormat.of().formatHex(digest));
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every JVM has SHA-256", e);
      }
    }
  }

  private static byte[] digest(ByteBuffer bytes) throws NoSuchAlgorithmException {
    MessageDigest sha = MessageDigest.getInstance("SHA-256");
    sha.update(bytes);
    return sha.digest();
  }
}
