package io.otium.lm.engine;

import io.otium.lm.model.ModelConfig;
import io.otium.lm.model.Rope;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cosines and sines of the rotary angles, a row a position, made as far as positions have been
 * asked for.
 */
final class RopeTable {
  private final @Nullable Rope rope;
  private final int half;
  private final float[] frequencies;
  private volatile float[] table = new float[0];
  private int positions;

  RopeTable(ModelConfig config) {
    rope = config.rope();
    half = config.headDim() / 2;
    frequencies = rope == null ? new float[0] : rope.inverseFrequencies(config.headDim());
  }

  /** {@code [position][half cosines, half sines]}; valid for rows asked for before. */
  float[] table() {
    return table;
  }

  /** Where a position's row begins in {@link #table}. */
  int row(int position) {
    if ((position + 1) * 2 * half > table.length) extend(position);
    return position * 2 * half;
  }

  private synchronized void extend(int position) {
    int need = Math.max(position + 1, Math.max(256, 2 * positions));
    if (need <= positions || rope == null) return;
    float[] longer = Arrays.copyOf(table, need * 2 * half);
    for (int p = positions; p < need; p++) {
      rope.angles(p, frequencies, longer, p * 2 * half);
    }
    positions = need;
    table = longer;
  }
}
