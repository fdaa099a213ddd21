package io.otium.lm.model;

/** What an adapter makes of a product's matrix, some rows at a time. */
@FunctionalInterface
public interface RowUpdate {
  /**
   * Changes the rows {@code [first, first + count)}, which are in {@code into[at ..]}, whole and
   * row after row.
   */
  void addTo(int first, int count, float[] into, int at);
}
