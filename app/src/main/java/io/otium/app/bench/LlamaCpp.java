package io.otium.app.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** llama.cpp by its own programs: at Q8_0 against int8, at Q4_0 against int4. */
final class LlamaCpp implements Peer {
  static final String NAME = "llama.cpp";

  /** Programs that the workloads and the making of models need. */
  static final List<String> PROGRAMS =
      List.of(
          "llama-bench", "llama-server", "llama-completion", "llama-quantize", "llama-perplexity");

  private final PeersFolder peers;
  private @Nullable Path base;

  LlamaCpp(PeersFolder peers) {
    this.peers = peers;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Optional<Missing> missing() {
    List<String> absent = PROGRAMS.stream().filter(name -> peers.llama(name).isEmpty()).toList();
    return absent.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Missing(
                "%s not in %s"
                    .formatted(String.join(", ", absent), peers.llamaBuild().resolve("bin")),
                "./otium bench peers --install llama.cpp"));
  }

  @Override
  public void install(Installation into) throws IOException {
    new LlamaBuild(peers, Processor.here()).install(into);
  }

  @Override
  public boolean measures(Workload workload) {
    return !(workload instanceof Workload.Training);
  }

  @Override
  public List<Arm> arms(Workload workload, Setting setting) throws IOException {
    if (workload instanceof Workload.Export) return List.of(exported(setting));
    if (!(workload instanceof Workload.Inference inference)) return List.of();
    List<Arm> arms = new ArrayList<>();
    for (String weights : setting.weights()) {
      String type = type(weights);
      if (type.isEmpty()) continue;
      Path model = setting.files().quantised(type);
      Arm.Measure measure = measure(inference, setting, model);
      var arm = new Arm(NAME + " " + type, version(), false, Set.of(weights), measure);
      arms.add(arm);
      if (workload instanceof Workload.Startup) arms.add(withoutWarmUp(arm, setting, model));
    }
    return arms;
  }

  /** What it makes of Otium's GGUF file, and Otium of one that its quantizer wrote. */
  private Arm exported(Setting setting) throws IOException {
    Exports exports = setting.files().exports();
    return new Arm(
        NAME,
        version(),
        false,
        Set.of(),
        () -> {
          Map<String, Double> rows = new LinkedHashMap<>();
          try (var theirs = new LlamaLogits(exact(setting, exports.gguf()))) {
            rows.put("gguf, read by llama.cpp", theirs.difference(exports));
          }
          Path copy = exports.fresh("copy.gguf");
          var _ = program("llama-quantize").with(exports.gguf(), copy, "COPY").run();
          rows.put("gguf saved by llama.cpp, read by Otium", exports.differenceOf(copy));
          return rows;
        });
  }

  /** A server that keeps keys and values at fp32. */
  private Command exact(Setting setting, Path model) {
    return program("llama-server")
        .with("-m", model, "-t", setting.threads(), "-c", 2048, "-np", 1)
        .with("-ctk", "f32", "-ctv", "f32", "-fa", "off", "--jinja");
  }

  /** By default it runs the model once before the prompt; users in a hurry switch that off. */
  private Arm withoutWarmUp(Arm arm, Setting setting, Path model) {
    Command command = completion(setting, model).with("--no-warmup");
    return new Arm(
        arm.system() + " --no-warmup",
        arm.version(),
        false,
        arm.weights(),
        () -> Startups.measure(command, setting.repeats()));
  }

  /** The type of the same bits; empty if it is not compared at these. */
  private static String type(String weights) {
    return switch (weights) {
      case "int8" -> "Q8_0";
      case "int4" -> "Q4_0";
      default -> "";
    };
  }

  /** That of the distribution it was built from: llama.cpp's own number is not in its sources. */
  private String version() throws IOException {
    Path metadata = peers.llamaSource().resolve("PKG-INFO");
    if (!Files.isRegularFile(metadata)) return "unknown";
    return Files.readAllLines(metadata).stream()
        .filter(line -> line.startsWith("Version: "))
        .map(line -> "of llama-cpp-python " + line.substring("Version: ".length()).strip())
        .findFirst()
        .orElse("unknown");
  }

  private Arm.Measure measure(Workload.Inference workload, Setting setting, Path model)
      throws IOException {
    return switch (workload) {
      case Workload.Prefill prefill ->
          () -> bench(setting, model, "-n", 0, "-p", PythonScript.joined(prefill.tokens()));
      case Workload.Decode decode ->
          () ->
              bench(
                  setting,
                  model,
                  "-p",
                  0,
                  "-n",
                  decode.tokens(),
                  "-d",
                  PythonScript.joined(decode.after()));
      case Workload.Serve serve ->
          () ->
              Served.streams(
                  server(setting, model).with("-np", serve.streams()), serve, setting.repeats());
      case Workload.Memory memory ->
          () -> Served.memory(server(setting, model).with("-np", 1), memory);
      case Workload.Startup startup ->
          () -> Startups.measure(completion(setting, model), setting.repeats());
      case Workload.Fidelity fidelity -> {
        Path base = base(setting, fidelity);
        yield () ->
            Map.of(
                "fidelity",
                LlamaOutput.meanKl(
                    perplexity(setting, model, base).with("--kl-divergence").run().all()));
      }
    };
  }

  private Command server(Setting setting, Path model) {
    return program("llama-server")
        .with("-m", model, "-t", setting.threads(), "-c", Workload.Memory.CACHE);
  }

  private Command completion(Setting setting, Path model) {
    return program("llama-completion")
        .with("-m", model, "-t", setting.threads(), "-no-cnv", "-n", 1)
        .with("-p", Startups.PROMPT);
  }

  private Command perplexity(Setting setting, Path model, Path base) {
    return program("llama-perplexity")
        .with("-m", model, "-t", setting.threads(), "-c", Workload.Fidelity.PASSAGE)
        .with("--kl-divergence-base", base);
  }

  /** Distributions at fp32, with a cache of fp32: made once, for all precisions. */
  private Path base(Setting setting, Workload.Fidelity fidelity) throws IOException {
    if (base != null) return base;
    Path made = setting.files().temporary("kl-base");
    setting.progress().accept("reading the text at fp32 by llama-perplexity");
    Path text = setting.text().file(fidelity.characters());
    Command.Output ignored =
        perplexity(setting, setting.files().f32(), made)
            .with("-f", text, "--chunks", fidelity.passages(), "-ctk", "f32", "-ctv", "f32")
            .run();
    base = made;
    return made;
  }

  private Map<String, Double> bench(Setting setting, Path model, Object... sizes) {
    Command command =
        program("llama-bench")
            .with("-m", model, "-t", setting.threads(), "-r", setting.repeats(), "-o", "json")
            .with(sizes);
    return LlamaOutput.bench(command.run().out());
  }

  private Command program(String name) {
    return Command.of(
        peers.llama(name).orElseThrow(() -> new BenchException(name + " is missing")));
  }
}
