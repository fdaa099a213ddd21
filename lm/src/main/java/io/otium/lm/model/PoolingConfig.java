package io.otium.lm.model;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** Reads how an encoder's states become one vector, as sentence-transformers and GGUF write it. */
final class PoolingConfig {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Steps of sentence-transformers that come to what Otium does: vectors have length 1 anyway. */
  private static final Set<String> KNOWN = Set.of("Transformer", "Pooling", "Normalize");

  private PoolingConfig() {}

  static Pooling read(Path folder) throws IOException {
    for (JsonNode module : parse(folder.resolve("modules.json"))) {
      String type = module.path("type").asText();
      if (!KNOWN.contains(type.substring(type.lastIndexOf('.') + 1))) {
        throw new IllegalArgumentException(
            "modules.json asks for a step '%s' after the encoder; only pooling and normalising are supported"
                .formatted(Fields.shown(type)));
      }
    }
    JsonNode config = parse(folder.resolve("1_Pooling").resolve("config.json"));
    Set<Pooling> asked = EnumSet.noneOf(Pooling.class);
    if (config.has("pooling_mode")) {
      asked.add(kind(config.path("pooling_mode").asText()));
    }
    config
        .properties()
        .forEach(
            entry -> {
              String key = entry.getKey();
              if (key.startsWith("pooling_mode_") && entry.getValue().asBoolean()) {
                asked.add(kind(key.substring("pooling_mode_".length())));
              }
            });
    if (asked.size() > 1) {
      throw new IllegalArgumentException(
          "1_Pooling/config.json asks for %s together; only one of them is supported"
              .formatted(asked));
    }
    return asked.isEmpty() ? Pooling.MEAN : asked.iterator().next();
  }

  private static Pooling kind(String name) {
    return switch (name) {
      // At length 1, a mean over the root of the count is the mean.
      case "mean", "mean_tokens", "mean_sqrt_len_tokens" -> Pooling.MEAN;
      case "cls", "cls_token" -> Pooling.CLS;
      case "lasttoken" -> Pooling.LAST;
      default -> throw Fields.refused("pooling_mode", name, "one of mean, cls, lasttoken");
    };
  }

  /** A small file's JSON; an empty object where there is no such file. */
  private static JsonNode parse(Path file) throws IOException {
    if (!Files.exists(file)) {
      return JSON.createObjectNode();
    }
    try {
      return JSON.readTree(file.toFile());
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          file.getFileName() + " is not JSON: " + e.getOriginalMessage(), e);
    }
  }

  static Pooling read(Map<String, ?> metadata) {
    Object architecture = metadata.get("general.architecture");
    return switch (new Fields(metadata).integer(architecture + ".pooling_type", 0, 100, 0)) {
      case 0, 1 -> Pooling.MEAN;
      case 2 -> Pooling.CLS;
      case 3 -> Pooling.LAST;
      default ->
          throw new IllegalArgumentException(
              "the file's pooling_type is none that gives a vector (a reranker's?); allowed are 0"
                  + " to 3");
    };
  }
}
