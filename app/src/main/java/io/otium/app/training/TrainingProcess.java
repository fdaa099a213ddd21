package io.otium.app.training;

import io.otium.lm.hub.OtiumHome;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A training run in a JVM of its own, at a lower priority than this one. It lives no longer than
 * this process: the pipe to its standard input closes with it.
 */
public final class TrainingProcess {
  /** The verb of the command line that does the work. */
  public static final String VERB = "train-job";

  /** What it says on its streams, in the run's folder. */
  static final String OUTPUT = "process.log";

  private static final String MAIN = "io.otium.app.cli.Main";

  private TrainingProcess() {}

  /** Starts the process of a run that is in the queue. */
  static Process start(OtiumHome home, String run, Path folder) throws IOException {
    List<String> command = new ArrayList<>();
    nice().ifPresent(path -> command.addAll(List.of(path.toString(), "-n", "10")));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // As this JVM was started, but for what belongs to its own terminal.
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> !argument.matches("-Dotium\\.(stderr|terminals)=.*|-agentlib:.*"))
        .forEach(command::add);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), MAIN, VERB, run));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("OTIUM_HOME", home.root().toString());
    builder.environment().remove("OTIUM_API_KEY");
    builder.redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve(OUTPUT).toFile()));
    return builder.start();
  }

  /** Unix's command that starts another one at a lower priority. */
  private static Optional<Path> nice() {
    String path = System.getenv().getOrDefault("PATH", "");
    return Arrays.stream(path.split(File.pathSeparator))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, "nice"))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
