package io.otium.core.checkpoint;

import java.util.List;

/**
 * Where a tensor lies in a file: bytes {@code begin} to {@code end} (exclusive) after the header.
 */
record TensorRange(String key, StateType type, List<Long> shape, long begin, long end) {
  TensorRange {
    shape = List.copyOf(shape);
  }

  long bytes() {
    return end - begin;
  }
}
