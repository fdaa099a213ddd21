package io.otium.app.cli.doctor;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A {@link Finding} while it is being made, and how files of the system are read. */
final class Facts {
  private final String part;
  private final List<String> lines = new ArrayList<>();
  private final List<Finding.Problem> problems = new ArrayList<>();
  final ObjectNode json = JsonNodeFactory.instance.objectNode();

  Facts(String part) {
    this.part = part;
  }

  @SuppressWarnings("AnnotateFormatMethod") // Error Prone's annotations are no dependency of ours
  void line(String format, Object... values) {
    lines.add(format.formatted(values));
  }

  /** Otium works, but not as well as it could. */
  void weakness(String what, String fix) {
    problems.add(new Finding.Problem(what, fix, false));
  }

  /** Something does not work. */
  void failure(String what, String fix) {
    problems.add(new Finding.Problem(what, fix, true));
  }

  Finding found() {
    return new Finding(part, lines, json, problems);
  }

  /** A small file's text, or nothing where the system has no such file. */
  static Optional<String> read(String path) {
    try {
      return Optional.of(Files.readString(Path.of(path)).strip());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** The value behind a name in lines of {@code name: value}. */
  static Optional<String> field(String path, String name) {
    return read(path)
        .flatMap(
            text ->
                text.lines()
                    .filter(line -> line.startsWith(name))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst());
  }

  /** A program on the PATH. */
  static Optional<Path> program(String name) {
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.of(path.split(java.io.File.pathSeparator))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
