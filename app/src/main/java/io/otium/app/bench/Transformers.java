package io.otium.app.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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

  /** Adapters and chats are others' to train: see {@link Peft} and {@link Trl}. */
  @Override
  public boolean measures(Workload workload) {
    return !(workload instanceof Workload.Train train)
        || train.part() != TrainingPart.LORA && train.part() != TrainingPart.CHATS;
  }

  @Override
  public List<Arm> arms(Workload workload, Setting setting) throws IOException {
    if (workload instanceof Workload.Training training) {
      return new TransformersTraining(peers, setting).arms(training);
    }
    if (workload instanceof Workload.Export) return List.of(exported(setting));
    String type = processor.multipliesBf16() ? "bf16" : "fp32";
    List<Object> sizes = PythonScript.sizes(workload);
    if (sizes.isEmpty()) return List.of();
    Path model = setting.files().huggingFace();
    Command command =
        PythonScript.TRANSFORMERS_SPEED
            .command(peers, model, type, setting.threads(), setting.repeats())
            .with(sizes.toArray());
    return List.of(
        new Arm(
            NAME + " " + type,
            version(),
            false,
            Set.copyOf(setting.weights()),
            () -> Speeds.read(NAME, command.run().out())));
  }

  private String version() {
    return peers.pythonVersions(NAME, "torch");
  }

  /** What it makes of Otium's folder, and Otium of the one that it saves, in shards. */
  private Arm exported(Setting setting) throws IOException {
    Exports exports = setting.files().exports();
    return new Arm(
        NAME,
        version(),
        false,
        Set.of(),
        () -> {
          Path out = exports.fresh("transformers.f32");
          Path saved = exports.fresh("transformers");
          var _ =
              PythonScript.PEER_LOGITS
                  .command(peers, exports.promptsFile(), out, saved, exports.merged())
                  .run();
          Map<String, Double> rows = new LinkedHashMap<>();
          rows.put("safetensors, read by transformers", exports.difference(out));
          rows.put("safetensors saved by transformers, read by Otium", exports.differenceOf(saved));
          return rows;
        });
  }
}
