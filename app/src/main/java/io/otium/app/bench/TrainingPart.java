package io.otium.app.bench;

import io.otium.app.bench.Workload.Better;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What {@code bench train} measures; an update is all of it: forth, back, clipping and AdamW. */
enum TrainingPart {
  /** All weights, on rows of running text. */
  FULL("full fine-tuning", "tokens/s", Better.HIGHER, 1.2, 1.6),
  /** An adapter of rank 16 on all products. */
  LORA("LoRA r = 16", "tokens/s", Better.HIGHER, 1.2, 1.8),
  /** All weights, on chats that are packed; only tokens of chats count, no padding. */
  CHATS("SFT on chats", "tokens/s", Better.HIGHER, 1.3, 2),
  /** A network whose steps take less than a millisecond. */
  SMALL("MLP 784-256-10", "steps/s", Better.HIGHER, 1, 1.5),
  /** The largest difference of two losses on the same batches. */
  CURVE("loss curve", "nats", Better.LOWER, 1e-3, 1e-4);

  /** The names, for sentences. */
  static final String IDS =
      Arrays.stream(values()).map(TrainingPart::id).collect(Collectors.joining(", "));

  /** Ends the label of the row of a peer's differences to Otium. */
  static final String DIFFERENCE = ", largest difference";

  private static final String MEMORY = ", peak memory";

  private final String title;
  private final String unit;
  private final Better better;
  private final double asked;
  private final double aim;

  TrainingPart(String title, String unit, Better better, double asked, double aim) {
    this.title = title;
    this.unit = unit;
    this.better = better;
    this.asked = asked;
    this.aim = aim;
  }

  String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  String unit() {
    return unit;
  }

  Better better() {
    return better;
  }

  /** Precisions of weights that it is measured in. */
  List<String> precisions() {
    return switch (this) {
      case FULL, LORA, CHATS -> List.of("bf16", "fp32");
      case SMALL, CURVE -> List.of("fp32");
    };
  }

  TrainingSize size(boolean quick) {
    return switch (this) {
      case FULL, LORA ->
          quick ? TrainingSize.filled(2, 32, 1, 1) : TrainingSize.filled(4, 256, 3, 3);
      case CHATS ->
          quick
              ? new TrainingSize(1, 128, 1, 1, 12, 110)
              : new TrainingSize(1, 1024, 3, 3, 100, 900);
      case SMALL -> TrainingSize.filled(32, 784, quick ? 10 : 300, quick ? 20 : 1000);
      case CURVE -> quick ? TrainingSize.filled(2, 32, 0, 5) : TrainingSize.filled(4, 64, 0, 100);
    };
  }

  /** A row's name. */
  String label(TrainingSize size) {
    return switch (this) {
      case FULL, LORA -> "%s, %d × %d".formatted(title, size.rows(), size.rowLength());
      case CHATS -> "%s of %d to %d".formatted(title, size.shortest(), size.longest());
      case SMALL -> title;
      case CURVE -> "%s, %d updates".formatted(title, size.updates());
    };
  }

  /** The name of the row of memory beside it. */
  String memoryLabel(TrainingSize size) {
    return label(size) + MEMORY;
  }

  boolean isMemory(String label) {
    return label.endsWith(MEMORY);
  }

  /** What is asked of a row. */
  Optional<Target> target(String label) {
    if (isMemory(label)) return Optional.of(new Target(Better.LOWER, 0.8, 0.5, true));
    if (this != CURVE) return Optional.of(new Target(better, asked, aim, true));
    // The losses themselves are no figure to reach.
    return label.endsWith(DIFFERENCE)
        ? Optional.of(new Target(better, asked, aim, false))
        : Optional.empty();
  }
}
