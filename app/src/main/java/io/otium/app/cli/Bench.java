package io.otium.app.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.app.bench.BenchOptions;
import io.otium.app.bench.BenchReport;
import io.otium.app.bench.Benchmark;
import io.otium.app.bench.Peers;
import io.otium.app.bench.PeersFolder;
import io.otium.core.options.Options;
import io.otium.core.run.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code otium bench}: speed, memory and fidelity, beside peers on the same weights. */
@Command(
    description = {
      "Measures Otium and its peers on the same weights, in turn, and prints medians and ratios.",
      "",
      "  prefill    tokens/s through prompts of 512 and 2,048 tokens",
      "  decode     tokens/s of 128 tokens after 64, and after 1,536",
      "  serve      tokens/s of 8 streams together, over HTTP",
      "  startup    a whole process of the command line, to its first token",
      "  memory     of a server that has answered a long prompt, with a cache of 4,096 tokens",
      "  fidelity   mean KL of next-token distributions to fp32, over 4,000 tokens of text",
      "  train      tokens/s and memory of fine-tuning, with all weights, LoRA and on packed"
          + " chats;",
      "             steps/s of a small network; how far losses are from transformers'",
      "  checkpoint how long training stands still for a checkpoint",
      "  export     log-probabilities of an exported fine-tune by the programs that it is for",
      "  peers      which peers are here",
      "",
      "Peers that are not installed are named and left out. The numbers stay in a run folder."
    },
    footer = {
      "Examples:",
      "  ./otium bench peers",
      "  ./otium bench prefill --quick",
      "  ./otium bench decode --weights int4 --after 64 --against llama.cpp --rounds 7",
      "  ./otium bench memory --json",
      "  ./otium bench train --only full,lora --rounds 1"
    })
final class Bench implements Verb {
  private final Cli cli;
  private final OptionFlags<BenchOptions> flags =
      new OptionFlags<>(Options.describe(BenchOptions.class, BenchOptions.defaults()), "");

  @Parameters(
      paramLabel = "NAME",
      description =
          "prefill, decode, serve, startup, memory, fidelity, train, checkpoint, export, or peers")
  String name;

  @Option(
      names = "--install",
      arity = "0..*",
      split = ",",
      paramLabel = "PEER",
      fallbackValue = "all",
      description = "with peers: fetch these, or all, by pip, cmake and mvn")
  @Nullable List<String> install;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description =
          "a GGUF model, as in the other commands (default: " + ModelFlags.DEFAULT_MODEL + ")")
  String model = ModelFlags.DEFAULT_MODEL;

  @Mixin Common common;

  Bench(Cli cli) {
    this.cli = cli;
  }

  @Override
  public void describe(CommandSpec spec) {
    flags.addTo(spec, "What is measured, and how");
  }

  @Override
  public Integer call() throws IOException {
    BenchOptions options = flags.read();
    PeersFolder folder = PeersFolder.of(options.peers(), System.getenv(), cli.home());
    if (name.equals("peers")) {
      if (install != null) {
        Peers.install(folder, install.equals(List.of("all")) ? List.of() : install, this::say);
      }
      return peers(folder);
    }
    if (install != null)
      throw new Usage("--install goes with peers: ./otium bench peers --install");
    var benchmark = new Benchmark(name, options, folder);
    BenchReport report = kept(benchmark);
    if (common.json) {
      Json.print(cli, report.toJson());
    } else {
      cli.out().println(report.table());
    }
    return 0;
  }

  /** The benchmark as a run, with its numbers. */
  private BenchReport kept(Benchmark benchmark) throws IOException {
    Path source = cli.resolve(model);
    ObjectNode settings = Json.MAPPER.createObjectNode().put("name", name).put("model", model);
    flags.given().forEach(settings::put);
    try (Run run = cli.runs().start("bench", settings, 0)) {
      try {
        BenchReport report =
            benchmark.run(named(source), source, cli.home(), Version.number(), this::say);
        run.keep("result.json", report.toJson());
        run.done();
        return report;
      } catch (IOException | RuntimeException e) {
        run.failed(e);
        throw e;
      }
    }
  }

  /** The model's name; of a path, its last part. */
  private String named(Path source) {
    return Files.exists(Path.of(model)) ? source.getFileName().toString() : model;
  }

  private void say(String sentence) {
    cli.err().println(sentence);
    cli.err().flush();
  }

  private int peers(PeersFolder folder) {
    ObjectNode json = Json.MAPPER.createObjectNode().put("folder", folder.root().toString());
    json.set("peers", Json.MAPPER.valueToTree(Peers.states(folder)));
    if (common.json) {
      Json.print(cli, json);
      return 0;
    }
    cli.out().println("Peers in " + folder.root());
    for (Peers.State peer : Peers.states(folder)) {
      cli.out().printf("  %-14s %s%n", peer.name(), peer.here() ? "here" : peer.missing());
      if (!peer.here()) cli.out().printf("  %-14s → %s%n", "", peer.fix());
    }
    return 0;
  }
}
