package io.otium.lm.model;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The small models of the test resources, for this module's tests and, by the test jar, others'.
 */
public final class TestModels {
  private static final List<String> FILES =
      List.of(
          "config.json",
          "expected.json",
          "model.gguf",
          "model.safetensors",
          "tokenizer.json",
          "tokenizer_config.json");

  private TestModels() {}

  /**
   * A trained Llama of 95,000 weights with tokenizer and ChatML template. To {@code Hello!} it
   * answers {@code Hello! How can I help you today?}; see {@code expected.json} for more.
   */
  public static Path tinyChat() {
    return folder("tiny-chat");
  }

  /** The folder of one of {@code models/README.md}'s models; a copy where they are in a jar. */
  public static Path folder(String name) {
    URL config = TestModels.class.getResource("/models/" + name + "/config.json");
    if (config == null) {
      throw new IllegalArgumentException("there is no test model '" + name + "'");
    }
    try {
      return config.getProtocol().equals("file")
          ? Path.of(URI.create(config.toString())).resolveSibling("")
          : extracted(name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path extracted(String name) throws IOException {
    Path folder = Files.createTempDirectory("otium-test-" + name);
    folder.toFile().deleteOnExit();
    for (String file : FILES) {
      try (InputStream in = TestModels.class.getResourceAsStream("/models/" + name + "/" + file)) {
        if (in != null) {
          Files.copy(in, folder.resolve(file));
          folder.resolve(file).toFile().deleteOnExit();
        }
      }
    }
    return folder;
  }
}
