package io.otium.lm.engine;

import io.otium.lm.engine.kernel.Elementwise;
import io.otium.lm.engine.kernel.TileMatrix;
import org.jspecify.annotations.Nullable;

/**
 * A product {@code y = W x + b} of the model. Few rows: the weights are divided among the workers,
 * so that each is read once. Many rows, where a wide kernel is there: the rows are divided, so that
 * nobody waits for another.
 */
final class Linear {
  /**
   * A product of several rows by one worker, in as many parts (of outputs) as there are workers.
   */
  interface Wide {
    /** Multiplies the rows with parts {@code [fromPart, toPart)}. */
    void multiply(
        int worker,
        int fromPart,
        int toPart,
        float[] x,
        int xAt,
        int xStride,
        int rows,
        float[] y,
        int yAt,
        int yStride,
        boolean add);
  }

  private final TileMatrix tiles;
  private final float @Nullable [] bias;
  private volatile @Nullable Wide wide;

  Linear(TileMatrix tiles, float @Nullable [] bias) {
    this.tiles = tiles;
    this.bias = bias;
  }

  TileMatrix tiles() {
    return tiles;
  }

  void widen(Wide kernel) {
    wide = kernel;
  }

  /** This worker's share of {@code y = W x + b}, or {@code y += W x + b}. */
  void apply(Share share, float[] x, int xStride, float[] y, int yStride, boolean add) {
    apply(share, 0, share.rows(), x, xStride, y, yStride, add);
  }

  /** The same of the rows {@code [fromRow, endRow)} of the step. */
  void apply(
      Share share,
      int fromRow,
      int endRow,
      float[] x,
      int xStride,
      float[] y,
      int yStride,
      boolean add) {
    Wide kernel = wide;
    if (share.byRows()) {
      int first = Math.max(fromRow, share.firstRow());
      int rows = Math.min(endRow, share.endRow()) - first;
      if (rows <= 0) return;
      int xAt = first * xStride;
      int yAt = first * yStride;
      boolean onto = preloadBias(y, yAt, yStride, rows, 0, tiles.outputs(), add);
      if (kernel != null) {
        int all = share.workers();
        kernel.multiply(share.worker(), 0, all, x, xAt, xStride, rows, y, yAt, yStride, onto);
      } else {
        int all = tiles.tiles();
        tiles.multiply(x, xAt, xStride, rows, y, yAt, yStride, onto, 0, all, share.scratch());
      }
      return;
    }
    int from = firstTile(tiles, share.worker(), share.workers());
    int to = firstTile(tiles, share.worker() + 1, share.workers());
    if (from == to) return;
    int end = Math.min(to * 16, tiles.outputs());
    int rows = endRow - fromRow;
    int xAt = fromRow * xStride;
    int yAt = fromRow * yStride;
    boolean onto = preloadBias(y, yAt, yStride, rows, from * 16, end, add);
    if (share.division() == Share.Division.OUTPUTS && kernel != null) {
      int part = share.worker();
      kernel.multiply(part, part, part + 1, x, xAt, xStride, rows, y, yAt, yStride, onto);
    } else {
      tiles.multiply(x, xAt, xStride, rows, y, yAt, yStride, onto, from, to, share.scratch());
    }
  }

  /** Where a worker's part of the tiles begins. */
  static int firstTile(TileMatrix tiles, int worker, int workers) {
    return tiles.tiles() * worker / workers;
  }

  private boolean preloadBias(
      float[] y, int yAt, int yStride, int rows, int from, int to, boolean add) {
    float[] b = bias;
    if (b == null) return add;
    for (int r = 0; r < rows; r++) {
      int at = yAt + r * yStride + from;
      if (add) Elementwise.add(y, at, b, from, to - from);
      else System.arraycopy(b, from, y, at, to - from);
    }
    return true;
  }
}
