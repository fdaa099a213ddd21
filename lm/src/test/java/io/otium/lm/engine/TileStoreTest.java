package io.otium.lm.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.otium.lm.engine.kernel.Precision;
import io.otium.lm.engine.kernel.TileMatrix;
import io.otium.lm.engine.kernel.TilePacker;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TileStoreTest {
  private static final TilePacker.Rows ROWS =
      (output, out, at) -> {
        for (int i = 0; i < 64; i++) out[at + i] = (output * 31 + i * 7) % 13 - 6;
      };
  private static final TilePacker.Rows NONE =
      (output, out, at) -> {
        throw new AssertionError("packed again");
      };

  @TempDir Path folder;

  @Test
  void readsBackWhatItPackedWithoutLookingAtTheWeights() throws IOException {
    Path file = folder.resolve("deep/cache.tiles");
    try (Arena arena = Arena.ofShared()) {
      float[] first = store(arena, file, "model a", ROWS);
      assertThat(store(arena, file, "model a", NONE)).isEqualTo(first);
    }
  }

  @Test
  void packsAgainWhenTheModelIsAnotherOrTheFileIsCutShort() throws IOException {
    Path file = folder.resolve("cache.tiles");
    try (Arena arena = Arena.ofShared()) {
      float[] first = store(arena, file, "model a", ROWS);
      assertThat(store(arena, file, "model b", ROWS)).isEqualTo(first);
      try (var cut = new RandomAccessFile(file.toFile(), "rw")) {
        cut.setLength(cut.length() - 100);
      }
      assertThat(store(arena, file, "model b", ROWS)).isEqualTo(first);
      assertThat(store(arena, file, "model b", NONE)).isEqualTo(first);
      Files.write(file, new byte[0]);
      assertThat(store(arena, file, "model b", ROWS)).isEqualTo(first);
    }
  }

  private static float[] store(Arena arena, Path file, String identity, TilePacker.Rows rows)
      throws IOException {
    try (var store = new TileStore(arena, file, identity)) {
      TileMatrix small = store.next(Precision.INT8, 40, 64, rows);
      TileMatrix other = store.next(Precision.FP32, 16, 64, rows);
      store.save();
      float[] both = Arrays.copyOf(small.floats(0, small.outputs()), 56 * 64);
      System.arraycopy(other.floats(0, other.outputs()), 0, both, 40 * 64, 16 * 64);
      return both;
    }
  }
}
