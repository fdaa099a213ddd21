package io.otium.lm.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code model.json} says of an installed model.
 *
 * @param id the folder's name, and what requests call the model
 * @param source the reference it was fetched by, in canonical spelling
 * @param revision commit or version fetched; empty for local files
 * @param licence SPDX id in lower case as the source gives it; empty if it gives none
 * @param format {@code gguf} or {@code safetensors}
 * @param created when the files were fetched
 */
public record ModelManifest(
    String id,
    String source,
    String revision,
    String licence,
    String format,
    Instant created,
    List<StoredFile> files) {
  static final String FILE = "model.json";

  public ModelManifest {
    files = List.copyOf(files);
  }

  /**
   * A file of the model.
   *
   * @param name relative to the model's folder
   * @param size in bytes
   * @param sha256 in hex
   */
  public record StoredFile(String name, long size, String sha256) {}

  /** Bytes of all files. */
  public long bytes() {
    return files.stream().mapToLong(StoredFile::size).sum();
  }

  static final JsonMapper JSON =
      JsonMapper.builder(
              com.fasterxml.jackson.core.JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(64)
                          .maxStringLength(1 << 20)
                          .build())
                  .build())
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  void write(Path folder) throws IOException {
    var root = JSON.createObjectNode();
    root.put("id", id).put("source", source).put("revision", revision);
    root.put("licence", licence).put("format", format).put("created", created.toString());
    var list = root.putArray("files");
    for (StoredFile file : files) {
      list.addObject()
          .put("name", file.name())
          .put("size", file.size())
          .put("sha256", file.sha256());
    }
    Path fresh = folder.resolve(FILE + ".new");
    Files.writeString(fresh, JSON.writeValueAsString(root) + "\n");
    Files.move(fresh, folder.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * Reads a folder's manifest.
   *
   * @throws PullException if there is none or it is damaged
   */
  static ModelManifest read(Path folder) {
    Path file = folder.resolve(FILE);
    try {
      if (Files.size(file) > 16 << 20) {
        throw new PullException(file + " is too large to be a manifest; remove the model");
      }
      JsonNode root = JSON.readTree(file.toFile());
      List<StoredFile> files = new ArrayList<>();
      for (JsonNode entry : root.path("files")) {
        String name = text(entry, "name", file);
        SafeName.in(folder, name, file.toString());
        files.add(new StoredFile(name, entry.path("size").asLong(-1), text(entry, "sha256", file)));
      }
      return new ModelManifest(
          folder.getFileName().toString(),
          text(root, "source", file),
          text(root, "revision", file),
          text(root, "licence", file),
          text(root, "format", file),
          Instant.parse(text(root, "created", file)),
          files);
    } catch (JsonProcessingException | java.time.DateTimeException e) {
      throw new PullException(file + " is damaged; remove the model's folder and pull it again", e);
    } catch (IOException e) {
      throw new PullException(file + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static String text(JsonNode node, String key, Path file) {
    JsonNode value = node.path(key);
    if (!value.isTextual()) {
      throw new PullException(
          "%s has no text '%s'; remove the model's folder and pull it again".formatted(file, key));
    }
    return value.textValue();
  }
}
