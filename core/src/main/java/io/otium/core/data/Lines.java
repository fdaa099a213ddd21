package io.otium.core.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

/** The lines of a file as bytes, unzipped where its name ends in {@code .gz}. */
final class Lines {
  /** Hears of every line, without its line break; counted from 1. */
  interface Sink {
    void line(long number, byte[] bytes, int length);
  }

  private Lines() {}

  static InputStream open(Path path) throws IOException {
    InputStream in = Files.newInputStream(path);
    return path.toString().endsWith(".gz")
        ? new BufferedInputStream(new GZIPInputStream(in, 1 << 16), 1 << 16)
        : new BufferedInputStream(in, 1 << 16);
  }

  /**
   * @param file its name for messages
   * @throws DataException if the file cannot be read or unzipped
   */
  static void read(Path path, String file, Sink sink) {
    try (InputStream in = open(path)) {
      byte[] block = new byte[1 << 16];
      byte[] line = new byte[1 << 12];
      int length = 0;
      long number = 0;
      for (int read = in.read(block); read >= 0; read = in.read(block)) {
        int from = 0;
        for (int i = 0; i < read; i++) {
          if (block[i] == '\n') {
            line = append(line, length, block, from, i);
            sink.line(++number, line, withoutReturn(line, length + i - from));
            length = 0;
            from = i + 1;
          }
        }
        line = append(line, length, block, from, read);
        length += read - from;
      }
      if (length > 0) {
        sink.line(++number, line, withoutReturn(line, length));
      }
    } catch (IOException e) {
      throw new DataException(file + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static byte[] append(byte[] line, int length, byte[] block, int from, int to) {
    int needed = Math.addExact(length, to - from);
    byte[] wide =
        needed > line.length ? Arrays.copyOf(line, Math.max(needed, 2 * line.length)) : line;
    System.arraycopy(block, from, wide, length, to - from);
    return wide;
  }

  private static int withoutReturn(byte[] line, int length) {
    return length > 0 && line[length - 1] == '\r' ? length - 1 : length;
  }

  /** Where a line's content begins: after a byte order mark, which the first line may have. */
  static int start(long number, byte[] bytes, int length) {
    boolean marked =
        number == 1
            && length >= 3
            && bytes[0] == (byte) 0xef
            && bytes[1] == (byte) 0xbb
            && bytes[2] == (byte) 0xbf;
    return marked ? 3 : 0;
  }
}
