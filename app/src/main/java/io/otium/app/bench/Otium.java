package io.otium.app.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Otium itself, each round in a process of its own. */
final class Otium implements Contestant {
  static final String NAME = "otium";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Optional<Missing> missing() {
    return Optional.empty();
  }

  @Override
  public boolean measures(Workload workload) {
    return true;
  }

  @Override
  public List<Arm> arms(Workload workload, Setting setting) throws IOException {
    return switch (workload) {
      case Workload.Inference inference -> arms(inference, setting);
      case Workload.Training training -> new OtiumTraining(setting).arms(training);
      // every form is compared with Otium, which is no contestant then
      case Workload.Export _ -> List.of();
    };
  }

  private static List<Arm> arms(Workload.Inference inference, Setting setting) throws IOException {
    List<Arm> arms = new ArrayList<>();
    Path model = setting.files().forOtium();
    for (String weights : setting.weights()) {
      String system = NAME + " " + weights;
      Set<String> only = Set.of(weights);
      Arm.Measure measure = measure(inference, setting, model, weights);
      arms.add(new Arm(system, setting.version(), true, only, measure));
      if (inference instanceof Workload.Fidelity fidelity) {
        // Beside the kernels for prompts, those that write the answer.
        Arm.Measure single = () -> fidelity(setting, model, weights, fidelity, false);
        arms.add(new Arm(system + ", decoding", setting.version(), true, only, single));
      }
    }
    return arms;
  }

  private static Arm.Measure measure(
      Workload.Inference workload, Setting setting, Path model, String weights) {
    return switch (workload) {
      case Workload.Prefill prefill ->
          () -> speeds(setting, model, weights, prefill.tokens(), List.of());
      case Workload.Decode decode ->
          () -> speeds(setting, model, weights, List.of(decode.tokens()), decode.after());
      case Workload.Serve serve ->
          () -> Served.streams(server(setting, model, weights), serve, setting.repeats());
      case Workload.Memory memory -> () -> Served.memory(server(setting, model, weights), memory);
      case Workload.Startup startup ->
          () ->
              Startups.measure(
                  verb("complete", setting, model, weights)
                      .with("--max-tokens", 1, Startups.PROMPT),
                  setting.repeats());
      case Workload.Fidelity fidelity -> () -> fidelity(setting, model, weights, fidelity, true);
    };
  }

  private static Command verb(String verb, Setting setting, Path model, String weights) {
    return OtiumCommand.at(setting.home())
        .with(verb, "--model", model, "--weights", weights, "--threads", setting.threads());
  }

  private static Command server(Setting setting, Path model, String weights) {
    return verb("serve", setting, model, weights)
        .with("--cache-tokens", Workload.Memory.CACHE, "--context", Workload.Memory.CACHE);
  }

  /** See {@link OwnFidelity}. */
  private static Map<String, Double> fidelity(
      Setting setting, Path model, String weights, Workload.Fidelity fidelity, boolean warm)
      throws IOException {
    Command command =
        verb("bench-worker", setting, model, weights)
            .with("--passages", fidelity.passages())
            .with("--text", setting.text().file(fidelity.characters()));
    if (warm) command = command.with("--warm");
    String said = Command.lastLine(command.run().out());
    try {
      return Map.of("fidelity", Double.parseDouble(said));
    } catch (NumberFormatException e) {
      throw new BenchException("the worker printed no number but: " + said, e);
    }
  }

  /** See {@link OwnSpeed}. */
  private static Map<String, Double> speeds(
      Setting setting, Path model, String weights, List<Integer> tokens, List<Integer> after) {
    Command command =
        verb("bench-worker", setting, model, weights)
            .with("--repeats", setting.repeats(), "--tokens", PythonScript.joined(tokens));
    if (!after.isEmpty()) command = command.with("--after", PythonScript.joined(after));
    return Speeds.read("the worker", command.run().out());
  }
}
