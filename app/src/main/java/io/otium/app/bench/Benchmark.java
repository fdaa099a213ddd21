package io.otium.app.bench;

import io.otium.core.data.DataCatalogue;
import io.otium.core.run.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** One benchmark, checked before anything is loaded or started. */
public final class Benchmark {
  private final List<Workload> workloads;
  private final BenchOptions options;
  private final PeersFolder folder;
  private final List<Contestant> contestants = new ArrayList<>();

  /**
   * @param name of the workload
   * @throws IllegalArgumentException if there is no such workload, or an option makes no sense
   */
  public Benchmark(String name, BenchOptions options, PeersFolder folder) {
    this.workloads = Workload.all(name, options);
    this.options = options;
    this.folder = folder;
    options.weights().forEach(this::requirePrecision);
    contestants.add(new Otium());
    contestants.addAll(Peers.named(folder, options.against()));
  }

  private void requirePrecision(String weights) {
    List<String> allowed = workloads.getFirst().precisions();
    if (!allowed.contains(weights)) {
      throw new IllegalArgumentException(
          "--weights has '%s'; allowed are %s".formatted(weights, String.join(", ", allowed)));
    }
  }

  /**
   * Measures.
   *
   * @param model the model's name, for people
   * @param source its GGUF file or its folder
   * @param home Otium's folder
   * @param version Otium's
   * @param progress hears what is being done, a line at a time
   * @throws BenchException if Otium itself cannot be measured
   */
  public BenchReport run(
      String model, Path source, Path home, String version, Consumer<String> progress)
      throws IOException {
    Load.warning(Load.now(), Machine.here().cores()).ifPresent(progress);
    var files = new SameWeights(source, folder, progress);
    List<BenchReport> reports = new ArrayList<>();
    for (Workload workload : workloads) {
      var setting =
          new Setting(
              model,
              files,
              options.weights().isEmpty() ? workload.weights() : options.weights(),
              options.effectiveThreads(),
              options.quick(),
              home,
              version,
              this::text,
              progress);
      // The same text gives the same divergence every time, the same batches the same losses.
      int rounds = workload.isExact() ? 1 : options.effectiveRounds();
      reports.add(new Contest(workload, setting).run(contestants, rounds));
    }
    return BenchReport.joined(reports);
  }

  /** The text's beginning, in a file that is gone with this process. */
  private Path text(int characters) throws IOException {
    Path whole =
        options.text().isEmpty()
            ? DataCatalogue.here().file("wiki-sentences", "all_wiki_sents.txt")
            : Path.of(options.text());
    if (!Files.isRegularFile(whole)) {
      throw new IllegalArgumentException("--text is %s, which is no file".formatted(whole));
    }
    Path beginning = Files.createTempFile("otium-", ".txt");
    beginning.toFile().deleteOnExit();
    char[] read = new char[characters];
    try (var reader = Files.newBufferedReader(whole)) {
      int count = Math.max(0, reader.read(read));
      return Files.writeString(beginning, new String(read, 0, count));
    }
  }
}
