package io.otium.lm.model;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.otium.lm.format.SafetensorsFile;
import io.otium.lm.format.SafetensorsWriter;
import io.otium.lm.format.TensorData;
import io.otium.lm.format.TensorSource;
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

  /**
   * A model of another family that can chat, if not sensibly: that of {@link #folder}, with as many
   * rows of embeddings as {@link #tinyChat}'s tokenizer has tokens, and that tokenizer.
   *
   * @param target an empty folder or none
   */
  public static Path withChat(String name, Path target) throws IOException {
    Files.createDirectories(target);
    for (String file : List.of("tokenizer.json", "tokenizer_config.json")) {
      Files.copy(tinyChat().resolve(file), target.resolve(file));
    }
    int tokens = 320;
    var mapper = new ObjectMapper();
    var config = (ObjectNode) mapper.readTree(folder(name).resolve("config.json").toFile());
    int own = config.path("vocab_size").asInt();
    config.put("vocab_size", tokens);
    Files.writeString(target.resolve("config.json"), config.toString());
    try (TensorSource source = SafetensorsFile.open(folder(name))) {
      var writer = new SafetensorsWriter();
      for (String tensor : source.names()) {
        TensorData data = source.require(tensor);
        if (data.shape()[0] != own) {
          writer.tensor(data);
          continue;
        }
        int columns = (int) data.shape()[1];
        float[] rows = data.floats();
        float[] more = new float[tokens * columns];
        for (int i = 0; i < more.length; i++) {
          more[i] = rows[i % rows.length] * (1 + i / rows.length * 0.1f);
        }
        writer.tensor(TensorData.of(tensor, new long[] {tokens, columns}, more));
      }
      writer.write(target.resolve("model.safetensors"));
    }
    return target;
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
