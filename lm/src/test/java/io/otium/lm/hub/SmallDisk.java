package io.otium.lm.hub;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** A disk that has room for so many bytes. */
final class SmallDisk implements Disk {
  /** What it says is free. */
  long reported;

  private long free;

  SmallDisk(long free) {
    this.free = free;
    this.reported = free;
  }

  /** Makes room. */
  void free(long bytes) {
    free = bytes;
    reported = bytes;
  }

  @Override
  public long usableBytes(Path folder) {
    return reported;
  }

  @Override
  public Sink open(Path file) throws IOException {
    Sink real = Disk.REAL.open(file);
    return new Sink() {
      @Override
      public void write(ByteBuffer bytes, long position) throws IOException {
        synchronized (SmallDisk.this) {
          if (bytes.remaining() > free) {
            throw new IOException("No space left on device");
          }
          free -= bytes.remaining();
        }
        real.write(bytes, position);
      }

      @Override
      public void truncate(long size) throws IOException {
        real.truncate(size);
      }

      @Override
      public void close() throws IOException {
        real.close();
      }
    };
  }
}
