package io.otium.lm.format;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A whole file in memory, read-only, until its arena is closed. */
record Mapping(Arena arena, MemorySegment segment) {
  static Mapping of(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      throw new FormatException(path, "is a directory where a model file is needed");
    }
    var arena = Arena.ofShared();
    try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long size = channel.size();
      return new Mapping(arena, channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena));
    } catch (NoSuchFileException e) {
      arena.close();
      throw new FormatException(path, "does not exist", e);
    } catch (Throwable e) {
      arena.close();
      throw e;
    }
  }
}
