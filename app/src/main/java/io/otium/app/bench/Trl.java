package io.otium.app.bench;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** TRL, whose trainer of chats packs them as Otium does. */
final class Trl implements Peer {
  static final String NAME = "trl";

  private final PeersFolder peers;

  Trl(PeersFolder peers) {
    this.peers = peers;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean measures(Workload workload) {
    return workload instanceof Workload.Train train && train.part() == TrainingPart.CHATS;
  }

  @Override
  public Optional<Missing> missing() {
    return PythonScript.missing(peers, NAME, "torch", "transformers", "datasets", "gguf", NAME);
  }

  @Override
  public void install(Installation into) throws IOException {
    into.python("torch", "transformers", "datasets", "gguf", NAME);
  }

  @Override
  public List<Arm> arms(Workload workload, Setting setting) throws IOException {
    if (!(workload instanceof Workload.Train train)) return List.of();
    String version = peers.pythonVersions(NAME, "transformers", "torch");
    return new PythonTraining(peers, setting, NAME, version).arms(train, PythonScript.TRL_TRAINING);
  }
}
