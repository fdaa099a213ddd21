package io.otium.app.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The folder of what benchmarks compare with, outside the repository:
 *
 * <pre>
 * venv/       a Python environment with torch, transformers, peft, trl and openvino
 * lcp/        the source distribution of llama-cpp-python, with llama.cpp's sources
 * llama/bin/  llama.cpp, built from them
 * jlama/lib/  Jlama's jars
 * models/     models in each system's own form, made once from the same numbers
 * </pre>
 */
public record PeersFolder(Path root) {
  public PeersFolder {
    root = root.toAbsolutePath().normalize();
  }

  /**
   * The folder that was named, by the option or by {@code OTIUM_PEERS}, or Otium's own.
   *
   * @param named empty for none
   * @param home Otium's folder
   */
  public static PeersFolder of(String named, Map<String, String> environment, Path home) {
    String variable = environment.getOrDefault("OTIUM_PEERS", "");
    if (!named.isBlank()) return new PeersFolder(Path.of(named));
    return new PeersFolder(variable.isBlank() ? home.resolve("peers") : Path.of(variable));
  }

  /** A program of llama.cpp, such as {@code llama-bench}. */
  public Optional<Path> llama(String program) {
    return Optional.of(llamaBuild().resolve("bin").resolve(program)).filter(Files::isExecutable);
  }

  Path llamaBuild() {
    return root.resolve("llama");
  }

  /** The source distribution, unpacked. */
  Path llamaSource() {
    return root.resolve("lcp");
  }

  /** The interpreter of the Python peers, whether it is there or not. */
  public Path python() {
    return root.resolve("venv/bin/python");
  }

  /** Whether a Python library is there. Looks for its folder: asking Python takes seconds. */
  public boolean hasPython(String library) {
    return Files.isExecutable(python())
        && sitePackages().stream().anyMatch(folder -> Files.isDirectory(folder.resolve(library)));
  }

  /** The version of an installed Python distribution. */
  Optional<String> pythonVersion(String distribution) {
    String prefix = distribution.replace('-', '_') + "-";
    return sitePackages().stream()
        .flatMap(folder -> list(folder).stream())
        .map(path -> path.getFileName().toString())
        .filter(name -> name.startsWith(prefix) && name.endsWith(".dist-info"))
        .map(name -> name.substring(prefix.length(), name.length() - ".dist-info".length()))
        .findFirst();
  }

  /** Names and versions of several, for a row. */
  String pythonVersions(String... distributions) {
    return Arrays.stream(distributions)
        .map(name -> name + " " + pythonVersion(name).orElse("unknown"))
        .collect(Collectors.joining(", "));
  }

  private List<Path> sitePackages() {
    return list(root.resolve("venv/lib")).stream()
        .map(folder -> folder.resolve("site-packages"))
        .filter(Files::isDirectory)
        .toList();
  }

  Path jlama() {
    return root.resolve("jlama");
  }

  Path models() {
    return root.resolve("models");
  }

  /** What a folder holds, by name; nothing if it is not there. */
  static List<Path> list(Path folder) {
    if (!Files.isDirectory(folder)) return List.of();
    try (Stream<Path> paths = Files.list(folder)) {
      return paths.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be read", e);
    }
  }
}
