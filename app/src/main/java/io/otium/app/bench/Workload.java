package io.otium.app.bench;

import io.otium.lm.LoadOptions.WeightPrecision;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What is measured. Each gives a row for each system and label, in one unit. */
public sealed interface Workload {
  /** What is the same of a workload in every size; in the order of the help text. */
  enum Kind {
    PREFILL("tokens/s", Better.HIGHER, false),
    DECODE("tokens/s", Better.HIGHER, true),
    SERVE("tokens/s", Better.HIGHER, false),
    STARTUP("ms", Better.LOWER, true),
    MEMORY("MiB", Better.LOWER, false),
    FIDELITY("nats", Better.LOWER, true),
    EXPORT("nats", Better.LOWER, false),
    TRAIN("tokens/s", Better.HIGHER, false),
    CHECKPOINT("ms", Better.LOWER, false);

    private final String unit;
    private final Better better;
    private final boolean fourBitsToo;

    Kind(String unit, Better better, boolean fourBitsToo) {
      this.unit = unit;
      this.better = better;
      this.fourBitsToo = fourBitsToo;
    }

    private String id() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Whether more or less is better. */
  enum Better {
    HIGHER,
    LOWER
  }

  /** The workloads' names, in the order of the help text. */
  List<String> NAMES = Stream.of(Kind.values()).map(Kind::id).toList();

  Kind kind();

  default String name() {
    return kind().id();
  }

  /**
   * What a row's value is counted in.
   *
   * @param label the row's
   */
  default String unit(String label) {
    return kind().unit;
  }

  /** Which values of a row are better. */
  default Better better(String label) {
    return kind().better;
  }

  /** What Otium is asked to reach in a row, if there is such a figure. */
  default Optional<Target> target(String label) {
    return Optional.empty();
  }

  /** Whether a second round would measure the very same. */
  default boolean isExact() {
    return false;
  }

  /** Precisions of Otium's weights that the workload is about, unless others are asked for. */
  default List<String> weights() {
    return kind().fourBitsToo ? List.of("int8", "int4") : List.of("int8");
  }

  /** Precisions that it can be asked for. */
  default List<String> precisions() {
    return Arrays.stream(WeightPrecision.values())
        .filter(precision -> precision != WeightPrecision.AUTO)
        .map(precision -> precision.name().toLowerCase(Locale.ROOT))
        .toList();
  }

  /** What a loaded model does: all peers that can load it are compared. */
  sealed interface Inference extends Workload {}

  /** What changes a model. */
  sealed interface Training extends Workload {
    @Override
    default List<String> precisions() {
      return List.of("bf16", "fp32");
    }
  }

  /** Tokens a second through a prompt that nothing is cached of, its first token included. */
  record Prefill(List<Integer> tokens) implements Inference {
    @Override
    public Kind kind() {
      return Kind.PREFILL;
    }
  }

  /** Tokens a second of one answer, after a prompt of some length. */
  record Decode(int tokens, List<Integer> after) implements Inference {
    @Override
    public Kind kind() {
      return Kind.DECODE;
    }
  }

  /** Tokens a second of several answers at the same time, in all, over HTTP. */
  record Serve(int streams, int tokens) implements Inference {
    @Override
    public Kind kind() {
      return Kind.SERVE;
    }
  }

  /** A whole process of the command line, from its start through one token to its end. */
  record Startup() implements Inference {
    @Override
    public Kind kind() {
      return Kind.STARTUP;
    }
  }

  /**
   * Memory of a server that has answered a prompt.
   *
   * @param tokens of the prompt
   */
  record Memory(int tokens) implements Inference {
    /** Tokens that the KV cache holds. */
    static final int CACHE = 4096;

    @Override
    public Kind kind() {
      return Kind.MEMORY;
    }
  }

  /**
   * Mean KL(fp32 ‖ arm) of next-token distributions over running text: passages of {@link #PASSAGE}
   * tokens, of which the second half counts.
   *
   * @param passages how many
   */
  record Fidelity(int passages) implements Inference {
    static final int PASSAGE = 512;

    /** Positions of a passage that count: those of its second half that have a next token. */
    static final int SCORED = PASSAGE / 2 - 1;

    /** Characters of text that hold so many tokens, and some more. */
    int characters() {
      return 8 * PASSAGE * Math.max(2, passages);
    }

    @Override
    public Kind kind() {
      return Kind.FIDELITY;
    }

    @Override
    public boolean isExact() {
      return true;
    }
  }

  /**
   * The largest difference of any token's log-probability, after some prompts, between Otium and
   * the program that an export is for; and back, with what that program saves.
   */
  record Export() implements Workload {
    @Override
    public Kind kind() {
      return Kind.EXPORT;
    }

    @Override
    public boolean isExact() {
      return true;
    }
  }

  /** One part of what training is measured by; see {@link TrainingPart}. */
  record Train(TrainingPart part, boolean quick) implements Training {
    @Override
    public Kind kind() {
      return Kind.TRAIN;
    }

    TrainingSize size() {
      return part.size(quick);
    }

    @Override
    public String unit(String label) {
      return part.isMemory(label) ? "MiB" : part.unit();
    }

    @Override
    public Better better(String label) {
      return part.isMemory(label) ? Better.LOWER : part.better();
    }

    @Override
    public Optional<Target> target(String label) {
      return part.target(label);
    }

    @Override
    public List<String> weights() {
      return part.precisions();
    }

    @Override
    public boolean isExact() {
      return part == TrainingPart.CURVE;
    }
  }

  /** How long training stands still for a checkpoint of all that it depends on. */
  record Checkpoint(boolean quick) implements Training {
    static final String STALL = "stall per checkpoint";

    /** As full fine-tuning: the state is what it is there. */
    TrainingSize size() {
      return TrainingPart.FULL.size(quick);
    }

    /** Checkpoints of a round, after one that is not counted. */
    int checkpoints() {
      return quick ? 1 : 3;
    }

    @Override
    public Kind kind() {
      return Kind.CHECKPOINT;
    }

    @Override
    public Optional<Target> target(String label) {
      return Optional.of(new Target(Better.LOWER, 1.0 / 10, 1.0 / 48, true));
    }

    @Override
    public List<String> weights() {
      return List.of("fp32");
    }
  }

  /**
   * What is measured under a name, in the size that the options ask for, one after the other.
   *
   * @throws IllegalArgumentException if there is none, or an option makes no sense for it
   */
  static List<Workload> all(String name, BenchOptions options) {
    if (!name.equals("train")) return List.of(of(name, options));
    Set<String> known =
        Arrays.stream(TrainingPart.values()).map(TrainingPart::id).collect(Collectors.toSet());
    for (String part : options.only()) {
      if (!known.contains(part)) {
        throw new IllegalArgumentException(
            "--only has '%s'; allowed are %s".formatted(part, TrainingPart.IDS));
      }
    }
    return Arrays.stream(TrainingPart.values())
        .filter(part -> options.only().isEmpty() || options.only().contains(part.id()))
        .<Workload>map(part -> new Train(part, options.quick()))
        .toList();
  }

  private static Workload of(String name, BenchOptions options) {
    boolean quick = options.quick();
    return switch (name) {
      case "prefill" ->
          new Prefill(or(options.tokens(), quick ? List.of(128) : List.of(512, 2048)));
      case "decode" ->
          new Decode(
              one(options, quick ? 16 : 128),
              or(options.after(), quick ? List.of(64) : List.of(64, 1536)));
      case "serve" -> new Serve(options.streams(), one(options, quick ? 16 : 128));
      case "startup" -> new Startup();
      case "export" -> new Export();
      case "memory" -> new Memory(within(one(options, quick ? 128 : 1024), Memory.CACHE - 64));
      case "fidelity" ->
          new Fidelity(Math.ceilDiv(one(options, quick ? 255 : 4000), Fidelity.SCORED));
      case "checkpoint" -> new Checkpoint(quick);
      default ->
          throw new IllegalArgumentException(
              "there is no workload '%s'; allowed are %s, and peers"
                  .formatted(name, String.join(", ", NAMES)));
    };
  }

  private static List<Integer> or(List<Integer> asked, List<Integer> otherwise) {
    return asked.isEmpty() ? otherwise : asked;
  }

  private static int one(BenchOptions options, int otherwise) {
    if (options.tokens().size() > 1) {
      throw new IllegalArgumentException(
          "--tokens has %d sizes; only prefill takes more than one"
              .formatted(options.tokens().size()));
    }
    return Stream.concat(options.tokens().stream(), Stream.of(otherwise)).findFirst().orElseThrow();
  }

  private static int within(int tokens, int most) {
    if (tokens > most) {
      throw new IllegalArgumentException(
          "--tokens is %d; allowed for memory are 1 to %d".formatted(tokens, most));
    }
    return tokens;
  }
}
