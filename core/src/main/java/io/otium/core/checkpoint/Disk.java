package io.otium.core.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Where files are written; tests put a disk in its place that fills up. */
interface Disk {
  /** Ending of a file that is not whole yet. */
  String PART = ".part";

  /** A file open for writing. */
  interface Sink extends AutoCloseable {
    void write(ByteBuffer bytes, long offset) throws IOException;

    /** Returns when what was written is on the medium. */
    void force() throws IOException;

    @Override
    void close() throws IOException;
  }

  /** Makes an empty file, or empties one. */
  Sink create(Path file) throws IOException;

  /** Replaces a small file at once: a reader sees the old one or the new one, whole. */
  default void writeWhole(Path file, String text, boolean fsync) throws IOException {
    Path part = part(file);
    try {
      try (Sink sink = create(part)) {
        sink.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), 0);
        if (fsync) {
          sink.force();
        }
      }
      rename(part, file, fsync);
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(part);
      throw e;
    }
  }

  static Path part(Path file) {
    return file.resolveSibling(file.getFileName() + PART);
  }

  static void rename(Path part, Path file, boolean fsync) throws IOException {
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    if (fsync) {
      forceFolder(file);
    }
  }

  /** So that a rename survives a power cut too; not every system can open a folder. */
  private static void forceFolder(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      return;
    }
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException unsupported) {
      // The file itself is safe.
    }
  }

  /** Whether a failure says that the disk is full. */
  static boolean isFull(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage());
      if (cause instanceof IOException
          && (message.contains("No space left") || message.contains("quota exceeded"))) {
        return true;
      }
    }
    return false;
  }
}
