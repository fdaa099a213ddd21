package io.otium.app.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Arms of a library on PyTorch that trains a model, one for each of the ways to be precise: weights
 * in fp32, weights in bf16 with their optimizer, and weights in fp32 with products in bf16
 * (autocast).
 *
 * @param name the library's
 * @param version of it and of what it stands on
 */
record PythonTraining(PeersFolder peers, Setting setting, String name, String version) {
  private static final List<String> TYPES = List.of("fp32", "bf16", "autocast");

  /** What is made of the figures of a process. */
  @FunctionalInterface
  interface Reading {
    Map<String, Double> rows(TrainingFigures figures) throws IOException;
  }

  /**
   * The arms of a part.
   *
   * @param arguments of the program, besides data, model, type and threads
   */
  List<Arm> arms(Workload.Train train, PythonScript script, Object... arguments)
      throws IOException {
    List<Arm> arms = new ArrayList<>();
    for (String type : TYPES) {
      arms.add(
          arm(train, type, script, figures -> figures.rows(train.part(), train.size()), arguments));
    }
    return arms;
  }

  Arm arm(
      Workload.Train train, String type, PythonScript script, Reading reading, Object... arguments)
      throws IOException {
    Command command =
        script
            .command(
                peers,
                setting.files().trainingData(train.size()),
                setting.files().huggingFace(),
                type,
                setting.threads())
            .with(arguments);
    return arm(type, () -> reading.rows(TrainingFigures.read(name, command.run().out())));
  }

  Arm arm(String type, Arm.Measure measure) {
    return new Arm(name + " " + type, version, false, Set.copyOf(setting.weights()), measure);
  }
}
