package io.otium.app.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Otium's arms of {@code bench train} and {@code bench checkpoint}; see {@link OwnTraining}. */
final class OtiumTraining {
  private final Setting setting;

  OtiumTraining(Setting setting) {
    this.setting = setting;
  }

  List<Arm> arms(Workload.Training workload) throws IOException {
    return switch (workload) {
      case Workload.Train train -> arms(train);
      case Workload.Checkpoint checkpoint -> arms(checkpoint);
    };
  }

  private List<Arm> arms(Workload.Train train) throws IOException {
    List<Arm> arms = new ArrayList<>();
    for (String precision : setting.weights()) {
      Arm.Measure measure =
          train.part() == TrainingPart.SMALL ? () -> small(train) : model(train, precision);
      arms.add(arm(precision, precision, true, measure));
    }
    return arms;
  }

  private Arm arm(String precision, String what, boolean own, Arm.Measure measure) {
    return new Arm(Otium.NAME + " " + what, setting.version(), own, Set.of(precision), measure);
  }

  private Arm.Measure model(Workload.Train train, String precision) throws IOException {
    TrainingPart part = train.part();
    Command command =
        trainer(part.id(), precision).with("--data", setting.files().trainingData(train.size()));
    return () -> {
      TrainingFigures figures = TrainingFigures.read("the worker", command.run().out());
      if (part != TrainingPart.CURVE) return figures.rows(part, train.size());
      Files.writeString(setting.files().ownCurve(), figures.write());
      return Map.of(part.label(train.size()) + ", the last", figures.losses().getLast());
    };
  }

  /** With one thread, and with as many as asked for. */
  private Map<String, Double> small(Workload.Train train) {
    TrainingSize size = train.size();
    Map<String, Double> rows = new LinkedHashMap<>();
    for (int threads : threads(setting)) {
      Command command =
          OtiumCommand.at(setting.home())
              .with("bench-trainer", "--part", train.part().id(), "--threads", threads)
              .with("--warm-ups", size.warmUps(), "--steps", size.updates());
      rows.put(
          smallLabel(train, threads),
          TrainingFigures.read("the worker", command.run().out()).perSecond());
    }
    return rows;
  }

  static List<Integer> threads(Setting setting) {
    return Stream.of(1, setting.threads()).distinct().toList();
  }

  static String smallLabel(Workload.Train train, int threads) {
    String counted = threads == 1 ? "1 thread" : threads + " threads";
    return train.part().label(train.size()) + ", " + counted;
  }

  /** Otium as it saves by default, and the same state written while training waits. */
  private List<Arm> arms(Workload.Checkpoint checkpoint) throws IOException {
    List<Arm> arms = new ArrayList<>();
    for (String precision : setting.weights()) {
      arms.add(arm(precision, precision, true, stall(checkpoint, precision, "lazy")));
      arms.add(
          arm(precision, precision + ", synchronous", false, stall(checkpoint, precision, "sync")));
    }
    return arms;
  }

  private Arm.Measure stall(Workload.Checkpoint checkpoint, String precision, String mode)
      throws IOException {
    Command command =
        trainer("checkpoint", precision)
            .with("--data", setting.files().trainingData(checkpoint.size()))
            .with("--mode", mode, "--steps", checkpoint.checkpoints());
    return () -> {
      String said = Command.lastLine(command.run().out());
      try {
        return Map.of(Workload.Checkpoint.STALL, Double.parseDouble(said));
      } catch (NumberFormatException e) {
        throw new BenchException("the worker printed no number but: " + said, e);
      }
    };
  }

  private Command trainer(String part, String precision) throws IOException {
    Path model = setting.files().forOtium();
    return OtiumCommand.at(setting.home())
        .with("bench-trainer", "--part", part, "--model", model)
        .with("--precision", precision, "--threads", setting.threads());
  }
}
