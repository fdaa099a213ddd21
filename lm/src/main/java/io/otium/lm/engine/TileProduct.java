package io.otium.lm.engine;

import io.otium.lm.engine.kernel.ByteRows;
import io.otium.lm.engine.kernel.TileMatrix;

/** A product of several rows, rounded to bytes, with 8-bit weights as they lie in their tiles. */
final class TileProduct implements Linear.Wide {
  private final TileMatrix tiles;
  private final int parts;
  private final ByteRows[] rows;

  /**
   * @param parts that the outputs are divided in
   * @param rows one for each worker
   */
  TileProduct(TileMatrix tiles, int parts, ByteRows[] rows) {
    this.tiles = tiles;
    this.parts = parts;
    this.rows = rows;
  }

  @Override
  public void multiply(
      int worker,
      int fromPart,
      int toPart,
      float[] x,
      int xAt,
      int xStride,
      int count,
      float[] y,
      int yAt,
      int yStride,
      boolean add) {
    ByteRows own = rows[worker];
    int from = Linear.firstTile(tiles, fromPart, parts);
    int to = Linear.firstTile(tiles, toPart, parts);
    for (int r = 0; r < count; r += ByteRows.MOST) {
      own.take(x, xAt + r * xStride, xStride, Math.min(ByteRows.MOST, count - r), tiles.inputs());
      tiles.multiply(own, y, yAt + r * yStride, yStride, add, from, to);
    }
  }
}
