package io.otium.lm.format;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/** A tensor on its way into a file, converted chunk by chunk while it is written. */
record OutputTensor(TensorNumbers source, TensorType type) {
  /** Numbers converted at a time; a multiple of every block size. */
  private static final int CHUNK = 1 << 16;

  OutputTensor {
    if (!isStoredAs(source, type)) {
      BlockEncoder.of(type); // refuses what cannot be written
      long[] shape = source.shape();
      long columns = shape.length == 0 ? 1 : shape[shape.length - 1];
      if (columns % type.blockSize() != 0) {
        throw new IllegalArgumentException(
            "tensor '%s' has rows of %d numbers; %s needs multiples of %d"
                .formatted(source.name(), columns, type, type.blockSize()));
      }
    }
  }

  /** Whether the source lies in memory in just this type. */
  private static boolean isStoredAs(TensorNumbers source, TensorType type) {
    return source instanceof TensorData stored && stored.type() == type;
  }

  String name() {
    return source.name();
  }

  long bytes() {
    return type.bytes(source.elements());
  }

  void write(Path target, OutputStream out) throws IOException {
    if (source instanceof TensorData stored && stored.type() == type) {
      copy(stored, out);
    } else {
      convert(target, out);
    }
  }

  private static void copy(TensorData source, OutputStream out) throws IOException {
    long size = source.data().byteSize();
    byte[] chunk = new byte[(int) Math.min(1 << 18, size)];
    for (long at = 0; at < size; at += chunk.length) {
      int length = (int) Math.min(chunk.length, size - at);
      MemorySegment.copy(source.data(), ValueLayout.JAVA_BYTE, at, chunk, 0, length);
      out.write(chunk, 0, length);
    }
  }

  private void convert(Path target, OutputStream out) throws IOException {
    BlockEncoder encoder = BlockEncoder.of(type);
    long elements = source.elements();
    float[] numbers = new float[(int) Math.min(CHUNK, elements)];
    byte[] bytes = new byte[(int) type.bytes(numbers.length)];
    for (long first = 0; first < elements; first += CHUNK) {
      int count = (int) Math.min(CHUNK, elements - first);
      source.copyFloats(first, numbers, 0, count);
      try {
        encoder.encode(numbers, count / type.blockSize(), bytes);
      } catch (BlockEncoder.NotEncodable e) {
        throw new FormatException(
            target,
            "tensor '%s': %s at element %d is beyond what %s can hold"
                .formatted(name(), numbers[e.index], first + e.index, type));
      }
      out.write(bytes, 0, (int) type.bytes(count));
    }
  }
}
