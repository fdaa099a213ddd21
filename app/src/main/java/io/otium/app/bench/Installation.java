package io.otium.app.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;

/** Runs the steps of an installation, with what they print in a log beside what they make. */
final class Installation {
  private final PeersFolder folder;
  private final Consumer<String> progress;

  Installation(PeersFolder folder, Consumer<String> progress) throws IOException {
    this.folder = folder;
    this.progress = progress;
    Files.createDirectories(folder.root());
  }

  /** The Python environment of the peers, made if it is not there, with more packages. */
  void python(String... packages) throws IOException {
    if (!Files.isExecutable(folder.python())) {
      run(
          "making a Python environment",
          Command.of(Path.of("python3"), "-m", "venv", folder.root().resolve("venv")));
    }
    run(
        "installing " + String.join(", ", packages),
        Command.of(folder.python(), "-m", "pip", "install").with((Object[]) packages));
  }

  /**
   * Runs one step to its end.
   *
   * @param what it does, for people
   * @throws BenchException if it fails, with the last line it said and its log
   */
  void run(String what, Command command) throws IOException {
    Path log = folder.root().resolve("install.log");
    progress.accept("%s (log: %s)".formatted(what, log));
    Process process =
        command.start(command.builder().redirectErrorStream(true).redirectOutput(log.toFile()));
    var end = new Thread(process::destroyForcibly, "end " + command.name());
    Runtime.getRuntime().addShutdownHook(end);
    try {
      process.getOutputStream().close();
      int code = process.waitFor();
      if (code != 0) {
        throw new BenchException(
            "%s failed: %s (log: %s)"
                .formatted(what, Command.lastLine(Files.readString(log)), log));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("the installation was interrupted");
    } finally {
      process.destroyForcibly();
      Command.forget(end);
    }
  }
}
