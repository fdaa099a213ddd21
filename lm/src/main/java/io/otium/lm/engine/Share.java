package io.otium.lm.engine;

import io.otium.lm.engine.kernel.TileMatrix;

/**
 * A worker's share of a step.
 *
 * @param byRows whether products divide the rows among the workers instead of the weights
 * @param scratch for the products
 */
record Share(int worker, int workers, int rows, boolean byRows, TileMatrix.Scratch scratch) {
  int firstRow() {
    return rows * worker / workers;
  }

  int endRow() {
    return rows * (worker + 1) / workers;
  }
}
