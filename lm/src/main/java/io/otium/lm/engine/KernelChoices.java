package io.otium.lm.engine;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.otium.core.torch.LibTorch;
import io.otium.core.torch.Processor;
import io.otium.lm.engine.kernel.TileMatrix;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The wide kernels that were chosen by measurement, kept in a folder: to measure takes seconds, and
 * the outcome stays the same while the processor, libtorch, the model's shapes and Otium's kernels
 * do. What was measured while others used the machine is not kept. A file of it that cannot be read
 * counts as none.
 */
final class KernelChoices {
  /** Changes whenever a kernel does, or how kernels are timed. */
  private static final int VERSION = 2;

  private static final String ENDING = ".json";

  private static final Logger LOG = LoggerFactory.getLogger(KernelChoices.class);
  private static final JsonMapper JSON = new JsonMapper();

  private final @Nullable Path folder;
  private final BooleanSupplier busy;

  /**
   * @param folder null to measure each time
   */
  KernelChoices(@Nullable Path folder) {
    this(folder, KernelChoices::othersUseTheMachine);
  }

  /**
   * @param busy whether a measurement made now is not worth keeping
   */
  KernelChoices(@Nullable Path folder, BooleanSupplier busy) {
    this.folder = folder;
    this.busy = busy;
  }

  /** More want to run than there are processors: far more than a start by itself. */
  private static boolean othersUseTheMachine() {
    var system = ManagementFactory.getOperatingSystemMXBean();
    return system.getSystemLoadAverage() > system.getAvailableProcessors();
  }

  /**
   * What was chosen, and when; so it is kept.
   *
   * @param depends what the choice depends on
   * @param milliseconds of the kinds that were timed
   * @param measured in ISO 8601
   */
  record Kept(
      String depends,
      WideKernels.Kind kind,
      int fromRows,
      Map<WideKernels.Kind, Double> milliseconds,
      String measured) {
    Kept {
      Objects.requireNonNull(depends);
      Objects.requireNonNull(kind);
      if (fromRows < 2) throw new IllegalArgumentException("fromRows is " + fromRows);
      milliseconds = Map.copyOf(milliseconds);
      measured = Instant.parse(measured).toString();
    }

    WideKernels.Choice choice() {
      return new WideKernels.Choice(kind, fromRows, milliseconds);
    }

    LongPromptKernel kernel() {
      Map<String, Double> byName = new TreeMap<>();
      milliseconds.forEach((timed, value) -> byName.put(timed.id(), value));
      return new LongPromptKernel(kind.id(), fromRows, byName, Instant.parse(measured));
    }
  }

  /** What was chosen for these weights, or is chosen now. */
  Kept choose(EngineWeights weights, int threads) {
    String depends = depends(weights, threads);
    Path known = folder;
    if (known == null) return measure(weights, depends);
    Path file =
        known.resolve(UUID.nameUUIDFromBytes(depends.getBytes(StandardCharsets.UTF_8)) + ENDING);
    Kept kept = read(file);
    if (kept != null && kept.depends().equals(depends)) return kept;
    boolean disturbed = busy.getAsBoolean();
    Kept fresh = measure(weights, depends);
    if (disturbed) {
      LOG.info("other programs use the processor, so kernels are measured again at the next start");
      return fresh;
    }
    try {
      write(known, file, fresh);
    } catch (IOException full) {
      LOG.warn("kernels are measured again at the next start, not kept: {}", full.toString());
    }
    return fresh;
  }

  /** Has every choice made anew when it is next needed. */
  void forget() throws IOException {
    Path known = folder;
    if (known == null || !Files.isDirectory(known)) return;
    List<Path> files;
    try (var all = Files.list(known)) {
      files = all.filter(file -> file.toString().endsWith(ENDING)).toList();
    }
    for (Path file : files) Files.deleteIfExists(file);
  }

  private static Kept measure(EngineWeights weights, String depends) {
    WideKernels.Choice choice = WideKernels.choose(weights);
    Map<WideKernels.Kind, Double> rounded = new EnumMap<>(WideKernels.Kind.class);
    choice
        .milliseconds()
        .forEach((kind, value) -> rounded.put(kind, Math.round(value * 1000) / 1000.0));
    String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    return new Kept(depends, choice.kind(), choice.fromRows(), rounded, now);
  }

  private static String depends(EngineWeights weights, int threads) {
    var shapes =
        weights
            .linears()
            .map(Linear::tiles)
            .map(tiles -> tiles.precision().id() + " " + tiles.outputs() + "x" + tiles.inputs())
            .collect(Collectors.groupingBy(shape -> shape, TreeMap::new, Collectors.counting()));
    TileMatrix first = weights.layers().getFirst().gateUp().tiles();
    return "version %d, %s, Java %s with %d bits, libtorch %s, %d threads, %s for %s"
        .formatted(
            VERSION,
            Processor.description(),
            Runtime.version(),
            FloatVector.SPECIES_PREFERRED.vectorBitSize(),
            LibTorch.version(),
            threads,
            WideKernels.candidates(first.precision()),
            shapes);
  }

  private static @Nullable Kept read(Path file) {
    try {
      return JSON.readValue(Files.readAllBytes(file), Kept.class);
    } catch (IOException none) {
      return null;
    }
  }

  /** To a file beside it first, so that nobody sees half of it. */
  private static void write(Path folder, Path file, Kept kept) throws IOException {
    Files.createDirectories(folder);
    Path part = Files.createTempFile(folder, "choice", ".part");
    Files.write(part, JSON.writeValueAsBytes(kept));
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
