package io.otium.lm.format;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a GGUF file (version 3, little endian) in the order in which things were added. Tensors
 * keep their type or are converted to F32, F16, BF16, Q8_0 or Q4_0 while they are written, one
 * chunk at a time.
 */
public final class GgufWriter {
  private static final int VERSION = 3;

  private final Map<String, GgufValue> values = new LinkedHashMap<>();
  private final Map<String, OutputTensor> tensors = new LinkedHashMap<>();

  /** Sets a metadata value, in place of one with the same key. */
  public GgufWriter value(String key, GgufValue value) {
    values.put(key, value);
    return this;
  }

  /** Sets metadata as {@link GgufFile#values()} gives it. */
  public GgufWriter values(Map<String, GgufValue> more) {
    values.putAll(more);
    return this;
  }

  /** Adds a tensor as it is. */
  public GgufWriter tensor(TensorData tensor) {
    return tensor(tensor, tensor.type());
  }

  /**
   * Adds a tensor, converted.
   *
   * @throws IllegalArgumentException for a type that GGUF does not have or that nothing can be
   *     converted to, rows that are no whole number of blocks, more than four dimensions, none of
   *     any length, or a name that is taken
   */
  public GgufWriter tensor(TensorNumbers tensor, TensorType as) {
    String name = tensor.name();
    if (as.ggufId() < 0) {
      throw new IllegalArgumentException(
          "tensor '%s' is %s; GGUF holds %s".formatted(name, as, TensorType.ggufNames()));
    }
    int dimensions = tensor.shape().length;
    if (dimensions > GgufParser.MAX_DIMENSIONS) {
      throw new IllegalArgumentException(
          "tensor '%s' has %d dimensions; GGUF allows %d"
              .formatted(name, dimensions, GgufParser.MAX_DIMENSIONS));
    }
    if (tensor.elements() == 0) {
      throw new IllegalArgumentException(
          "tensor '" + name + "' is empty; GGUF needs at least one element");
    }
    if (tensors.putIfAbsent(name, new OutputTensor(tensor, as)) != null) {
      throw new IllegalArgumentException(
          "tensor '" + name + "' was added already; names must be unique");
    }
    return this;
  }

  /**
   * Writes the file: whole or, if anything fails, not at all.
   *
   * @throws FormatException if the disk is full or a number does not fit the type it should have
   */
  public void write(Path target) throws IOException {
    int alignment = alignment();
    byte[] header = header(alignment);
    AtomicFile.write(
        target,
        out -> {
          out.write(header);
          pad(out, header.length, alignment);
          for (OutputTensor tensor : tensors.values()) {
            tensor.write(target, out);
            pad(out, tensor.bytes(), alignment);
          }
        });
  }

  private int alignment() {
    GgufValue value = values.get(GgufParser.ALIGNMENT_KEY);
    if (value == null) return GgufParser.DEFAULT_ALIGNMENT;
    if (value.type() == GgufType.UINT32
        && value.value() instanceof Long number
        && number >= 8
        && number <= 1 << 20
        && Long.bitCount(number) == 1) {
      return number.intValue();
    }
    throw new IllegalArgumentException(
        GgufParser.ALIGNMENT_KEY + " must be a UINT32 and a power of two from 8 to 1048576");
  }

  private byte[] header(int alignment) {
    var out = new Output();
    out.putInt(GgufParser.MAGIC);
    out.putInt(VERSION);
    out.putLong(tensors.size());
    out.putLong(values.size());
    values.forEach(
        (key, value) -> {
          out.putString(key);
          out.putInt(value.type().id());
          out.putValue(value);
        });
    long offset = 0;
    for (OutputTensor tensor : tensors.values()) {
      out.putString(tensor.name());
      long[] shape = tensor.source().shape();
      out.putInt(shape.length);
      for (int i = shape.length - 1; i >= 0; i--) out.putLong(shape[i]); // innermost first
      out.putInt(tensor.type().ggufId());
      out.putLong(offset);
      offset += Math.ceilDiv(tensor.bytes(), (long) alignment) * alignment;
    }
    return out.toByteArray();
  }

  private static void pad(OutputStream out, long written, int alignment) throws IOException {
    out.write(new byte[(int) (Math.ceilDiv(written, (long) alignment) * alignment - written)]);
  }

  /** A header being put together: little-endian numbers, strings behind their lengths. */
  private static final class Output {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(1 << 16);
    private final ByteBuffer number = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);

    void putInteger(long value, int width) {
      bytes.write(number.putLong(0, value).array(), 0, width);
    }

    void putInt(int value) {
      putInteger(value, Integer.BYTES);
    }

    void putLong(long value) {
      putInteger(value, Long.BYTES);
    }

    void putString(String text) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      putLong(utf8.length);
      bytes.writeBytes(utf8);
    }

    void putValue(GgufValue value) {
      GgufType element = value.element();
      switch (value.value()) {
        case Long whole -> putInteger(whole, value.type().leastBytes());
        case Float real -> putInt(Float.floatToRawIntBits(real));
        case Double real -> putLong(Double.doubleToRawLongBits(real));
        case Boolean flag -> bytes.write(flag ? 1 : 0);
        case String text -> putString(text);
        case Object array when element != null -> putArray(element, array);
        default -> throw new AssertionError(value.value().getClass());
      }
    }

    private void putArray(GgufType element, Object array) {
      putInt(element.id());
      switch (array) {
        case int[] numbers -> {
          putLong(numbers.length);
          for (int x : numbers) putInteger(x, element.leastBytes());
        }
        case long[] numbers -> {
          putLong(numbers.length);
          for (long x : numbers) putInteger(x, element.leastBytes());
        }
        case float[] numbers -> {
          putLong(numbers.length);
          for (float x : numbers) putInt(Float.floatToRawIntBits(x));
        }
        case double[] numbers -> {
          putLong(numbers.length);
          for (double x : numbers) putLong(Double.doubleToRawLongBits(x));
        }
        case boolean[] flags -> {
          putLong(flags.length);
          for (boolean x : flags) bytes.write(x ? 1 : 0);
        }
        case List<?> list -> {
          putLong(list.size());
          for (Object x : list) {
            if (x instanceof GgufValue nested && nested.element() != null) putValue(nested);
            else putString((String) x);
          }
        }
        default -> throw new AssertionError(array.getClass());
      }
    }

    byte[] toByteArray() {
      return bytes.toByteArray();
    }
  }
}
