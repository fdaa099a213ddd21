package io.otium.core.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The files of a run: whole or not there (atomic), except the metrics, which grow by lines. */
final class RunFiles {
  static final ObjectMapper MAPPER = new ObjectMapper();

  private RunFiles() {}

  /** Replaces a file at once: a reader sees the old or the new one, also after a crash. */
  static void write(Path file, JsonNode json) {
    Path part = file.resolveSibling(file.getFileName() + ".part");
    try {
      byte[] bytes =
          (MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n")
              .getBytes(StandardCharsets.UTF_8);
      Files.write(part, bytes);
      try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  /** A file's object; an {@link UncheckedIOException} where it is missing or no JSON object. */
  static ObjectNode read(Path file) {
    try {
      if (MAPPER.readTree(Files.readString(file)) instanceof ObjectNode object) {
        return object;
      }
      throw new IOException("not a JSON object");
    } catch (IOException e) {
      throw new UncheckedIOException(new IOException(file + " cannot be read: " + reason(e), e));
    }
  }

  /**
   * The whole lines of a metrics file. A process killed while it wrote leaves half a line at the
   * end, which is left out; a broken line elsewhere is, too, since what follows is still good.
   */
  static List<JsonNode> readLines(Path file) {
    List<JsonNode> lines = new ArrayList<>();
    if (!Files.exists(file)) {
      return lines;
    }
    try {
      // Not readAllLines: a kill can cut a UTF-8 character in two.
      String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
      for (String line : text.split("\n")) {
        JsonNode node = parse(line);
        if (node != null && node.isObject()) {
          lines.add(node);
        }
      }
      return lines;
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  /** Keeps the lines of a metrics file up to a step, and no half line at its end. */
  static void cut(Path file, long step) {
    StringBuilder kept = new StringBuilder();
    for (JsonNode line : readLines(file)) {
      if (line.path("step").asLong() <= step) kept.append(line).append('\n');
    }
    Path part = file.resolveSibling(file.getFileName() + ".part");
    try {
      Files.writeString(part, kept);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  private static @Nullable JsonNode parse(String line) {
    try {
      return MAPPER.readTree(line);
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  /** What went wrong while writing, in a sentence. */
  static UncheckedIOException failed(Path file, IOException e) {
    String message =
        isDiskFull(e)
            ? "the disk of " + file + " is full; free some space or set OTIUM_HOME elsewhere"
            : file + " cannot be written: " + reason(e);
    return new UncheckedIOException(message, e);
  }

  static boolean isDiskFull(IOException e) {
    String message = String.valueOf(e.getMessage());
    return message.contains("No space left") || message.contains("quota exceeded");
  }

  private static String reason(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
