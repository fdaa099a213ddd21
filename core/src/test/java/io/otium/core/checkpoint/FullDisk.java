package io.otium.core.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/** A disk with room for so many more bytes. */
final class FullDisk implements Disk {
  private final AtomicLong room;
  private final String message;

  FullDisk(long bytes, String message) {
    this.room = new AtomicLong(bytes);
    this.message = message;
  }

  void addRoom(long bytes) {
    room.addAndGet(bytes);
  }

  @Override
  public Sink create(Path file) throws IOException {
    Sink sink = new FileDisk().create(file);
    return new Sink() {
      @Override
      public void write(ByteBuffer bytes, long offset) throws IOException {
        if (room.addAndGet(-bytes.remaining()) < 0) {
          room.addAndGet(bytes.remaining());
          throw new IOException(message);
        }
        sink.write(bytes, offset);
      }

      @Override
      public void force() throws IOException {
        sink.force();
      }

      @Override
      public void close() throws IOException {
        sink.close();
      }
    };
  }
}
