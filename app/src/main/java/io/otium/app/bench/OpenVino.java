package io.otium.app.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** OpenVINO with int8 weights, as optimum-intel converts models for it. */
final class OpenVino implements Peer {
  static final String NAME = "openvino";

  private final PeersFolder peers;

  OpenVino(PeersFolder peers) {
    this.peers = peers;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Optional<Missing> missing() {
    return PythonScript.missing(
        peers, NAME, "openvino", "optimum/intel", "nncf", "transformers", "gguf");
  }

  @Override
  public void install(Installation into) throws IOException {
    into.python("openvino", "optimum-intel", "transformers", "gguf");
  }

  @Override
  public List<Arm> arms(Workload workload, Setting setting) throws IOException {
    List<Object> sizes = PythonScript.sizes(workload);
    if (sizes.isEmpty()) return List.of();
    Path model = setting.files().openVino();
    Command command =
        PythonScript.OPENVINO_SPEED
            .command(peers, model, setting.threads(), setting.repeats())
            .with(sizes.toArray());
    return List.of(
        new Arm(
            NAME + " int8",
            peers.pythonVersion(NAME).orElse("unknown"),
            false,
            Set.copyOf(setting.weights()),
            () -> Speeds.read(NAME, command.run().out())));
  }
}
