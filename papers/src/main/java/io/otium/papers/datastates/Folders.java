package io.otium.papers.datastates;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Scratch folders of an experiment. */
final class Folders {
  private Folders() {}

  /** Deletes a folder of files. */
  static void delete(Path folder) {
    try (Stream<Path> files = Files.exists(folder) ? Files.list(folder) : Stream.empty()) {
      List<Path> all = files.toList();
      for (Path file : all) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be deleted: " + e.getMessage(), e);
    }
  }
}
