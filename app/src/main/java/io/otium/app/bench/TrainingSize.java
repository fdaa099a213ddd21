package io.otium.app.bench;

/**
 * How large a measured training is.
 *
 * @param rows of an update
 * @param rowLength tokens of a row
 * @param warmUps updates that are not timed
 * @param updates that are
 * @param shortest tokens of the shortest document; documents fill a row each where it is {@code
 *     rowLength}
 * @param longest tokens of the longest document
 */
record TrainingSize(int rows, int rowLength, int warmUps, int updates, int shortest, int longest) {
  /** Documents of one row each. */
  static TrainingSize filled(int rows, int rowLength, int warmUps, int updates) {
    return new TrainingSize(rows, rowLength, warmUps, updates, rowLength, rowLength);
  }

  /** Whether documents of different lengths share rows. */
  boolean packed() {
    return shortest < longest;
  }

  /** Tokens that the documents must have together; packing leaves some out. */
  long tokens() {
    long needed = (long) rows * rowLength * (warmUps + updates);
    return packed() ? needed + 2L * rowLength : needed;
  }
}
