package io.otium.lm.data;

import io.otium.core.options.Doc;
import io.otium.core.options.Range;

/** How documents become rows; see {@link PackedRows}. */
@Doc("How documents become rows of one length.")
public record PackingOptions(
    @Doc("tokens in a row at most") @Range(min = 2) int rowLength,
    @Doc("whole documents together in a row, one stream cut into rows, or one document a row")
        Packing packing,
    @Doc("what becomes of a document longer than a row") TooLong tooLong) {
  public static final PackingOptions DEFAULTS =
      new PackingOptions(1024, Packing.WHOLE, TooLong.KEEP_START);

  /** How rows are filled. */
  public enum Packing {
    /** Documents stay whole; each goes where it fits best. */
    WHOLE,
    /** Documents follow each other and are cut where a row is full: every row is full. */
    STREAM,
    /** Every document has its own row. */
    NONE
  }

  /** What becomes of a document that no row holds; a stream holds all. */
  public enum TooLong {
    KEEP_START,
    KEEP_END,
    /** Cut into as many pieces as it takes. */
    SPLIT,
    DROP
  }
}
