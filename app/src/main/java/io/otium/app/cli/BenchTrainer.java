package io.otium.app.cli;

import io.otium.app.bench.OwnSmallNet;
import io.otium.app.bench.OwnTraining;
import io.otium.app.bench.TrainingData;
import io.otium.core.checkpoint.CheckpointOptions.Mode;
import io.otium.core.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Locale;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Otium's own side of {@code bench train} and {@code bench checkpoint}: one round. */
@Command(hidden = true, description = "trains in this process, for ./otium bench")
final class BenchTrainer implements Verb {
  private final Cli cli;

  @Option(names = "--part", description = "full, lora, chats, curve, small or checkpoint")
  String part;

  @Option(names = "--model", description = "a GGUF file or a folder")
  Path model;

  @Option(names = "--data", description = "file of the batches")
  Path data;

  @Option(names = "--precision", description = "bf16 or fp32")
  String precision = "bf16";

  @Option(names = "--threads", description = "processors")
  int threads = 1;

  @Option(names = "--warm-ups", description = "small: steps that are not timed")
  int warmUps;

  @Option(names = "--steps", description = "small: timed steps; checkpoint: checkpoints")
  int steps;

  @Option(names = "--mode", description = "checkpoint: lazy or sync")
  String mode = "lazy";

  @Mixin Common common;

  BenchTrainer(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() throws IOException {
    if (part.equals("small")) {
      cli.out().println(OwnSmallNet.train(threads, warmUps, steps).write());
      return 0;
    }
    DType type = precision.equals("bf16") ? DType.BF16 : DType.F32;
    var own = new OwnTraining(model, TrainingData.read(data), type, threads);
    if (part.equals("checkpoint")) {
      cli.out().println(stall(own));
    } else {
      cli.out().println(own.train(part.equals("lora")).write());
    }
    return 0;
  }

  private double stall(OwnTraining own) throws IOException {
    Path folder = Files.createTempDirectory(Files.createDirectories(cli.home()), "checkpoints-");
    try {
      return own.stall(folder, Mode.valueOf(mode.toUpperCase(Locale.ROOT)), steps);
    } finally {
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path path : all.sorted(Comparator.reverseOrder()).toList()) Files.delete(path);
      }
    }
  }
}
