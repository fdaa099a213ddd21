package io.otium.lm.engine;

import io.otium.lm.engine.kernel.TileMatrix;

/**
 * A worker's share of a step.
 *
 * @param division how products are divided among the workers
 * @param scratch for the products
 */
record Share(int worker, int workers, int rows, Division division, TileMatrix.Scratch scratch) {
  /** Who does what of a product. */
  enum Division {
    /** Each worker some of the weights' tiles, for all rows. */
    TILES,
    /** Each worker some outputs of the wide kernels, for all rows. */
    OUTPUTS,
    /** Each worker all outputs of the wide kernels, for some rows. */
    ROWS
  }

  boolean byRows() {
    return division == Division.ROWS;
  }

  /** The same for small products, whose tiles are read sooner than a wide kernel is called. */
  Share ofSmallProducts() {
    return byRows() ? this : new Share(worker, workers, rows, Division.TILES, scratch);
  }

  int firstRow() {
    return rows * worker / workers;
  }

  int endRow() {
    return rows * (worker + 1) / workers;
  }
}
