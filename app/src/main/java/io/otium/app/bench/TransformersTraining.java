package io.otium.app.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What transformers, and PyTorch below it, are compared with in training. */
final class TransformersTraining {
  private final PeersFolder peers;
  private final Setting setting;
  private final PythonTraining transformers;

  TransformersTraining(PeersFolder peers, Setting setting) {
    this.peers = peers;
    this.setting = setting;
    this.transformers =
        new PythonTraining(
            peers, setting, Transformers.NAME, peers.pythonVersions(Transformers.NAME, "torch"));
  }

  List<Arm> arms(Workload.Training workload) throws IOException {
    return switch (workload) {
      case Workload.Checkpoint checkpoint -> List.of(torchSave(checkpoint));
      case Workload.Train train ->
          switch (train.part()) {
            case FULL -> transformers.arms(train, PythonScript.TRANSFORMERS_TRAINING, "full");
            case CURVE -> List.of(curve(train));
            case SMALL -> List.of(small(train));
            case LORA, CHATS -> List.of();
          };
    };
  }

  /** The same batches from the same weights, and how far the losses are from Otium's. */
  private Arm curve(Workload.Train train) throws IOException {
    return transformers.arm(
        train,
        "fp32",
        PythonScript.TRANSFORMERS_TRAINING,
        figures -> {
          String own = Files.readString(setting.files().ownCurve());
          if (own.isEmpty()) throw new BenchException("the loss curve needs Otium at fp32");
          String label = train.part().label(train.size());
          return Map.of(
              label + ", the last",
              figures.losses().getLast(),
              label + TrainingPart.DIFFERENCE,
              figures.differenceTo(TrainingFigures.read("Otium", own)));
        },
        "full");
  }

  private PythonTraining torch() {
    return new PythonTraining(peers, setting, "PyTorch", peers.pythonVersions("torch"));
  }

  private Arm small(Workload.Train train) {
    return torch()
        .arm(
            "eager",
            () -> {
              Map<String, Double> rows = new LinkedHashMap<>();
              for (int threads : OtiumTraining.threads(setting)) {
                Command command =
                    PythonScript.PYTORCH_SMALL_NET.command(
                        peers, threads, train.size().warmUps(), train.size().updates());
                rows.put(
                    OtiumTraining.smallLabel(train, threads),
                    TrainingFigures.read("PyTorch", command.run().out()).perSecond());
              }
              return rows;
            });
  }

  private Arm torchSave(Workload.Checkpoint checkpoint) throws IOException {
    Path model = setting.files().huggingFace();
    Path file = setting.files().temporary("torch-save");
    Command command =
        PythonScript.TORCH_SAVE.command(
            peers, model, setting.threads(), checkpoint.checkpoints(), file);
    return torch()
        .arm(
            "torch.save",
            () -> {
              String said = Command.lastLine(command.run().out());
              return Map.of(Workload.Checkpoint.STALL, Double.parseDouble(said));
            });
  }
}
