package io.otium.core.checkpoint;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A tensor in a state tree: a view of memory that somebody else owns.
 *
 * @param shape of any rank; empty for a scalar; a size of 0 makes an empty tensor
 * @param strides in elements, one for each dimension, at least 0
 * @param data native or on the heap, from the tensor's first element on, little-endian
 * @param owner kept referenced until the data have been copied, so that nothing frees them; null if
 *     nothing would
 */
public record StateTensor(
    StateType type,
    List<Long> shape,
    List<Long> strides,
    MemorySegment data,
    Capture capture,
    @Nullable Object owner) {

  /** When a checkpoint takes its copy. */
  public enum Capture {
    /**
     * In the background, until the barrier before the next update; for what only updates change.
     */
    LAZY,
    /** Before {@code save} returns; for small state that other code changes at any time. */
    EAGER,
    /** Once, in a file of its own that later checkpoints name; for what never changes. */
    FROZEN
  }

  /**
   * @throws CheckpointException if shape and strides reach beyond the data
   */
  public StateTensor {
    shape = List.copyOf(shape);
    strides = List.copyOf(strides);
    if (strides.size() != shape.size()
        || shape.stream().anyMatch(size -> size < 0)
        || strides.stream().anyMatch(stride -> stride < 0)) {
      throw new CheckpointException(
          "a tensor has sizes and strides of at least 0, one stride for each size, not shape "
              + shape
              + " with strides "
              + strides);
    }
    long needed = reach(type, shape, strides);
    if (data.byteSize() < needed) {
      throw new CheckpointException(
          "a tensor of %s %s with strides %s needs %d bytes, not %d"
              .formatted(type, shape, strides, needed, data.byteSize()));
    }
  }

  /** A contiguous tensor, captured lazily. */
  public static StateTensor of(StateType type, List<Long> shape, MemorySegment data) {
    return new StateTensor(type, shape, contiguousStrides(shape), data, Capture.LAZY, null);
  }

  public StateTensor withCapture(Capture other) {
    return new StateTensor(type, shape, strides, data, other, owner);
  }

  public StateTensor ownedBy(Object other) {
    return new StateTensor(type, shape, strides, data, capture, other);
  }

  public long elements() {
    return shape.stream().reduce(1L, Math::multiplyExact);
  }

  /** Bytes of its elements, without what lies between them. */
  public long bytes() {
    return Math.multiplyExact(elements(), (long) type.bytes());
  }

  public boolean isContiguous() {
    if (elements() == 0) {
      return true;
    }
    long expected = 1;
    for (int i = shape.size() - 1; i >= 0; i--) {
      if (shape.get(i) != 1 && strides.get(i) != expected) {
        return false;
      }
      expected *= shape.get(i);
    }
    return true;
  }

  /** The elements in row-major order: a view where they lie so, else a copy on the heap. */
  MemorySegment contiguousData() {
    return isContiguous() ? data.asSlice(0, bytes()) : copy().data;
  }

  /**
   * A contiguous copy on the heap.
   *
   * @throws CheckpointException for 2 GiB or more
   */
  public StateTensor copy() {
    if (bytes() > Integer.MAX_VALUE - 8) {
      throw new CheckpointException(
          "a tensor that is copied at once has less than 2 GiB, not " + bytes() + " bytes");
    }
    MemorySegment target = MemorySegment.ofArray(new byte[(int) bytes()]);
    if (isContiguous()) {
      target.copyFrom(data.asSlice(0, bytes()));
    } else {
      gather(target, 0, 0, 0);
    }
    return new StateTensor(type, shape, contiguousStrides(shape), target, capture, null);
  }

  /** Copies one dimension's items, from element {@code from} on, to element {@code to} on. */
  private long gather(MemorySegment target, int dimension, long from, long to) {
    if (dimension == shape.size()) {
      int width = type.bytes();
      MemorySegment.copy(data, from * width, target, to * width, width);
      return to + 1;
    }
    long next = to;
    for (long i = 0; i < shape.get(dimension); i++) {
      next = gather(target, dimension + 1, from + i * strides.get(dimension), next);
    }
    return next;
  }

  private static List<Long> contiguousStrides(List<Long> shape) {
    List<Long> strides = new ArrayList<>();
    long stride = 1;
    for (int i = shape.size() - 1; i >= 0; i--) {
      strides.addFirst(stride);
      stride = Math.multiplyExact(stride, Math.max(1, shape.get(i)));
    }
    return strides;
  }

  private static long reach(StateType type, List<Long> shape, List<Long> strides) {
    long last = 0;
    for (int i = 0; i < shape.size(); i++) {
      if (shape.get(i) == 0) {
        return 0;
      }
      last = Math.addExact(last, Math.multiplyExact(shape.get(i) - 1, strides.get(i)));
    }
    return Math.multiplyExact(last + 1, (long) type.bytes());
  }
}
