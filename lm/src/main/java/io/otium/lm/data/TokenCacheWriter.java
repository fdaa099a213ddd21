package io.otium.lm.data;

import io.otium.lm.text.LabelledTokens;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.function.Consumer;

/** Writes a {@link TokenCache} beside its place and moves it there when it is on the disk. */
final class TokenCacheWriter {
  private final FileChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
  private long[] starts = new long[1024];
  private int documents;
  private long tokens;
  private long learned;
  private long byText;
  private long endAdded;

  private TokenCacheWriter(FileChannel channel) {
    this.channel = channel;
  }

  static void write(Path file, Consumer<Consumer<LabelledTokens>> documents) throws IOException {
    Path part = Files.createTempFile(file.getParent(), "tokens", ".part");
    try {
      try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
        TokenCacheWriter writer = new TokenCacheWriter(channel);
        channel.position(TokenCache.HEADER);
        documents.accept(writer::add);
        writer.finish();
        channel.force(true);
      }
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private void add(LabelledTokens document) {
    if (documents + 1 == starts.length) {
      starts = Arrays.copyOf(starts, 2 * starts.length);
    }
    int[] ids = document.tokens();
    try {
      for (int i = 0; i < ids.length; i++) {
        boolean label = document.learned()[i];
        room(4).putInt(label ? ids[i] : ~ids[i]);
        learned += label ? 1 : 0;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    tokens += ids.length;
    starts[++documents] = tokens;
    byText += document.byText() ? 1 : 0;
    endAdded += document.endAdded() ? 1 : 0;
  }

  private void finish() throws IOException {
    for (int i = 0; i <= documents; i++) {
      room(8).putLong(starts[i]);
    }
    flush();
    ByteBuffer header = ByteBuffer.allocate(TokenCache.HEADER).order(ByteOrder.LITTLE_ENDIAN);
    header.putLong(TokenCache.MAGIC).putLong(documents).putLong(tokens);
    header.putLong(learned).putLong(byText).putLong(endAdded).rewind();
    for (long at = 0; header.hasRemaining(); ) {
      at += channel.write(header, at);
    }
  }

  private ByteBuffer room(int bytes) throws IOException {
    if (buffer.remaining() < bytes) {
      flush();
    }
    return buffer;
  }

  private void flush() throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
  }
}
