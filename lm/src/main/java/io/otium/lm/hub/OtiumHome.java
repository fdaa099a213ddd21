package io.otium.lm.hub;

import java.nio.file.Path;
import java.util.Map;

/**
 * The folder where Otium keeps what outlives a process: {@code $OTIUM_HOME}, or {@code .otium} in
 * the user's home.
 */
public record OtiumHome(Path root) {
  public OtiumHome {
    root = root.toAbsolutePath().normalize();
  }

  public static OtiumHome fromEnvironment() {
    return from(System.getenv());
  }

  static OtiumHome from(Map<String, String> environment) {
    String chosen = environment.getOrDefault("OTIUM_HOME", "");
    return new OtiumHome(
        chosen.isBlank() ? userHome(environment).resolve(".otium") : Path.of(chosen));
  }

  /** The user's home: {@code $HOME} where set, so that a test or a container can move it. */
  static Path userHome(Map<String, String> environment) {
    String home = environment.getOrDefault("HOME", "");
    return Path.of(home.isBlank() ? System.getProperty("user.home") : home);
  }

  /** Installed models, one folder each. */
  public Path models() {
    return root.resolve("models");
  }

  /** Folders of runs. */
  public Path runs() {
    return root.resolve("runs");
  }

  /** Data files that were uploaded to a server, a folder each. */
  public Path files() {
    return root.resolve("files");
  }

  /** What may be deleted at any time and is made again: packed weights, kernel timings. */
  public Path cache() {
    return root.resolve("cache");
  }
}
