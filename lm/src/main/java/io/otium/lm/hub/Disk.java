package io.otium.lm.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/** Where files are written; an interface so that tests can fill it. */
interface Disk {
  /** The machine's own. */
  Disk REAL =
      new Disk() {
        @Override
        public long usableBytes(Path folder) throws IOException {
          return Files.getFileStore(folder).getUsableSpace();
        }

        @Override
        public Sink open(Path file) throws IOException {
          FileChannel channel =
              FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          return new Sink() {
            @Override
            public void write(ByteBuffer bytes, long position) throws IOException {
              long at = position;
              while (bytes.hasRemaining()) {
                at += channel.write(bytes, at);
              }
            }

            @Override
            public void truncate(long size) throws IOException {
              channel.truncate(size);
            }

            @Override
            public void close() throws IOException {
              channel.force(true);
              channel.close();
            }
          };
        }
      };

  /** A file open for writing; safe for several threads that write different places. */
  interface Sink extends AutoCloseable {
    void write(ByteBuffer bytes, long position) throws IOException;

    void truncate(long size) throws IOException;

    @Override
    void close() throws IOException;
  }

  long usableBytes(Path folder) throws IOException;

  /** Opens a file for writing, made if missing, its bytes kept. */
  Sink open(Path file) throws IOException;

  /**
   * Makes sure that so much fits.
   *
   * @throws PullException if it does not
   */
  default void require(Path folder, long bytes) throws IOException {
    long usable = usableBytes(folder);
    if (usable < bytes) {
      throw new PullException(
          "The disk of %s has %s free and %s are needed; free some space, or set OTIUM_HOME to a folder on another disk"
              .formatted(folder, size(usable), size(bytes)));
    }
  }

  /**
   * Copies a stream to a fresh file.
   *
   * @param progress hears how many bytes are written
   */
  default void copy(InputStream from, Path to, java.util.function.LongConsumer progress)
      throws IOException {
    byte[] buffer = new byte[1 << 17];
    long position = 0;
    try (Sink sink = open(to)) {
      sink.truncate(0);
      for (int n; (n = from.read(buffer)) >= 0; ) {
        sink.write(ByteBuffer.wrap(buffer, 0, n), position);
        position += n;
        progress.accept(position);
      }
    }
  }

  /** What went wrong while writing, as a sentence. */
  static PullException failure(Path file, IOException error) {
    String reason = String.valueOf(error.getMessage());
    String lower = reason.toLowerCase(Locale.ROOT);
    if (isFull(error)) {
      return new PullException(
          "The disk of %s became full; free some space and pull again, what has arrived is kept"
              .formatted(file),
          error);
    }
    if (lower.contains("read-only") || error instanceof java.nio.file.AccessDeniedException) {
      return new PullException(
          "%s cannot be written; set OTIUM_HOME to a folder that is yours".formatted(file), error);
    }
    return new PullException("%s cannot be written: %s".formatted(file, reason), error);
  }

  /** Whether an error says that there is no space left. */
  static boolean isFull(IOException error) {
    String lower = String.valueOf(error.getMessage()).toLowerCase(Locale.ROOT);
    return lower.contains("no space left")
        || lower.contains("not enough space")
        || lower.contains("quota exceeded");
  }

  /** Bytes as people say them: {@code 93.8 MB}. */
  static String size(long bytes) {
    if (bytes < 1000) {
      return bytes + " bytes";
    }
    double value = bytes;
    int unit = -1;
    while (value >= 999.95 && unit < 4) {
      value /= 1000;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %s", value, "kB MB GB TB PB".split(" ")[unit]);
  }
}
