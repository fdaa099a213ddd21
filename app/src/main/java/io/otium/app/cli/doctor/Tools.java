package io.otium.app.cli.doctor;

import io.otium.lm.hub.ModelStore;
import io.otium.lm.hub.OtiumHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Models, browsers, and the peers that benchmarks compare with. */
public final class Tools {
  private static final List<String> BROWSERS =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");
  private static final List<String> LLAMA = List.of("llama-bench", "llama-server");
  private static final List<String> PYTHON = List.of("torch", "transformers", "openvino");

  private Tools() {}

  public static Finding models(Path home, String standard) {
    var facts = new Facts("models");
    var store = new ModelStore(new OtiumHome(home));
    var installed = facts.json.putArray("installed");
    List<String> ids = new ArrayList<>();
    store.list().forEach(model -> ids.add(model.id()));
    ids.forEach(installed::add);
    facts.line(ids.isEmpty() ? "none installed" : String.join(", ", ids));
    if (!ids.contains(standard)) {
      facts.weakness(
          "the default model is not installed; the first use will fetch it",
          "./otium pull " + standard);
    }
    for (String sentence : store.damaged()) {
      facts.failure(sentence, "./otium models rm ID, then ./otium pull it again");
    }
    return facts.found();
  }

  public static Finding browsers() {
    var facts = new Facts("browsers");
    List<String> found =
        BROWSERS.stream()
            .flatMap(name -> Facts.program(name).stream())
            .map(Path::toString)
            .distinct()
            .toList();
    found.forEach(facts.json.putArray("found")::add);
    facts.line(found.isEmpty() ? "no Chromium" : String.join(", ", found));
    if (found.isEmpty()) {
      facts.weakness(
          "no Chromium is installed; the console works in any browser, its tests need this one",
          "apt-get install chromium");
    }
    return facts.found();
  }

  public static Finding peers() {
    var facts = new Facts("peers");
    for (String name : LLAMA) {
      Optional<Path> path = Facts.program(name).or(() -> under(name));
      facts.json.put(name, path.map(Path::toString).orElse(null));
      facts.line("%s: %s", name, path.map(Path::toString).orElse("not here"));
    }
    Optional<Path> python = under("python3").or(() -> Facts.program("python3"));
    for (String library : PYTHON) {
      boolean here = python.isPresent() && has(python.get(), library);
      facts.json.put(library, here);
      facts.line("%s (Python): %s", library, here ? "here" : "not here");
    }
    return facts.found();
  }

  /** A program below the folder that benchmarks install peers into. */
  private static Optional<Path> under(String name) {
    String folder = System.getenv().getOrDefault("OTIUM_PEERS", "");
    if (folder.isBlank()) return Optional.empty();
    try (Stream<Path> paths =
        Files.find(
            Path.of(folder),
            7,
            (path, what) ->
                path.getFileName().toString().equals(name) && Files.isExecutable(path))) {
      return paths.findFirst();
    } catch (IOException | java.io.UncheckedIOException e) {
      return Optional.empty();
    }
  }

  /** Looks for the library's folder beside the interpreter: asking Python takes seconds. */
  private static boolean has(Path python, String library) {
    Path lib = python.toAbsolutePath().resolve("../../lib").normalize();
    try (Stream<Path> versions = Files.list(lib)) {
      return versions
          .filter(folder -> folder.getFileName().toString().startsWith("python3"))
          .flatMap(folder -> Stream.of("site-packages", "dist-packages").map(folder::resolve))
          .anyMatch(packages -> Files.isDirectory(packages.resolve(library)));
    } catch (IOException e) {
      return false;
    }
  }
}
