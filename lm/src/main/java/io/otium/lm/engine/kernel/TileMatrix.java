package io.otium.lm.engine.kernel;

import static io.otium.lm.engine.kernel.Lanes.LITTLE;
import static io.otium.lm.engine.kernel.Lanes.TILE;
import static io.otium.lm.engine.kernel.Precision.GROUP;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A weight matrix {@code [outputs, inputs]} in tiles of 16 outputs: first the scales of the tile's
 * spans of inputs, 16 side by side, then its codes, where a 32-bit lane holds 1, 2, 4 or 8
 * neighbouring inputs of one output and 16 outputs stand side by side. So a product needs no sums
 * across lanes, one load feeds 16 to 128 products, and a tile is one stream of memory whose loop
 * knows no groups.
 */
public final class TileMatrix {
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE);

  /** Up to so many rows are multiplied one by one (measured: sooner done than unpacking). */
  private static final int FEW = 4;

  private final Precision precision;
  private final int outputs;
  private final int inputs;
  private final int groups;
  private final long tileBytes;
  private final MemorySegment data;

  /**
   * @param data {@link #bytes} bytes, packed by {@link TilePacker}
   */
  public TileMatrix(Precision precision, int outputs, int inputs, MemorySegment data) {
    this.precision = precision;
    this.outputs = outputs;
    this.inputs = inputs;
    this.groups = Lanes.pad(inputs, GROUP) / GROUP;
    this.tileBytes = precision.tileBytes(groups);
    this.data = data;
    if (data.byteSize() < bytes(precision, outputs, inputs)) {
      throw new IllegalArgumentException(
          "a "
              + outputs
              + "×"
              + inputs
              + " matrix takes "
              + bytes(precision, outputs, inputs)
              + " bytes, not "
              + data.byteSize());
    }
  }

  /** Bytes of a packed matrix. */
  public static long bytes(Precision precision, int outputs, int inputs) {
    int tiles = Lanes.pad(outputs, TILE) / TILE;
    return tiles * precision.tileBytes(Lanes.pad(inputs, GROUP) / GROUP);
  }

  public int outputs() {
    return outputs;
  }

  public int inputs() {
    return inputs;
  }

  public Precision precision() {
    return precision;
  }

  public int tiles() {
    return Lanes.pad(outputs, TILE) / TILE;
  }

  /**
   * What a worker needs beside the operands of a product: room for the largest matrix it will meet.
   */
  public static final class Scratch {
    /** Two tiles' weights as floats, {@code [2][inputs][16]}. */
    private final float[] panels;

    /** Few rows, each input times what its place in a lane asks for. */
    final float[] scaled;

    /** What sums of 8 inputs begin with. */
    final float[] starts;

    /** The sum of each group of inputs. */
    final float[] sums;

    /** A tile's factors, {@code [groups][16]}. */
    final float[] factors;

    /** A tile's offsets, {@code [groups][16]}. */
    final float[] offsets;

    /** Rows as INT8's codes are rotated. */
    private float[] rotated;

    private float[] rotated(int floats) {
      if (rotated.length < floats) rotated = new float[floats];
      return rotated;
    }

    public Scratch(int mostInputs) {
      int k = Lanes.pad(mostInputs, GROUP);
      panels = new float[2 * TILE * k];
      rotated = new float[FEW * k];
      scaled = new float[FEW * k];
      starts = new float[FEW * k / 8];
      sums = new float[FEW * k / GROUP];
      factors = new float[TILE * (k / GROUP)];
      offsets = new float[TILE * (k / GROUP)];
    }
  }

  /**
   * {@code y[r] = W x[r]} (or {@code +=}) for the outputs of tiles {@code [fromTile, toTile)}.
   *
   * @param x rows {@code [rows, inputs]}; {@code inputs} padded with zeros to a multiple of 32
   * @param y rows {@code [rows, outputs]}; a row has room for {@code outputs} padded to a multiple
   *     of 16
   */
  public void multiply(
      float[] x,
      int xAt,
      int xStride,
      int rows,
      float[] y,
      int yAt,
      int yStride,
      boolean add,
      int fromTile,
      int toTile,
      Scratch scratch) {
    if (precision == Precision.INT8) {
      int k = groups * GROUP;
      float[] rotated = scratch.rotated(rows * k);
      for (int r = 0; r < rows; r++) {
        System.arraycopy(x, xAt + r * xStride, rotated, r * k, k);
        Hadamard.rotate(rotated, r * k, k, Precision.BLOCK);
      }
      plain(rotated, 0, k, rows, y, yAt, yStride, add, fromTile, toTile, scratch);
    } else {
      plain(x, xAt, xStride, rows, y, yAt, yStride, add, fromTile, toTile, scratch);
    }
  }

  /** With rows as the codes are: rotated or not. */
  private void plain(
      float[] x,
      int xAt,
      int xStride,
      int rows,
      float[] y,
      int yAt,
      int yStride,
      boolean add,
      int fromTile,
      int toTile,
      Scratch scratch) {
    int k = groups * GROUP;
    if (rows <= FEW) {
      few(x, xAt, xStride, rows, y, yAt, yStride, add, fromTile, toTile, scratch);
      return;
    }
    int tile = fromTile;
    for (; tile + 2 <= toTile; tile += 2) {
      unpack(tile, scratch.panels, 0, scratch);
      unpack(tile + 1, scratch.panels, TILE * k, scratch);
      MicroKernel.twoPanels(
          x,
          xAt,
          xStride,
          rows,
          k,
          scratch.panels,
          0,
          TILE,
          TILE * k,
          y,
          yAt + tile * TILE,
          yStride,
          add);
    }
    if (tile < toTile) {
      unpack(tile, scratch.panels, 0, scratch);
      MicroKernel.onePanel(
          x, xAt, xStride, rows, k, scratch.panels, 0, TILE, y, yAt + tile * TILE, yStride, add);
    }
  }

  /** A tile stays in the first-level cache while the rows take their turns. */
  private void few(
      float[] x,
      int xAt,
      int xStride,
      int rows,
      float[] y,
      int yAt,
      int yStride,
      boolean add,
      int fromTile,
      int toTile,
      Scratch scratch) {
    for (int r = 0; r < rows; r++) {
      OneRow.prepare(precision, x, xAt + r * xStride, groups, r, scratch);
    }
    for (int t = fromTile; t < toTile; t++) {
      for (int r = 0; r < rows; r++) {
        int from = xAt + r * xStride;
        int to = yAt + r * yStride + t * TILE;
        OneRow.multiply(precision, data, t * tileBytes, groups, x, from, y, to, add, r, scratch);
      }
    }
  }

  /**
   * One output's weights as floats: an embedding's row.
   *
   * @param out has room for {@code inputs} padded to a multiple of 32
   */
  public void row(int output, float[] out, int at) {
    int lane = output % TILE;
    long tile = output / TILE * tileBytes;
    long codes = tile + precision.scalesBytes(groups) + lane * 4L;
    int bits = 32 / precision.perLane;
    int mask = bits == 32 ? -1 : (1 << bits) - 1;
    for (int i = 0; i < groups * GROUP; i++) {
      int span = i / GROUP / precision.span;
      long scales = tile + (long) span * TILE * precision.scaleBytes;
      int word = data.get(INT, codes + (long) (i / precision.perLane) * TILE * 4);
      int code = word >>> (i % precision.perLane * bits) & mask;
      out[at + i] =
          switch (precision) {
            case FP32 -> Float.intBitsToFloat(code);
            case BF16 -> Lanes.fromBf16((short) code);
            case INT8 -> data.get(FLOAT, scales + lane * 4L) * ((byte) code / 256f);
            case INT4 ->
                Lanes.fromBf16(data.get(SHORT, scales + lane * 2L)) * code
                    + Lanes.fromBf16(data.get(SHORT, scales + lane * 2L + TILE * 2));
          };
    }
    if (precision == Precision.INT8) Hadamard.rotate(out, at, groups * GROUP, Precision.BLOCK);
    Arrays.fill(out, at + inputs, at + groups * GROUP, 0);
  }

  /**
   * The weights of outputs {@code [from, to)} as floats, {@code [to - from, inputs]}, on the
   * calling thread.
   */
  public float[] floats(int from, int to) {
    int k = groups * GROUP;
    float[] row = new float[k];
    float[] floats = new float[Math.multiplyExact(to - from, inputs)];
    for (int o = from; o < to; o++) {
      row(o, row, 0);
      System.arraycopy(row, 0, floats, (o - from) * inputs, inputs);
    }
    return floats;
  }

  /**
   * {@code y[r] = W x[r]} (or {@code +=}) for many rows of bytes, for the outputs of tiles {@code
   * [fromTile, toTile)} of 8-bit weights. Sums of products of bytes over each span are taken by
   * oneDNN, straight from the tiles.
   *
   * @param y as of {@link #multiply}
   */
  public void multiply(
      ByteRows x, float[] y, int yAt, int yStride, boolean add, int fromTile, int toTile) {
    if (precision != Precision.INT8) {
      throw new IllegalStateException("rows of bytes meet " + precision + " weights");
    }
    for (int t = fromTile; t < toTile; t++) {
      long tile = t * tileBytes;
      long codes = tile + precision.scalesBytes(groups);
      x.multiply(data, tile, codes, y, yAt + t * TILE, yStride, add);
    }
  }

  private void unpack(int t, float[] out, int outAt, Scratch scratch) {
    Unpacking.tile(precision, data, t * tileBytes, groups, out, outAt, scratch);
  }
}
