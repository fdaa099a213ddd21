package io.otium.lm.format;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;

/**
 * A named tensor as it lies in its file. The memory belongs to the {@link TensorSource} it came
 * from and is gone when that is closed.
 *
 * @param shape row-major, outermost dimension first ({@code [rows, columns]}); empty for a scalar
 * @param data the numbers, little endian, exactly {@code type.bytes(elements())} bytes, and not
 *     necessarily aligned to more than a byte
 */
public record TensorData(String name, TensorType type, long[] shape, MemorySegment data)
    implements TensorNumbers {
  /** Bytes decoded at a time: stays in the first-level cache together with what comes out. */
  private static final int CHUNK_BYTES = 8192;

  public TensorData {
    long elements = TensorData.elements(shape);
    if (data.byteSize() != type.bytes(elements)) {
      throw new IllegalArgumentException(
          "tensor '%s' has %d bytes; %s %s needs %d"
              .formatted(
                  name, data.byteSize(), type, Arrays.toString(shape), type.bytes(elements)));
    }
  }

  /** The same numbers under another name. */
  public TensorData named(String other) {
    return new TensorData(other, type, shape, data);
  }

  /** A tensor over an array, which is not copied. */
  public static TensorData of(String name, long[] shape, float[] values) {
    return new TensorData(name, TensorType.F32, shape, MemorySegment.ofArray(values));
  }

  /**
   * Product of the dimensions.
   *
   * @throws IllegalArgumentException if one is negative
   * @throws ArithmeticException if the product exceeds a long
   */
  static long elements(long[] shape) {
    long product = 1;
    for (long size : shape) {
      if (size < 0) {
        throw new IllegalArgumentException("negative dimension in " + Arrays.toString(shape));
      }
      product = Math.multiplyExact(product, size);
    }
    return product;
  }

  /**
   * The same, dequantised.
   *
   * @throws IllegalArgumentException if {@code firstElement} is inside a block
   */
  @Override
  public void copyFloats(long firstElement, float[] out, int offset, int count) {
    Objects.checkFromIndexSize(firstElement, count, elements());
    Objects.checkFromIndexSize(offset, count, out.length);
    int blockSize = type.blockSize();
    int blockBytes = type.blockBytes();
    if (firstElement % blockSize != 0) {
      throw new IllegalArgumentException(
          "element %d of '%s' is inside a block; %s blocks start at multiples of %d"
              .formatted(firstElement, name, type, blockSize));
    }
    BlockDecoder decoder = BlockDecoder.of(type);
    int whole = count / blockSize;
    int chunkBlocks = Math.max(1, Math.min(whole, CHUNK_BYTES / blockBytes));
    byte[] chunk = new byte[chunkBlocks * blockBytes];
    long from = firstElement / blockSize * blockBytes;
    for (int done = 0; done < whole; ) {
      int blocks = Math.min(chunkBlocks, whole - done);
      MemorySegment.copy(data, ValueLayout.JAVA_BYTE, from, chunk, 0, blocks * blockBytes);
      decoder.decode(chunk, blocks, out, offset + done * blockSize);
      done += blocks;
      from += (long) blocks * blockBytes;
    }
    int rest = count - whole * blockSize;
    if (rest > 0) {
      float[] last = new float[blockSize];
      MemorySegment.copy(data, ValueLayout.JAVA_BYTE, from, chunk, 0, blockBytes);
      decoder.decode(chunk, 1, last, 0);
      System.arraycopy(last, 0, out, offset + count - rest, rest);
    }
  }

  /**
   * All numbers, dequantised, row by row.
   *
   * @throws IllegalStateException if they do not fit one Java array
   */
  public float[] floats() {
    long elements = elements();
    if (elements > Integer.MAX_VALUE - 8) {
      throw new IllegalStateException(
          "tensor '%s' has %d elements; an array holds at most %d"
              .formatted(name, elements, Integer.MAX_VALUE - 8));
    }
    float[] out = new float[(int) elements];
    copyFloats(0, out, 0, out.length);
    return out;
  }

  /**
   * Checks that every number, and so every scale of a block, is finite.
   *
   * @throws FormatException with the first element that is not
   */
  public void validate() throws FormatException {
    // A block that is NaN or infinite in its scale decodes to numbers that are.
    int step = 8192;
    float[] numbers = new float[(int) Math.min(step, elements())];
    long elements = elements();
    for (long first = 0; first < elements; first += step) {
      int count = (int) Math.min(step, elements - first);
      copyFloats(first, numbers, 0, count);
      for (int i = 0; i < count; i++) {
        if (!Float.isFinite(numbers[i])) {
          throw new FormatException(
              "tensor '%s' (%s): element %d is %s; allowed are finite numbers"
                  .formatted(name, type, first + i, numbers[i]));
        }
      }
    }
  }

  @Override
  public String toString() {
    return name + " " + type + " " + Arrays.toString(shape);
  }
}
