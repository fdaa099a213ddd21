package io.otium.lm.engine;

import io.otium.lm.engine.kernel.Memory;
import io.otium.lm.engine.kernel.Precision;
import io.otium.lm.engine.kernel.TileMatrix;
import io.otium.lm.engine.kernel.TilePacker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Packed matrices in the order a model asks for them: read from a cache file if it holds this model
 * packed this way, packed from the model's own weights otherwise. Packing takes a second for 135M
 * weights, reading 0.1. The cache is only ever a copy: one that is missing, torn or of another
 * version is made again.
 */
final class TileStore implements AutoCloseable {
  /** Changes whenever the layout of a packed matrix does. */
  private static final int VERSION = 4;

  private static final int HEADER = 512;
  private static final int SLICE = 8 << 20;

  private final Memory.Slab slab;
  private final @Nullable Path file;
  private final byte[] header;
  private final @Nullable FileChannel cached;
  private long at = HEADER;
  private final List<MemorySegment> packed = new ArrayList<>();

  /**
   * @param arena owns the matrices' memory
   * @param file where the cache is or will be; null for none
   * @param identity what the packed weights depend on: the model's files and the precision
   */
  TileStore(Arena arena, @Nullable Path file, String identity) {
    this.slab = new Memory.Slab(arena);
    this.file = file;
    byte[] text =
        ("otium packed weights " + VERSION + "\n" + identity).getBytes(StandardCharsets.UTF_8);
    this.header = Arrays.copyOf(text, HEADER);
    this.cached = open(file, header);
  }

  private static @Nullable FileChannel open(@Nullable Path file, byte[] header) {
    if (file == null || !Files.isRegularFile(file)) return null;
    try {
      FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
      ByteBuffer found = ByteBuffer.allocate(HEADER);
      while (found.hasRemaining() && channel.read(found, found.position()) > 0) {
        // until the header is whole or the file ends
      }
      // the last bytes written are the header again: a file cut short does not have them
      ByteBuffer end = ByteBuffer.allocate(HEADER);
      long from = Math.max(0, channel.size() - HEADER);
      while (end.hasRemaining() && channel.read(end, from + end.position()) > 0) {
        // as above
      }
      if (Arrays.equals(found.array(), header) && Arrays.equals(end.array(), header))
        return channel;
      channel.close();
    } catch (IOException unreadable) {
      // as good as missing
    }
    return null;
  }

  TileMatrix next(Precision precision, int outputs, int inputs, TilePacker.Rows rows) {
    long size = TileMatrix.bytes(precision, outputs, inputs);
    MemorySegment memory = slab.allocate(size);
    FileChannel from = cached;
    if (from == null) {
      packed.add(memory);
      return TilePacker.pack(precision, outputs, inputs, rows, memory);
    }
    long start = at;
    at += size;
    int slices = (int) ((size + SLICE - 1) / SLICE);
    IntStream.range(0, slices).parallel().forEach(i -> read(from, start, memory, (long) i * SLICE));
    return new TileMatrix(precision, outputs, inputs, memory);
  }

  private static void read(FileChannel from, long start, MemorySegment memory, long offset) {
    ByteBuffer slice =
        memory.asSlice(offset, Math.min(SLICE, memory.byteSize() - offset)).asByteBuffer();
    try {
      while (slice.hasRemaining()) {
        if (from.read(slice, start + offset + slice.position()) < 0) {
          throw new IOException("the cache of packed weights ends early");
        }
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /**
   * Writes the cache, if there was none. To a file beside it first, so that nobody sees half of it.
   */
  void save() throws IOException {
    Path target = file;
    if (cached != null || target == null) return;
    Files.createDirectories(target.getParent());
    Path part = Files.createTempFile(target.getParent(), target.getFileName().toString(), ".part");
    try (FileChannel out = FileChannel.open(part, StandardOpenOption.WRITE)) {
      write(out, ByteBuffer.wrap(header));
      for (MemorySegment matrix : packed) {
        for (long offset = 0; offset < matrix.byteSize(); offset += SLICE) {
          write(
              out,
              matrix.asSlice(offset, Math.min(SLICE, matrix.byteSize() - offset)).asByteBuffer());
        }
      }
      write(out, ByteBuffer.wrap(header));
    } catch (IOException failure) {
      Files.deleteIfExists(part);
      throw failure;
    }
    Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void write(FileChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) out.write(bytes);
  }

  @Override
  public void close() {
    try {
      if (cached != null) cached.close();
    } catch (IOException ignored) {
      // it was only read
    }
  }
}
