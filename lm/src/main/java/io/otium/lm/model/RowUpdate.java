package io.otium.lm.model;

/** What an adapter adds to a product's matrix, some rows at a time. */
@FunctionalInterface
public interface RowUpdate {
  /**
   * Adds the update's rows {@code [first, first + count)} to {@code into[at ..]}, row after row.
   */
  void addTo(int first, int count, float[] into, int at);
}
