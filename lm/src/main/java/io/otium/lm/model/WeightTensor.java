package io.otium.lm.model;

import io.otium.lm.format.TensorData;
import org.jspecify.annotations.Nullable;

/**
 * One weight under its canonical name, {@code [rows, columns]} with outputs as rows; a vector has
 * one column. Values are read from the file on demand, in the order that the forward pass wants:
 * parts of fused tensors, transposed ones and interleaved heads are sorted out here and seen
 * nowhere else.
 */
public final class WeightTensor {
  /** The bits of infinity; those of NaN are larger. */
  private static final int INFINITE = Float.floatToRawIntBits(Float.POSITIVE_INFINITY);

  private final String name;
  private final TensorData data;
  private final int rows;
  private final int columns;
  private final int firstRow;
  private final boolean transposed;
  private final int interleavedHead;
  private final @Nullable RowUpdate update;

  /**
   * @param firstRow the stored row that is row 0 here
   * @param transposed whether the file has inputs as rows
   * @param interleavedHead elements of the heads whose halves alternate in the file; 0 for none
   */
  WeightTensor(
      String name,
      TensorData data,
      int rows,
      int columns,
      int firstRow,
      boolean transposed,
      int interleavedHead) {
    this(name, data, rows, columns, firstRow, transposed, interleavedHead, null);
  }

  private WeightTensor(
      String name,
      TensorData data,
      int rows,
      int columns,
      int firstRow,
      boolean transposed,
      int interleavedHead,
      @Nullable RowUpdate update) {
    this.name = name;
    this.data = data;
    this.rows = rows;
    this.columns = columns;
    this.firstRow = firstRow;
    this.transposed = transposed;
    this.interleavedHead = interleavedHead;
    this.update = update;
  }

  /** The same with an adapter's update added to what the file holds. */
  WeightTensor with(RowUpdate added) {
    return new WeightTensor(
        name, data, rows, columns, firstRow, transposed, interleavedHead, added);
  }

  /** E.g. {@code layer(3).q}; its bias is {@code layer(3).q.bias}. */
  public String name() {
    return name;
  }

  public int rows() {
    return rows;
  }

  public int columns() {
    return columns;
  }

  public long size() {
    return (long) rows * columns;
  }

  /** All values, row after row: {@code [rows, columns]}. */
  public float[] floats() {
    float[] all = new float[Math.toIntExact(size())];
    read(0, rows, all, 0);
    return all;
  }

  /**
   * Some rows' values.
   *
   * @param into receives {@code count · columns} values from index {@code at} on
   * @throws DamagedWeightException if one is NaN or infinite
   */
  public void read(int first, int count, float[] into, int at) {
    if (first < 0 || count < 0 || count > rows - first) {
      throw new IndexOutOfBoundsException(
          "rows "
              + first
              + " to "
              + ((long) first + count)
              + " of "
              + name
              + ", which has "
              + rows);
    }
    if (transposed) {
      readTransposed(first, count, into, at);
    } else if (interleavedHead > 0) {
      for (int row = 0; row < count; row++) {
        long stored = storedRow(first + row);
        data.copyFloats(stored * columns, into, at + row * columns, columns);
      }
    } else {
      data.copyFloats((long) (firstRow + first) * columns, into, at, count * columns);
    }
    if (update != null) update.addTo(first, count, into, at);
    requireFinite(first, into, at, count * columns);
  }

  /** In two loops, of which the JVM makes vector code of the first. */
  private void requireFinite(int first, float[] values, int at, int n) {
    int largest = 0;
    for (int i = at; i < at + n; i++) {
      largest = Math.max(largest, Float.floatToRawIntBits(values[i]) & Integer.MAX_VALUE);
    }
    if (largest < INFINITE) return;
    for (int i = 0; i < n; i++) {
      if (!Float.isFinite(values[at + i])) {
        throw new DamagedWeightException(name, first + i / columns, i % columns, values[at + i]);
      }
    }
  }

  private void readTransposed(int first, int count, float[] into, int at) {
    long storedColumns = data.shape()[1];
    float[] ofOneInput = new float[count];
    for (int column = 0; column < columns; column++) {
      data.copyFloats(column * storedColumns + firstRow + first, ofOneInput, 0, count);
      for (int row = 0; row < count; row++) {
        into[at + row * columns + column] = ofOneInput[row];
      }
    }
  }

  /**
   * Whether each row here is one row of {@link #stored()}, so that a kernel may read the file's own
   * bytes.
   */
  public boolean rowsAreStored() {
    return !transposed && update == null;
  }

  /** Whether an adapter's update is added to what the file holds. */
  public boolean isAdapted() {
    return update != null;
  }

  /** Which row of {@link #stored()} is this row. */
  public int storedRow(int row) {
    if (interleavedHead == 0) {
      return firstRow + row;
    }
    // Stored: first half's 0, second half's 0, first half's 1, … of each head.
    int half = interleavedHead / 2;
    int inHead = row % interleavedHead;
    return firstRow + row - inHead + 2 * (inHead % half) + inHead / half;
  }

  /** The file's tensor, which may be larger than this weight. */
  public TensorData stored() {
    return data;
  }

  @Override
  public String toString() {
    return name + " [" + rows + ", " + columns + "]";
  }
}
