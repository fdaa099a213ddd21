package io.otium.app.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * What the arms of one benchmark share.
 *
 * @param model the model's name, for people
 * @param weights precisions of Otium's weights
 * @param home Otium's folder, for the processes that are measured
 * @param version Otium's
 * @param text running text, for fidelity
 * @param progress hears what is being done
 */
record Setting(
    String model,
    SameWeights files,
    List<String> weights,
    int threads,
    boolean quick,
    Path home,
    String version,
    RunningText text,
    Consumer<String> progress) {
  Setting {
    weights = List.copyOf(weights);
  }

  /** Times that a process repeats a measurement; its median is one sample. */
  int repeats() {
    return quick ? 1 : 3;
  }
}
