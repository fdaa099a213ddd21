package io.otium.app.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A program and its arguments. What it starts ends with this process at the latest.
 *
 * @param environment variables besides those of this process
 */
record Command(List<String> words, Map<String, String> environment) {
  Command {
    words = List.copyOf(words);
    environment = Map.copyOf(environment);
  }

  static Command of(Path program, Object... arguments) {
    return new Command(List.of(program.toString()), Map.of()).with(arguments);
  }

  /** With more arguments; numbers and paths as they print. */
  Command with(Object... arguments) {
    List<String> all = new ArrayList<>(words);
    for (Object argument : arguments) all.add(String.valueOf(argument));
    return new Command(all, environment);
  }

  Command with(Collection<String> arguments) {
    return with(arguments.toArray());
  }

  Command withVariable(String name, String value) {
    Map<String, String> more = new HashMap<>(environment);
    more.put(name, value);
    return new Command(words, more);
  }

  /** The program's name, for sentences. */
  String name() {
    return Path.of(words.getFirst()).getFileName().toString();
  }

  /** What a program printed. */
  record Output(String out, String err) {
    String all() {
      return out + "\n" + err;
    }
  }

  /**
   * Runs the program to its end.
   *
   * @throws BenchException if it cannot be started or ends with another code than 0, with the last
   *     line it said
   */
  Output run() {
    Process process = start(builder());
    var end = new Thread(process::destroyForcibly, "end " + name());
    Runtime.getRuntime().addShutdownHook(end);
    try {
      process.getOutputStream().close();
      FutureTask<String> err = new FutureTask<>(() -> text(process.getErrorStream()));
      Thread.ofVirtual().start(err);
      String out = text(process.getInputStream());
      int code = process.waitFor();
      var output = new Output(out, err.get());
      if (code != 0) throw failed(code, output);
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ExecutionException e) {
      throw new BenchException(name() + " could not be listened to", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("the benchmark was interrupted");
    } finally {
      process.destroyForcibly();
      forget(end);
    }
  }

  ProcessBuilder builder() {
    var builder = new ProcessBuilder(words);
    builder.environment().putAll(environment);
    return builder;
  }

  Process start(ProcessBuilder builder) {
    try {
      return builder.start();
    } catch (IOException e) {
      throw new BenchException("%s cannot be started: %s".formatted(name(), e.getMessage()), e);
    }
  }

  /** Takes back a shutdown hook, unless it is running already. */
  static void forget(Thread hook) {
    try {
      boolean ignored = Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException ending) {
      // It does its work right now.
    }
  }

  private BenchException failed(int code, Output output) {
    String said = output.err().isBlank() ? output.out() : output.err();
    return new BenchException("%s ended with code %d: %s".formatted(name(), code, lastLine(said)));
  }

  /** The last line that says something, which is where programs put their reason. */
  static String lastLine(String text) {
    String line =
        text.lines().map(String::strip).filter(l -> !l.isEmpty()).reduce((a, b) -> b).orElse("");
    if (line.isEmpty()) return "it said nothing";
    return line.length() <= 300 ? line : line.substring(0, 299) + "…";
  }

  private static String text(InputStream in) throws IOException {
    return new String(in.readAllBytes(), StandardCharsets.UTF_8);
  }
}
