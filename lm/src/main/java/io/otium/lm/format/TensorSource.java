package io.otium.lm.format;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Named tensors in memory-mapped files. Closing it unmaps them; reading a tensor afterwards throws
 * {@link IllegalStateException}. Safe for use by many threads.
 */
public interface TensorSource extends AutoCloseable {
  /**
   * Opens a GGUF file, a safetensors file or index, or a directory with safetensors.
   *
   * @throws FormatException if it is none of these or is malformed
   */
  static TensorSource open(Path path) throws IOException {
    return !Files.isDirectory(path) && GgufFile.startsLikeOne(path)
        ? GgufFile.open(path)
        : SafetensorsFile.open(path);
  }

  /** What was opened. */
  Path path();

  /** Names of the tensors, in the order of the file. */
  Set<String> names();

  @Nullable TensorData get(String name);

  /**
   * The tensor of this name.
   *
   * @throws FormatException if there is none
   */
  default TensorData require(String name) throws FormatException {
    TensorData tensor = get(name);
    if (tensor == null) {
      throw new FormatException(
          path(), "has no tensor '" + name + "' among its " + names().size() + " tensors");
    }
    return tensor;
  }

  /** What the file says besides tensors. */
  Map<String, Object> metadata();

  /**
   * Reads every tensor once and checks that all numbers are finite.
   *
   * @throws FormatException with the first tensor and element that is not
   */
  default void validate() throws FormatException {
    for (String name : names()) {
      try {
        require(name).validate();
      } catch (FormatException e) {
        throw new FormatException(path(), String.valueOf(e.getMessage()), e);
      }
    }
  }

  @Override
  void close();
}
