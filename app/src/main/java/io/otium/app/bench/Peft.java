package io.otium.app.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** peft, which trains adapters, loads those that Otium exports and saves those that it imports. */
final class Peft implements Peer {
  static final String NAME = "peft";

  private final PeersFolder peers;

  Peft(PeersFolder peers) {
    this.peers = peers;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Optional<Missing> missing() {
    return PythonScript.missing(peers, NAME, "torch", "transformers", NAME);
  }

  @Override
  public void install(Installation into) throws IOException {
    into.python("torch", "transformers", NAME);
  }

  @Override
  public boolean measures(Workload workload) {
    return workload instanceof Workload.Export
        || workload instanceof Workload.Train train && train.part() == TrainingPart.LORA;
  }

  @Override
  public List<Arm> arms(Workload workload, Setting setting) throws IOException {
    if (workload instanceof Workload.Train train) {
      String version = peers.pythonVersions(NAME, "transformers", "torch");
      return new PythonTraining(peers, setting, NAME, version)
          .arms(train, PythonScript.TRANSFORMERS_TRAINING, "lora");
    }
    Exports exports = setting.files().exports();
    return List.of(
        new Arm(
            NAME,
            peers.pythonVersion(NAME).orElse("unknown"),
            false,
            Set.of(),
            () -> {
              Path out = exports.fresh("peft.f32");
              Path saved = exports.fresh("peft");
              var _ =
                  PythonScript.PEER_LOGITS
                      .command(peers, exports.promptsFile(), out, saved)
                      .with(exports.base(), exports.adapter())
                      .run();
              Map<String, Double> rows = new LinkedHashMap<>();
              rows.put("adapter, read by peft", exports.difference(out));
              rows.put("adapter saved by peft, read by Otium", exports.differenceOf(saved));
              return rows;
            }));
  }
}
