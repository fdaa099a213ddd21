package io.otium.core.checkpoint;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * One run writes a folder at a time. The system drops the lock of a process that dies; the empty
 * file stays, because deleting it would let two in.
 */
final class FolderLock implements AutoCloseable {
  private final FileChannel channel;

  private FolderLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * @throws CheckpointException if the folder cannot be written, or is locked
   */
  static FolderLock take(Path folder) {
    FileChannel channel = null;
    try {
      Files.createDirectories(folder);
      channel =
          FileChannel.open(
              folder.resolve(CheckpointFolder.LOCK),
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE);
      if (tryLock(channel) == null) {
        channel.close();
        throw new CheckpointException(
            folder + " is in use: another run writes its checkpoints there");
      }
      return new FolderLock(channel);
    } catch (IOException e) {
      throw new CheckpointException(
          "the checkpoint folder "
              + folder
              + " cannot be written: "
              + e.getClass().getSimpleName()
              + " "
              + CheckpointException.reason(e),
          e);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException sameProcess) {
      return null;
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new CheckpointException("the lock cannot be released: " + e.getMessage(), e);
    }
  }
}
