package io.otium.lm.format;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** Writes a file whole or not at all: whoever reads the target sees the old or the new one. */
final class AtomicFile {
  private AtomicFile() {}

  interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Writes beside the target, forces it to the disk, then renames.
   *
   * @throws FormatException if the disk is full
   */
  static void write(Path target, Content content) throws IOException {
    Path folder = target.toAbsolutePath().getParent();
    if (folder == null) throw new FormatException(target, "is no file that can be written");
    Files.createDirectories(folder);
    Path part = folder.resolve("." + target.getFileName() + "." + UUID.randomUUID() + ".part");
    try {
      try (var channel =
          FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        var out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
        content.writeTo(out);
        out.flush();
        channel.force(true);
      }
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      if (!isDiskFull(e)) throw e;
      throw new FormatException(
          target, "the disk is full, so the file was not written; free some space in " + folder, e);
    } finally {
      Files.deleteIfExists(part);
    }
    forceFolder(folder);
  }

  /** So that the rename survives a power cut too; not every system can open a folder. */
  private static void forceFolder(Path folder) {
    try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException unsupported) {
      // the file itself is safe
    }
  }

  private static boolean isDiskFull(IOException e) {
    String message = String.valueOf(e.getMessage());
    return message.contains("No space left") || message.contains("Disk quota exceeded");
  }
}
