package io.otium.lm.format;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Maps whole files into memory, read-only. */
final class Mapping {
  private Mapping() {}

  static MemorySegment of(Path path, Arena arena) throws IOException {
    if (!Files.isRegularFile(path)) {
      throw new FormatException(path, Files.exists(path) ? "is no regular file" : "does not exist");
    }
    try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
    } catch (NoSuchFileException e) {
      throw new FormatException(path, "does not exist", e);
    }
  }
}
