package io.otium.lm.data;

import io.otium.core.data.DataException;
import io.otium.core.data.DataFile;
import io.otium.core.data.Examples;
import io.otium.lm.text.LabelledTokens;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Tokenised documents in a file, mapped into memory. The file is named by a SHA-256 of all that it
 * was made from (the data's bytes, its columns, the tokenizer, the template), so it is used again
 * only where it would come out the same; it is written aside and moved into place when whole.
 *
 * <p>Little-endian: a header of 64 bytes (magic, documents, tokens, tokens to learn, documents that
 * were labelled by text, documents that got an end), an {@code int} for each token (see {@link
 * TokenDocuments#read}), a {@code long} for where each document begins, and one for the end.
 */
public final class TokenCache implements TokenDocuments, AutoCloseable {
  static final long MAGIC = 0x31_4b_54_4d_55_49_54_4fL; // OTIUMTK1
  static final int HEADER = 64;
  static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Rows between two reports of progress. */
  private static final int REPORTED = 256;

  private final Arena arena;
  private final MemorySegment map;
  private final int documents;
  private final long tokens;
  private final boolean built;

  private TokenCache(Arena arena, MemorySegment map, boolean built) {
    this.arena = arena;
    this.map = map;
    this.documents = Math.toIntExact(map.get(LONG, 8));
    this.tokens = map.get(LONG, 16);
    this.built = built;
  }

  /**
   * The tokens of a file's rows; tokenises them unless that was done before.
   *
   * @param folder of the caches; made if it is not there
   * @param rows hears of how many rows are tokenised, now and then
   * @throws DataException if a row cannot be read, with its line, or the cache cannot be written
   */
  public static TokenCache of(Path folder, DataFile file, Encoding encoding, LongConsumer rows) {
    String origin = new Sha256().add(file.sha256()).add("\n").add(encoding.description()).hex();
    return open(
        folder,
        origin,
        sink -> {
          long[] done = {0};
          file.forEach(
              encoding.columns(),
              row -> {
                sink.accept(encoding.encode(row));
                if (++done[0] % REPORTED == 0) {
                  rows.accept(done[0]);
                }
              });
        });
  }

  /** The same without reports. */
  public static TokenCache of(Path folder, DataFile file, Encoding encoding) {
    return of(folder, file, encoding, rows -> {});
  }

  /**
   * The tokens of examples that Otium makes itself.
   *
   * @param description all that the tokens depend on: generator, seed, tokenizer
   */
  public static <T> TokenCache of(
      Path folder, Examples<T> examples, String description, Function<T, LabelledTokens> encode) {
    return open(
        folder,
        new Sha256().add(examples.size() + "\n" + description).hex(),
        sink -> {
          for (int i = 0; i < examples.size(); i++) {
            sink.accept(encode.apply(examples.get(i)));
          }
        });
  }

  private static TokenCache open(
      Path folder, String origin, Consumer<Consumer<LabelledTokens>> documents) {
    Path file = folder.resolve(origin.substring(0, 32) + ".tokens");
    try {
      TokenCache whole = map(file, false);
      if (whole != null) {
        return whole;
      }
      Files.createDirectories(folder);
      TokenCacheWriter.write(file, documents);
      TokenCache made = map(file, true);
      if (made == null) {
        throw new IOException("it was changed meanwhile");
      }
      return made;
    } catch (IOException e) {
      throw new DataException(
          "the tokens cannot be kept in " + file + ": " + e.getMessage() + "; is the disk full?",
          e);
    }
  }

  /** The file if it is there and whole, else null. */
  private static @Nullable TokenCache map(Path file, boolean built) throws IOException {
    if (!Files.exists(file)) {
      return null;
    }
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size >= HEADER) {
        MemorySegment map = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
        long documents = map.get(LONG, 8);
        long tokens = map.get(LONG, 16);
        if (map.get(LONG, 0) == MAGIC && size == HEADER + 4 * tokens + 8 * (documents + 1)) {
          return new TokenCache(arena, map, built);
        }
      }
    } catch (IOException | RuntimeException e) {
      arena.close();
      throw e;
    }
    arena.close();
    return null;
  }

  @Override
  public int size() {
    return documents;
  }

  private long start(int document) {
    return map.get(LONG, HEADER + 4 * tokens + 8L * document);
  }

  @Override
  public int length(int document) {
    java.util.Objects.checkIndex(document, documents);
    return (int) (start(document + 1) - start(document));
  }

  @Override
  public int[] read(int document, int from, int count) {
    java.util.Objects.checkFromIndexSize(from, count, length(document));
    int[] part = new int[count];
    MemorySegment.copy(map, INT, HEADER + 4 * (start(document) + from), part, 0, count);
    return part;
  }

  /** Tokens of all documents. */
  public long tokens() {
    return tokens;
  }

  /** Tokens to learn. */
  public long learned() {
    return map.get(LONG, 24);
  }

  /** Documents whose chat template hid where the assistant speaks; see {@link LabelledTokens}. */
  public long byText() {
    return map.get(LONG, 32);
  }

  /** Documents that got an end token, because their chat template writes none. */
  public long endAdded() {
    return map.get(LONG, 40);
  }

  /** Whether it was made now, not found. */
  public boolean built() {
    return built;
  }

  @Override
  public void close() {
    arena.close();
  }
}
