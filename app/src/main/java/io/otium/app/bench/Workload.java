package io.otium.app.bench;

import java.util.List;
import java.util.Locale;
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
    EXPORT("nats", Better.LOWER, false);

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

  default String unit() {
    return kind().unit;
  }

  default Better better() {
    return kind().better;
  }

  /** Precisions of Otium's weights that the workload is about, unless others are asked for. */
  default List<String> weights() {
    return kind().fourBitsToo ? List.of("int8", "int4") : List.of("int8");
  }

  /** Tokens a second through a prompt that nothing is cached of, its first token included. */
  record Prefill(List<Integer> tokens) implements Workload {
    @Override
    public Kind kind() {
      return Kind.PREFILL;
    }
  }

  /** Tokens a second of one answer, after a prompt of some length. */
  record Decode(int tokens, List<Integer> after) implements Workload {
    @Override
    public Kind kind() {
      return Kind.DECODE;
    }
  }

  /** Tokens a second of several answers at the same time, in all, over HTTP. */
  record Serve(int streams, int tokens) implements Workload {
    @Override
    public Kind kind() {
      return Kind.SERVE;
    }
  }

  /** A whole process of the command line, from its start through one token to its end. */
  record Startup() implements Workload {
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
  record Memory(int tokens) implements Workload {
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
  record Fidelity(int passages) implements Workload {
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
  }

  /**
   * The workload of a name, in the size that the options ask for.
   *
   * @throws IllegalArgumentException if there is none, or an option makes no sense for it
   */
  static Workload of(String name, BenchOptions options) {
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
