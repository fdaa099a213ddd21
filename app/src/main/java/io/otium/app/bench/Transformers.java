package io.otium.app.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** transformers on PyTorch: in bf16 where the processor multiplies it, else in fp32. */
final class Transformers implements Peer {
  static final String NAME = "transformers";

  private final PeersFolder peers;
  private final Processor processor;

  Transformers(PeersFolder peers, Processor processor) {
    this.peers = peers;
    this.processor = processor;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Optional<Missing> missing() {
    return PythonScript.missing(peers, NAME, "torch", "transformers", "gguf");
  }

  @Override
  public void install(Installation into) throws IOException {
    into.python("torch", "transformers", "gguf");
  }

  @Override
  public List<Arm> arms(Workload workload, Setting setting) throws IOException {
    String type = processor.multipliesBf16() ? "bf16" : "fp32";
    List<Object> sizes = PythonScript.sizes(workload);
    if (sizes.isEmpty()) return List.of();
    Path model = setting.files().huggingFace();
    Command command =
        PythonScript.TRANSFORMERS_SPEED
            .command(peers, model, type, setting.threads(), setting.repeats())
            .with(sizes.toArray());
    String version =
        Stream.of(NAME, "torch")
            .map(name -> name + " " + peers.pythonVersion(name).orElse("unknown"))
            .reduce("%s, %s"::formatted)
            .orElseThrow();
    return List.of(
        new Arm(
            NAME + " " + type,
            version,
            false,
            Set.copyOf(setting.weights()),
            () -> Speeds.read(NAME, command.run().out())));
  }
}
