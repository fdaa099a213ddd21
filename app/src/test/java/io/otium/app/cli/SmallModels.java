package io.otium.app.cli;

import java.nio.file.Path;

/** The models of some thousand weights that {@code lm} tests with. */
public final class SmallModels {
  private SmallModels() {}

  /** A folder with {@code config.json}, safetensors and, for most, {@code model.gguf}. */
  public static Path folder(String name) {
    return Path.of("..", "lm", "src", "test", "resources", "models", name)
        .toAbsolutePath()
        .normalize();
  }
}
