package io.otium.core.data;

import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * A data set: examples by position. Made from memory, from a file ({@link DataFile#rows}) or from a
 * function that makes the example of a position when asked; {@code get} of one position always
 * gives the same example, and may be called by many threads.
 */
public interface Examples<T> {
  int size();

  /**
   * @throws IndexOutOfBoundsException if {@code index} is not in {@code [0, size)}
   */
  T get(int index);

  static <T> Examples<T> of(List<T> items) {
    List<T> kept = List.copyOf(items);
    return generated(kept.size(), kept::get);
  }

  /**
   * @param example a pure function of the position, such as one that draws from {@link
   *     SplitMix64#of} a seed and the position
   */
  static <T> Examples<T> generated(int size, IntFunction<T> example) {
    return new Examples<>() {
      @Override
      public int size() {
        return size;
      }

      @Override
      public T get(int index) {
        return example.apply(java.util.Objects.checkIndex(index, size));
      }
    };
  }

  /** One data set after the other; {@link Mixture} counts positions in the same way. */
  static <T> Examples<T> concat(List<? extends Examples<? extends T>> parts) {
    int[] starts = starts(parts.stream().mapToInt(Examples::size).toArray());
    return generated(
        starts[parts.size()],
        index -> {
          int part = part(starts, index);
          return parts.get(part).get(index - starts[part]);
        });
  }

  /** The examples at these positions, in this order. */
  default Examples<T> select(int[] indices) {
    int[] kept = indices.clone();
    return generated(kept.length, i -> get(kept[i]));
  }

  /** Each example changed when it is asked for. */
  default <R> Examples<R> map(Function<? super T, ? extends R> change) {
    return generated(size(), i -> change.apply(get(i)));
  }

  /** Where each part begins when they stand one after the other; the last entry is the end. */
  private static int[] starts(int[] sizes) {
    int[] starts = new int[sizes.length + 1];
    for (int i = 0; i < sizes.length; i++) {
      starts[i + 1] = Math.addExact(starts[i], sizes[i]);
    }
    return starts;
  }

  private static int part(int[] starts, int index) {
    int low = 0;
    int high = starts.length - 1;
    while (high - low > 1) {
      int middle = (low + high) >>> 1;
      if (starts[middle] <= index) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
