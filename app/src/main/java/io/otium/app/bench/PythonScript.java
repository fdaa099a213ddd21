package io.otium.app.bench;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Our Python programs for the peers that live in Python. */
enum PythonScript {
  EXPORT_HF,
  EXPORT_OPENVINO,
  PEER_LOGITS,
  TRANSFORMERS_SPEED,
  OPENVINO_SPEED,
  TRANSFORMERS_TRAINING,
  TRL_TRAINING,
  PYTORCH_SMALL_NET,
  TORCH_SAVE;

  /** The program with its arguments, by the interpreter of the peers' folder. */
  Command command(PeersFolder peers, Object... arguments) throws IOException {
    return Command.of(peers.python(), ProgramFile.of(name().toLowerCase(Locale.ROOT) + ".py"))
        .with(arguments)
        // What a peer has to say of newer versions, telemetry or a hub is of no use here.
        .withVariable("HF_HUB_OFFLINE", "1")
        .withVariable("TRANSFORMERS_VERBOSITY", "error")
        .withVariable("PYTHONWARNINGS", "ignore");
  }

  /** The sizes of a workload as our programs take them; none for workloads they do not measure. */
  static List<Object> sizes(Workload workload) {
    return switch (workload) {
      case Workload.Prefill prefill -> List.of(joined(prefill.tokens()));
      case Workload.Decode decode -> List.of(decode.tokens(), joined(decode.after()));
      default -> List.of();
    };
  }

  /** Numbers with commas between them. */
  static String joined(List<Integer> numbers) {
    return String.join(",", numbers.stream().map(String::valueOf).toList());
  }

  /** Which of the libraries are not in the peers' Python. */
  static Optional<Contestant.Missing> missing(PeersFolder peers, String peer, String... libraries) {
    List<String> absent =
        Arrays.stream(libraries).filter(library -> !peers.hasPython(library)).toList();
    return absent.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Contestant.Missing(
                "%s not in %s".formatted(String.join(", ", absent), peers.root().resolve("venv")),
                "./otium bench peers --install " + peer));
  }
}
